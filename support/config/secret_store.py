"""Settings from a store of secrets: HashiCorp Vault (KV version 2) or AWS Systems Manager Parameter Store.

Read once, when a process starts, before everything else. What the environment or a file says wins. A store that does
not answer is tried three times; then the process does not start, and says why: names of settings and of faults, never
values.
The store is reached directly, not through HTTP_PROXY.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

TIMEOUT_SECS = 5.0
ATTEMPTS = 3
BACKOFF_SECS = 0.5
LONGEST_WAIT_SECS = 10.0
MOST_PARAMETERS = 1000
AWS_EXTRA = "pip install -r requirements-aws.txt -c constraints.txt"
AGAIN = frozenset({429, 500, 502, 503, 504})
THROTTLED = ("ThrottlingException", "TooManyUpdates", "InternalServerError")

Values = Mapping[str, str]


class StoreFault(Exception):
    """`setting` is the one to look at; `sentence` says what is wrong, without any value."""

    def __init__(self, setting: str, sentence: str) -> None:
        super().__init__(f"{setting}: {sentence}")
        self.setting = setting
        self.sentence = sentence


def fetch(settings: Values) -> dict[str, str]:
    """Everything that the chosen store holds, by name. `settings` are raw values: `BOOTSTRAP` and DJANGO_ENV count.

    Raises StoreFault.
    """
    provider = PROVIDERS.get(settings.get("SECRETS_PROVIDER", ""))
    return {} if provider is None else provider(settings)


def _vault(settings: Values) -> dict[str, str]:
    address, token = _address(settings, "VAULT_ADDR", ""), _needed(settings, "VAULT_TOKEN")
    path = settings.get("VAULT_SECRET_PATH") or "secret/adminara"
    mount, _slash, rest = path.strip("/").partition("/")
    if not rest:
        raise StoreFault("VAULT_SECRET_PATH", "must be the mount and the path, such as secret/adminara")
    headers = {"X-Vault-Token": token, "X-Vault-Request": "true"}
    if settings.get("VAULT_NAMESPACE"):
        headers["X-Vault-Namespace"] = settings["VAULT_NAMESPACE"]
    url = f"{address}/v1/{quote(mount)}/data/{quote(rest)}"
    answer = _asked("VAULT_ADDR", lambda client: client.get(url, headers=headers))
    if answer.status_code in (401, 403):
        fault = f"Vault refuses it (HTTP {answer.status_code}): expired, or without a policy for the path"
        raise StoreFault("VAULT_TOKEN", fault)
    if answer.status_code == 404:
        raise StoreFault("VAULT_SECRET_PATH", "Vault has nothing there (HTTP 404): is it a KV version 2 path?")
    body = _json("VAULT_ADDR", answer)
    found = body.get("data", {}).get("data") if isinstance(body.get("data"), dict) else None
    if not isinstance(found, dict):
        raise StoreFault("VAULT_SECRET_PATH", "Vault's answer holds no KV version 2 secret")
    return {str(name): _text(value) for name, value in found.items() if value is not None}


def _parameter_store(settings: Values) -> dict[str, str]:
    """Through AWS' own library, an extra. Without a key it finds the role of the instance or container by itself."""
    region = _needed(settings, "AWS_REGION")
    path = "/" + (settings.get("AWS_PARAMETER_PATH") or "/adminara").strip("/")
    address = _address(settings, "AWS_ENDPOINT_URL_SSM", f"https://ssm.{region}.amazonaws.com")
    try:
        import boto3
        from botocore import exceptions
    except ImportError:
        raise StoreFault("SECRETS_PROVIDER", f"aws-parameter-store needs boto3: `{AWS_EXTRA}`") from None
    # At DEBUG it would log what comes back.
    logging.getLogger("botocore").setLevel(logging.WARNING)
    try:
        found = _parameters(boto3.client("ssm", region, endpoint_url=address, **_aws_options(settings)), path)
    except (exceptions.NoCredentialsError, exceptions.PartialCredentialsError):
        fault = "and AWS_SECRET_ACCESS_KEY are needed, both or neither; without them no role was found"
        raise StoreFault("AWS_ACCESS_KEY_ID", fault) from None
    except exceptions.ClientError as error:
        raise _refused(error.response) from None
    except (exceptions.BotoCoreError, ValueError) as error:
        fault = f"the store does not answer ({type(error).__name__}); tried {ATTEMPTS} times"
        raise StoreFault("AWS_ENDPOINT_URL_SSM", fault) from None
    if not found:
        raise StoreFault("AWS_PARAMETER_PATH", "Parameter Store has nothing under that path")
    return found


