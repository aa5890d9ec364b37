"""The environment: typed, from files too, with every fault told at once."""

import ipaddress
import json
import subprocess
from pathlib import Path

import pytest

from harness import python
from support.config.environment import (
    ConfigError,
    database,
    embedded_redis_socket,
    examine,
    load,
    redis_url,
    secret_key,
)
from support.config.schema import BASE_DIR, Config
from support.management.commands.checkconfig import masked
from support.ops import sentry
from tests.support.environments import PRODUCTION

NEEDED = ("SECRET_KEY", "PUBLIC_URL", "ALLOWED_ORIGINS", "REDIS_URL", "TELEGRAM_BOT_TOKEN")
SECRET = "kJ8s-Zq2Lw9_xT4vB7nM1cR5yH3pD6fG0aWeUiOtNbVxQzKlPs"


def faults_of(environment: dict[str, str]) -> dict[str, str]:
    return examine(environment)[1]


def test_an_empty_environment_is_a_working_development() -> None:
    config = load({})
    assert config.DJANGO_ENV == "development"
    assert config.PORT == 8000
    assert config.DATA_DIR == BASE_DIR / "var"
    assert config.WRAP_UP_SECS == 30
    assert config.QUEUE_MAX_LENGTH == 500
    assert config.QUEUE_MAX_WAIT_SECS == 1800
    assert config.SESSION_TTL_MS == 12 * 3600 * 1000


def test_values_are_typed() -> None:
    config = load(
        {
            "PORT": "8010",
            "ENABLE_QUEUE": "false",
            "ALLOWED_ORIGINS": "https://a.example, https://b.example:8443",
            "TRUSTED_PROXIES": "10.0.0.0/8,::1",
            "TURN_SERVERS": '[{"region": "eu", "urls": ["turn:turn.example:3478"], "priority": 1}]',
            "TURN_SECRET": SECRET,
        }
    )
    assert config.PORT == 8010
    assert config.ENABLE_QUEUE is False
    assert config.ALLOWED_ORIGINS == ["https://a.example", "https://b.example:8443"]
    assert [ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("::1/128")] == config.TRUSTED_PROXIES
    assert config.TURN_SERVERS[0].region == "eu"


def test_limits_are_generous_in_development_and_tight_in_production() -> None:
    assert load({}).SOCKET_FRAME_BURST == 600
    assert load(PRODUCTION).SOCKET_FRAME_BURST == 60
    assert load({}).BIND == "127.0.0.1"


def test_every_fault_is_listed_at_once() -> None:
    faults = faults_of(
        {
            "DJANGO_ENV": "production",
            "PORT": "eighty",
            "ALLOWED_ORIGINS": "https://good.example/path",
            "TURN_SERVERS": "{not json",
            "OTP_VERIFY_ADDRESS_LIMIT": "often",
            "TRUSTED_PROXIES": "10.0.0.0/99",
            "REDIS_NAMESPACE": "a b",
        }
    )
    assert set(faults) == {
        "PORT", "ALLOWED_ORIGINS", "TURN_SERVERS", "OTP_VERIFY_ADDRESS_LIMIT", "TRUSTED_PROXIES", "REDIS_NAMESPACE",
        "SECRET_KEY", "PUBLIC_URL", "REDIS_URL", "TELEGRAM_BOT_TOKEN",
    }  # fmt: skip


def test_a_language_has_a_catalogue(tmp_path: Path) -> None:
    assert "there are: tr, en" in faults_of({"LANGUAGE_CODE": "de"})["LANGUAGE_CODE"]
    assert set(faults_of({"LOCALE_DIR": str(tmp_path)})) == {"LOCALE_DIR"}
    for name in ("en", "de"):
        (tmp_path / name / "LC_MESSAGES").mkdir(parents=True)
        (tmp_path / name / "LC_MESSAGES" / "django.po").touch()
    assert load({"LOCALE_DIR": str(tmp_path), "LANGUAGE_CODE": "de"}).LANGUAGE_CODE == "de"
    assert set(faults_of({"LOCALE_DIR": str(tmp_path)})) == {"LANGUAGE_CODE"}, "Turkish is not among them"


def test_load_raises_with_the_whole_list() -> None:
    with pytest.raises(ConfigError) as raised:
        load({"DJANGO_ENV": "production", "PORT": "0"})
    assert "PORT" in str(raised.value)
    assert "SECRET_KEY" in str(raised.value)


