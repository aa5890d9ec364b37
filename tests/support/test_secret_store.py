"""Settings from Vault and from Parameter Store, over real HTTP: what comes, what wins, and what a failure says."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.fakes.secret_stores import FakeParameterStore, FakeVault
from harness.processes import free_port, manage
from support.config import secret_store
from support.config.environment import ConfigError, examine, load
from support.config.schema import BASE_DIR
from tests.support.environments import PRODUCTION

SECRETS = ("SECRET_KEY", "TELEGRAM_BOT_TOKEN")
OPEN = {name: value for name, value in PRODUCTION.items() if name not in SECRETS}


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts follow each other without the pauses that a store in trouble is given."""
    monkeypatch.setattr(secret_store, "BACKOFF_SECS", 0.0)


@pytest.fixture
def vault() -> Iterator[FakeVault]:
    with FakeVault() as store:
        store.values = {name: PRODUCTION[name] for name in SECRETS}
        yield store


@pytest.fixture
def parameters() -> Iterator[FakeParameterStore]:
    with FakeParameterStore() as store:
        store.values = {f"/support/live/{name}": PRODUCTION[name] for name in SECRETS}
        yield store


def with_vault(store: FakeVault, **more: str) -> dict[str, str]:
    return {**OPEN, "SECRETS_PROVIDER": "vault", "VAULT_ADDR": store.url, "VAULT_TOKEN": store.token, **more}


def with_parameters(store: FakeParameterStore, **more: str) -> dict[str, str]:
    return {
        **OPEN,
        "SECRETS_PROVIDER": "aws-parameter-store",
        "AWS_REGION": store.region,
        "AWS_PARAMETER_PATH": "/support/live",
        "AWS_ACCESS_KEY_ID": store.key_id,
        "AWS_SECRET_ACCESS_KEY": store.secret,
        "AWS_ENDPOINT_URL_SSM": store.url,
        **more,
    }


def test_production_starts_with_its_secrets_from_vault(vault: FakeVault) -> None:
    config = load(with_vault(vault))
    assert tuple(PRODUCTION[name] for name in SECRETS) == (config.SECRET_KEY, config.TELEGRAM_BOT_TOKEN)


def test_production_starts_with_its_secrets_from_parameter_store(parameters: FakeParameterStore) -> None:
    config = load(with_parameters(parameters))
    assert tuple(PRODUCTION[name] for name in SECRETS) == (config.SECRET_KEY, config.TELEGRAM_BOT_TOKEN)


def test_the_token_may_lie_in_a_file_and_the_tenant_in_a_namespace(vault: FakeVault, tmp_path: Path) -> None:
    vault.namespace = "support/eu"
    file = tmp_path / "token"
    file.write_text(f"{vault.token}\n")
    environment = with_vault(vault, VAULT_TOKEN="", VAULT_TOKEN_FILE=str(file), VAULT_NAMESPACE="support/eu")
    assert PRODUCTION["SECRET_KEY"] == load(environment).SECRET_KEY


def test_all_pages_of_parameters_are_read(parameters: FakeParameterStore) -> None:
    figures = {"WRAP_UP_SECS": "7", "QUEUE_MAX_LENGTH": "9", "OTP_DIGITS": "8", "PORT": "8123"}
    parameters.values |= {f"/support/live/{name}": value for name, value in figures.items()}
    parameters.values["/other/WRAP_UP_SECS"] = "99"
    config = load(with_parameters(parameters))
    assert (config.WRAP_UP_SECS, config.QUEUE_MAX_LENGTH, config.OTP_DIGITS, config.PORT) == (7, 9, 8, 8123)
    assert parameters.hits == 3


def test_temporary_keys_are_signed_with_their_session(parameters: FakeParameterStore) -> None:
    assert PRODUCTION["SECRET_KEY"] == load(with_parameters(parameters, AWS_SESSION_TOKEN="of an hour")).SECRET_KEY


def test_the_environment_wins_over_the_store(vault: FakeVault) -> None:
    vault.values |= {"WRAP_UP_SECS": 7, "OTP_DIGITS": 8}
    config = load(with_vault(vault, WRAP_UP_SECS="11"))
    assert (config.WRAP_UP_SECS, config.OTP_DIGITS) == (11, 8)


def test_values_that_are_no_text_are_read_as_one_would_write_them(vault: FakeVault) -> None:
    vault.values |= {"ENABLE_QUEUE": False, "TURN_SERVERS": [{"region": "eu", "urls": ["turn:t.example"]}]}
    vault.values |= {"TURN_SECRET": "q7Zr2Lw9xT4vB7nM", "SENTRY_DSN": None, "unknown": "x"}
    config = load(with_vault(vault))
    assert config.ENABLE_QUEUE is False
    assert config.TURN_SERVERS[0].region == "eu"


def test_a_store_cannot_move_the_store(vault: FakeVault) -> None:
    vault.values |= {"VAULT_NAMESPACE": "elsewhere", "VAULT_SECRET_PATH": "evil/path"}
    config = load(with_vault(vault))
    assert (config.VAULT_NAMESPACE, config.VAULT_SECRET_PATH) == ("", "secret/adminara")