def _aws_options(settings: Values) -> dict[str, Any]:
    from botocore.config import Config

    return {
        "aws_access_key_id": settings.get("AWS_ACCESS_KEY_ID") or None,
        "aws_secret_access_key": settings.get("AWS_SECRET_ACCESS_KEY") or None,
        "aws_session_token": settings.get("AWS_SESSION_TOKEN") or None,
        "config": Config(
            connect_timeout=TIMEOUT_SECS,
            read_timeout=TIMEOUT_SECS,
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            proxies={},
        ),
    }


def _parameters(ssm: Any, path: str) -> dict[str, str]:
    """Everything directly under `path`, by the last part of its name."""
    bounds = {"PageSize": 10, "MaxItems": MOST_PARAMETERS}
    pages = ssm.get_paginator("get_parameters_by_path")
    return {
        str(parameter["Name"]).rpartition("/")[2]: str(parameter["Value"])
        for page in pages.paginate(Path=path, WithDecryption=True, PaginationConfig=bounds)
        for parameter in page["Parameters"]
    }


def _refused(answer: Mapping[str, Any]) -> StoreFault:
    """AWS' name of the fault, without its sentence: that may quote what was sent."""
    kind = str(answer.get("Error", {}).get("Code", ""))
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode")
    if status in AGAIN or kind in THROTTLED:
        sentence = f"the store cannot answer now (HTTP {status}, {kind}); tried {ATTEMPTS} times"
        return StoreFault("AWS_ENDPOINT_URL_SSM", sentence)
    blamed = "AWS_PARAMETER_PATH" if "AccessDenied" in kind or "Validation" in kind else "AWS_ACCESS_KEY_ID"
    return StoreFault(blamed, f"Parameter Store refuses (HTTP {status}, {kind or 'no reason given'})")


def _asked(setting: str, ask: Callable[[httpx.Client], httpx.Response]) -> httpx.Response:
    """The answer, after a few attempts; StoreFault with what was wrong the last time."""
    fault = ""
    for attempt in range(ATTEMPTS):
        wait = BACKOFF_SECS * 2**attempt
        try:
            with httpx.Client(timeout=TIMEOUT_SECS, trust_env=False, follow_redirects=False) as client:
                answer = ask(client)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            fault = f"the store does not answer ({type(error).__name__})"
        else:
            if answer.status_code not in AGAIN:
                return answer
            fault = f"the store cannot answer now (HTTP {answer.status_code})"
            wait = max(wait, _retry_after(answer))
        if attempt + 1 < ATTEMPTS:
            time.sleep(min(wait, LONGEST_WAIT_SECS))
    raise StoreFault(setting, f"{fault}; tried {ATTEMPTS} times")


def _json(setting: str, answer: httpx.Response) -> dict[str, Any]:
    if answer.status_code != 200:
        raise StoreFault(setting, f"the store answers with HTTP {answer.status_code}")
    try:
        body = answer.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise StoreFault(setting, "the store's answer is not the JSON that it should be")
    return body


def _retry_after(answer: httpx.Response) -> float:
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isdigit() else 0.0


def _needed(settings: Values, name: str) -> str:
    value = settings.get(name, "")
    if not value:
        raise StoreFault(name, f"is needed by SECRETS_PROVIDER={settings.get('SECRETS_PROVIDER')}")
    return value


def _address(settings: Values, name: str, usual: str) -> str:
    """Where the store is. Outside development nothing confidential leaves this machine unencrypted."""
    address = settings.get(name) or usual or _needed(settings, name)
    parts = urlsplit(address)
    near = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise StoreFault(name, "must be an absolute http:// or https:// address")
    if parts.scheme == "http" and not near and settings.get("DJANGO_ENV", "development") != "development":
        raise StoreFault(name, "must be https://, except on this machine; nothing was sent there")
    return address.rstrip("/")


def _text(value: Any) -> str:
    """As one would write it in the environment."""
    return value if isinstance(value, str) else json.dumps(value)


PROVIDERS: dict[str, Callable[[Values], dict[str, str]]] = {
    "vault": _vault,
    "aws-parameter-store": _parameter_store,
}