@pytest.mark.parametrize("missing", ["SECRET_KEY", "PUBLIC_URL", "ALLOWED_ORIGINS", "REDIS_URL", "TELEGRAM_BOT_TOKEN"])
def test_production_needs_each_of_its_secrets(missing: str) -> None:
    environment = {name: value for name, value in PRODUCTION.items() if name != missing}
    assert set(faults_of(environment)) == {missing}


def test_production_with_all_of_them_starts() -> None:
    assert faults_of(PRODUCTION) == {}


def test_staging_is_as_strict_as_production() -> None:
    assert set(faults_of({"DJANGO_ENV": "staging"})) == set(faults_of({"DJANGO_ENV": "production"}))


def test_the_cookie_secret_stands_in_for_the_secret_key() -> None:
    environment = {**PRODUCTION, "SECRET_KEY": "", "COOKIE_SECRET": SECRET}
    config = load(environment)
    assert secret_key(config) == SECRET


@pytest.mark.parametrize(
    "weak", ["short", "change-me-" * 8, "a" * 60, "django-insecure-" + "x9Zq" * 12, "abababab" * 8]
)
def test_weak_secrets_are_refused_in_production(weak: str) -> None:
    assert "SECRET_KEY" in faults_of({**PRODUCTION, "SECRET_KEY": weak})


def test_plain_http_is_refused_in_production() -> None:
    faults = faults_of(
        {
            **PRODUCTION,
            "PUBLIC_URL": "http://support.example.com",
            "ALLOWED_ORIGINS": "http://www.example.com",
        }
    )
    assert set(faults) == {"PUBLIC_URL", "ALLOWED_ORIGINS"}


@pytest.mark.parametrize(
    "origin",
    ["https://*.example.com", "example.com", "https://a.example/", "https://a.example?x", "ftp://a.example"],
)
def test_origins_are_exact(origin: str) -> None:
    assert "ALLOWED_ORIGINS" in faults_of({"ALLOWED_ORIGINS": origin})


def test_turn_servers_need_their_secret() -> None:
    assert "TURN_SECRET" in faults_of({"TURN_SERVERS": '[{"region": "eu", "urls": ["turn:t.example"]}]'})


def test_relay_only_needs_a_relay() -> None:
    assert "ICE_TRANSPORT_POLICY" in faults_of({"ICE_TRANSPORT_POLICY": "relay"})
    stun = {"TURN_SERVERS": '[{"region": "eu", "urls": ["stun:t.example"]}]', "TURN_SECRET": SECRET}
    assert "ICE_TRANSPORT_POLICY" in faults_of({"ICE_TRANSPORT_POLICY": "relay", **stun})
    turn = {"TURN_SERVERS": '[{"region": "eu", "urls": ["turns:t.example"]}]', "TURN_SECRET": SECRET}
    assert "ICE_TRANSPORT_POLICY" not in faults_of({"ICE_TRANSPORT_POLICY": "relay", **turn})


def test_mail_needs_a_sender_and_its_password_encryption() -> None:
    assert faults_of({"MAIL_URL": "smtp://127.0.0.1"}) == {"MAIL_FROM": "is needed by MAIL_URL"}
    sender = {"MAIL_FROM": "Support <support@example.com>"}
    assert faults_of({"MAIL_URL": "smtp://127.0.0.1", **sender}) == {}
    for url in ("smtp+starttls://u:p@mail.example", "smtps://u:p@mail.example"):
        assert faults_of({**PRODUCTION, **sender, "MAIL_URL": url}) == {}
    assert "smtps://" in faults_of({**PRODUCTION, **sender, "MAIL_URL": "smtp://u:p@mail.example"})["MAIL_URL"]
    assert "hunter2" not in str(faults_of({"MAIL_URL": "http://u:hunter2@mail.example"}))
    assert "MAIL_FROM" in faults_of({"MAIL_FROM": "a@b.example\r\nBcc: c@d.example"})


def test_a_fault_never_repeats_a_secret() -> None:
    for fault in faults_of({**PRODUCTION, "SECRET_KEY": "hunter2", "REDIS_URL": "http://:hunter2@redis"}).values():
        assert "hunter2" not in fault


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"{SECRET}\n")
    environment = {**PRODUCTION, "SECRET_KEY": "", "SECRET_KEY_FILE": str(file)}
    assert load(environment).SECRET_KEY == SECRET


def test_a_file_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    assert "SECRET_KEY" in faults_of({"SECRET_KEY_FILE": str(tmp_path / "absent")})


