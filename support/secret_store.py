"""Settings from a store of secrets: HashiCorp Vault (KV version 2) or AWS Systems Manager Parameter Store.

Read once, when a process starts, before everything else. What the environment or a file says wins. A store that does
not answer is tried three times; then the process does not start, and says why: names of settings and of faults, never
values.
The store is reached directly, not through HTTP_PROXY.
"""

from __future__ import annotations

import importlib
import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from support.sigv4 import Credentials, signed_headers

BOOTSTRAP = frozenset(
    {
        "SECRETS_PROVIDER",
        "VAULT_ADDR",
        "VAULT_TOKEN",
        "VAULT_SECRET_PATH",
        "VAULT_NAMESPACE",
        "AWS_REGION",
        "AWS_PARAMETER_PATH",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_ENDPOINT_URL_SSM",
    }
)
"""What is needed to reach a store cannot come from it, and is no business of the application afterwards."""

TIMEOUT_SECS = 5.0
ATTEMPTS = 3
BACKOFF_SECS = 0.5
LONGEST_WAIT_SECS = 10.0
MOST_PAGES = 100
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
    region = _needed(settings, "AWS_REGION")
    path = "/" + (settings.get("AWS_PARAMETER_PATH") or "/adminara").strip("/")
    url = _address(settings, "AWS_ENDPOINT_URL_SSM", f"https://ssm.{region}.amazonaws.com") + "/"
    credentials = _credentials(settings)
    found: dict[str, str] = {}
    page: str | None = None
    for _number in range(MOST_PAGES):
        wanted = {"Path": path, "WithDecryption": True, "MaxResults": 10, **({"NextToken": page} if page else {})}
        body = _ssm(url, json.dumps(wanted).encode(), credentials, region)
        for parameter in body.get("Parameters") or []:
            found[str(parameter["Name"]).rpartition("/")[2]] = str(parameter["Value"])
        page = body.get("NextToken")
        if not page:
            break
    if not found:
        raise StoreFault("AWS_PARAMETER_PATH", "Parameter Store has nothing under that path")
    return found


def _ssm(url: str, body: bytes, credentials: Credentials, region: str) -> dict[str, Any]:
    target = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "AmazonSSM.GetParametersByPath"}

    def ask(client: httpx.Client) -> httpx.Response:
        headers = signed_headers(
            "POST", url, target, body, credentials=credentials, region=region, service="ssm", now=datetime.now(UTC)
        )
        return client.post(url, content=body, headers=headers)

    answer = _asked("AWS_ENDPOINT_URL_SSM", ask)
    if answer.status_code == 200:
        return _json("AWS_ENDPOINT_URL_SSM", answer)
    kind = _kind(answer)
    sentence = f"Parameter Store refuses (HTTP {answer.status_code}, {kind or 'no reason given'})"
    blamed = "AWS_PARAMETER_PATH" if "AccessDenied" in kind or "Validation" in kind else "AWS_ACCESS_KEY_ID"
    raise StoreFault(blamed, sentence)


def _credentials(settings: Values) -> Credentials:
    """Keys from the settings; else, where botocore is installed, the role of the instance or container."""
    key_id, secret = settings.get("AWS_ACCESS_KEY_ID", ""), settings.get("AWS_SECRET_ACCESS_KEY", "")
    if key_id and secret:
        return Credentials(key_id, secret, settings.get("AWS_SESSION_TOKEN", ""))
    try:
        session = importlib.import_module("botocore.session")
    except ImportError:
        fault = "is needed, with AWS_SECRET_ACCESS_KEY; or install botocore for the role of the instance or container"
        raise StoreFault("AWS_ACCESS_KEY_ID", fault) from None
    role = session.Session().get_credentials()
    if role is None:
        raise StoreFault("AWS_ACCESS_KEY_ID", "is not set, and botocore finds no role either")
    frozen = role.get_frozen_credentials()
    return Credentials(frozen.access_key, frozen.secret_key, frozen.token or "")


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
            if answer.status_code not in AGAIN and _kind(answer) not in THROTTLED:
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


def _kind(answer: httpx.Response) -> str:
    """AWS's name of a fault, without its sentence: that may quote what was sent."""
    if answer.status_code < 400:
        return ""
    try:
        return str(answer.json().get("__type", "")).rpartition("#")[2]
    except (ValueError, AttributeError):
        return ""


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