def test_a_wrong_value_from_the_store_is_a_fault_like_any_other(vault: FakeVault) -> None:
    vault.values["PORT"] = "eighty"
    faults = examine(with_vault(vault))[1]
    assert set(faults) == {"PORT"}


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_store_in_trouble_is_asked_again(vault: FakeVault, status: int) -> None:
    vault.faults = [(status, {}), (status, {})]
    assert PRODUCTION["SECRET_KEY"] == load(with_vault(vault)).SECRET_KEY
    assert vault.hits == 3


def test_a_throttled_account_is_asked_again(parameters: FakeParameterStore) -> None:
    parameters.faults = [(400, {"__type": "ThrottlingException"})]
    assert PRODUCTION["SECRET_KEY"] == load(with_parameters(parameters)).SECRET_KEY


def test_a_sealed_vault_ends_the_start_with_a_reason(vault: FakeVault) -> None:
    vault.faults = [(503, {"errors": ["Vault is sealed"]})] * 3
    with pytest.raises(ConfigError) as raised:
        load(with_vault(vault))
    assert "HTTP 503" in raised.value.faults["VAULT_ADDR"]
    assert vault.hits == 3


def test_a_refusal_is_not_tried_again(vault: FakeVault) -> None:
    faults = examine(with_vault(vault, VAULT_TOKEN="hvs.expired-one"))[1]
    assert "HTTP 403" in faults["VAULT_TOKEN"]
    assert vault.hits == 1


def test_every_fault_names_its_setting(vault: FakeVault, parameters: FakeParameterStore) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    cases = [
        ("VAULT_ADDR", with_vault(vault, VAULT_ADDR="")),
        ("VAULT_ADDR", with_vault(vault, VAULT_ADDR=nobody)),
        ("VAULT_ADDR", with_vault(vault, VAULT_ADDR="vault.internal")),
        ("VAULT_TOKEN", with_vault(vault, VAULT_TOKEN="")),
        ("VAULT_SECRET_PATH", with_vault(vault, VAULT_SECRET_PATH="secret/nothing")),
        ("VAULT_SECRET_PATH", with_vault(vault, VAULT_SECRET_PATH="secret")),
        ("AWS_REGION", with_parameters(parameters, AWS_REGION="")),
        ("AWS_PARAMETER_PATH", with_parameters(parameters, AWS_PARAMETER_PATH="/nothing")),
        ("AWS_ACCESS_KEY_ID", with_parameters(parameters, AWS_SECRET_ACCESS_KEY="wrong")),
        ("AWS_ENDPOINT_URL_SSM", with_parameters(parameters, AWS_ENDPOINT_URL_SSM=nobody)),
        ("SECRETS_PROVIDER", {**OPEN, "SECRETS_PROVIDER": "keychain"}),
    ]
    for name, environment in cases:
        faults = examine(environment)[1]
        # What the store would have given is missing as well, and is listed with it.
        assert set(faults) == {name, *SECRETS}, (name, faults)


def test_a_token_is_not_sent_over_plain_http_to_another_machine() -> None:
    for name, provider in (("VAULT_ADDR", "vault"), ("AWS_ENDPOINT_URL_SSM", "aws-parameter-store")):
        environment = {**OPEN, "SECRETS_PROVIDER": provider, "VAULT_TOKEN": "t", "AWS_REGION": "eu-central-1"}
        assert "nothing was sent" in examine({**environment, name: "http://store.internal"})[1][name]


def test_no_fault_tells_a_secret(vault: FakeVault, parameters: FakeParameterStore) -> None:
    vault.faults = [(400, {"errors": [f"bad token {vault.token}"]})]
    parameters.faults = [(400, {"__type": "AccessDeniedException", "message": f"{parameters.secret} may not"})]
    told = json.dumps([examine(with_vault(vault))[1], examine(with_parameters(parameters))[1]])
    for secret in (vault.token, parameters.secret, *(PRODUCTION[name] for name in SECRETS)):
        assert secret not in told


def test_a_process_that_cannot_read_its_secrets_does_not_start(vault: FakeVault, tmp_path: Path) -> None:
    done = manage("check", **with_vault(vault, VAULT_TOKEN="hvs.expired-one", DATA_DIR=str(tmp_path)))
    assert done.returncode != 0
    assert "VAULT_TOKEN: Vault refuses it" in done.stderr
    assert "hvs.expired-one" not in done.stderr


def test_half_a_key_is_no_key(parameters: FakeParameterStore) -> None:
    """And nobody looks for a role then."""
    faults = examine(with_parameters(parameters, AWS_SECRET_ACCESS_KEY=""))[1]
    assert "both or neither" in faults["AWS_ACCESS_KEY_ID"]


def test_without_the_extra_it_is_said_how_to_get_it(
    parameters: FakeParameterStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    fault = examine(with_parameters(parameters))[1]["SECRETS_PROVIDER"]
    assert "pip install -r requirements-aws.txt -c constraints.txt" in fault
    assert (BASE_DIR / "requirements-aws.txt").is_file()