def test_both_a_value_and_its_file_is_a_fault(tmp_path: Path) -> None:
    assert "keep one" in faults_of({"SECRET_KEY": SECRET, "SECRET_KEY_FILE": str(tmp_path)})["SECRET_KEY"]


def test_development_keeps_its_generated_key(tmp_path: Path) -> None:
    config = load({"DATA_DIR": str(tmp_path / "data")})
    first = secret_key(config)
    assert len(first) >= 50
    assert secret_key(config) == first
    assert (tmp_path / "data" / "secret-key").stat().st_mode & 0o777 == 0o600


def test_the_embedded_redis_is_found_by_data_dir(tmp_path: Path) -> None:
    data_dir = Path("/srv/adminara")
    assert redis_url(load({"DATA_DIR": str(data_dir)})) == "unix:///srv/adminara/redis/redis.sock?db=0"
    assert redis_url(load({"REDIS_URL": "redis://elsewhere/3"})) == "redis://elsewhere/3"


def test_a_long_data_dir_still_has_a_usable_socket_path() -> None:
    one, two = (Path("/srv") / ("x" * 120) / name for name in ("a", "b"))
    assert len(str(embedded_redis_socket(one))) <= 100
    assert embedded_redis_socket(one) != embedded_redis_socket(two)


def run_checkconfig(environment: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    return python.run(
        ["manage.py", "checkconfig", *arguments],
        env={"PATH": "/usr/bin:/bin", "ENV_FILE": "/dev/null", **environment},
    )


def test_checkconfig_shows_every_setting_and_masks_secrets() -> None:
    done = run_checkconfig({"SECRET_KEY": SECRET, "REDIS_URL": "redis://:hunter2@localhost/0"}, "--json")
    shown = json.loads(done.stdout)
    assert done.returncode == 0
    assert shown["ok"] is True
    assert set(shown["settings"]) == set(Config.model_fields)
    assert SECRET not in done.stdout
    assert "hunter2" not in done.stdout + done.stderr


def test_checkconfig_tells_every_fault_and_fails() -> None:
    done = run_checkconfig({"DJANGO_ENV": "production"})
    assert done.returncode == 1
    for name in ("SECRET_KEY", "PUBLIC_URL", "ALLOWED_ORIGINS", "REDIS_URL"):
        assert f"{name}: is required" in done.stdout


def test_no_command_starts_with_a_fault() -> None:
    done = python.run(
        ["manage.py", "check"],
        env={"PATH": "/usr/bin:/bin", "ENV_FILE": "/dev/null", "DJANGO_ENV": "production"},
    )
    assert done.returncode != 0
    for name in NEEDED:
        assert name in done.stderr


def test_an_env_file_stands_below_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text("WRAP_UP_SECS=7\nPORT=8123\n")
    done = run_checkconfig({"ENV_FILE": str(file), "PORT": "8200"}, "--json")
    shown = json.loads(done.stdout)["settings"]
    assert (shown["WRAP_UP_SECS"], shown["PORT"]) == ("7", "8200")


def test_masking() -> None:
    assert masked("abc", secret=True) == "*** (3 characters)"
    assert masked("", secret=True) == ""
    assert masked(True, secret=False) == "true"


def test_sqlite_waits_instead_of_failing() -> None:
    found = database(load({"DATA_DIR": "/srv/adminara"}))
    assert found["NAME"] == "/srv/adminara/adminara.sqlite3"
    assert found["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "WAL" in found["OPTIONS"]["init_command"]


def test_postgresql_by_its_address() -> None:
    found = database(load({"DATABASE_URL": "postgres://user:secret@db.internal:5433/support"}))
    assert found["ENGINE"] == "django.db.backends.postgresql"
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("db.internal", 5433, "support")
    assert found["CONN_HEALTH_CHECKS"] is True


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://x/y"),
        ("PUBLIC_URL", "support.example.com"),
        ("PUBLIC_URL", "https://example.com/support"),
        ("TELEGRAM_API_URL", "telegram"),
    ],
)
def test_addresses_are_checked(name: str, value: str) -> None:
    assert name in faults_of({name: value})


def test_errors_go_to_sentry_only_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[dict[str, object]] = []
    monkeypatch.setattr("sentry_sdk.init", lambda **options: started.append(options))
    assert sentry.start(load({})) is False
    assert sentry.start(load({"SENTRY_DSN": "https://key@sentry.example/1"})) is True
    assert started[0]["send_default_pii"] is False
    assert started[0]["include_local_variables"] is False
