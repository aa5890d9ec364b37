"""`manage.py telegramwebhook`."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from harness.fakes.telegram import FakeTelegram, Fault
from tests.notifications.presses import SECRET

URL = "https://support.example.org/telegram/webhook/"


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("telegramwebhook", *arguments, stdout=out, stderr=out, no_color=True)
    return out.getvalue()


def failing(*arguments: str) -> str:
    """Its output when it exits with 1."""
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("telegramwebhook", *arguments, stdout=out, stderr=out, no_color=True)
    assert ended.value.code == 1
    return out.getvalue()


def test_set_tells_telegram_where_and_with_which_secret(telegram: FakeTelegram, settings) -> None:
    settings.TELEGRAM_WEBHOOK_SECRET = SECRET
    telegram.updates.press("1001", 1, "accept:old")

    assert URL in run("set")

    kinds = ["callback_query", "message"]
    assert telegram.updates.webhook == {"url": URL, "secret_token": SECRET, "allowed_updates": kinds}
    assert telegram.updates.pending == [], "what waited may be old"
    assert URL in run("status")


def test_delete_goes_back_to_polling(telegram: FakeTelegram, settings) -> None:
    settings.TELEGRAM_WEBHOOK_SECRET = SECRET
    run("set")

    assert "Take TELEGRAM_WEBHOOK_SECRET out" in run("delete")

    settings.TELEGRAM_WEBHOOK_SECRET = ""
    assert "none: presses are fetched by telegrambot" in run("status")


def test_status_fails_when_presses_go_elsewhere(telegram: FakeTelegram, settings) -> None:
    telegram.updates.webhook = {"url": "https://elsewhere.example/"}
    assert "telegramwebhook delete" in failing("status")

    settings.TELEGRAM_WEBHOOK_SECRET = SECRET
    assert f"should be {URL}" in failing("status")
    facts = json.loads(failing("status", "--json").splitlines()[0])
    assert (facts["ok"], facts["mode"], facts["url"]) == (False, "webhook", "https://elsewhere.example/")


def test_status_names_the_last_fault(telegram: FakeTelegram, settings) -> None:
    settings.TELEGRAM_WEBHOOK_SECRET = SECRET
    run("set")
    telegram.updates.webhook |= {"last_error_message": "Wrong response: 502", "last_error_date": 1_700_000_000}

    assert "Wrong response: 502" in run("status")
    assert json.loads(run("status", "--json"))["last_error_at"] == 1_700_000_000


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"TELEGRAM_BOT_TOKEN": ""}, "TELEGRAM_BOT_TOKEN is not set"),
        ({"TELEGRAM_WEBHOOK_SECRET": ""}, "Set TELEGRAM_WEBHOOK_SECRET first"),
        ({"PUBLIC_URL": "http://localhost:8000"}, "https addresses only"),
    ],
)
def test_what_is_missing_is_said(telegram: FakeTelegram, settings, changed: dict[str, str], says: str) -> None:
    settings.TELEGRAM_WEBHOOK_SECRET = SECRET
    for name, value in changed.items():
        setattr(settings, name, value)

    with pytest.raises(CommandError, match=says):
        run("set")
    assert telegram.calls == []


def test_a_telegram_that_refuses_is_an_error(telegram: FakeTelegram, settings) -> None:
    settings.TELEGRAM_WEBHOOK_SECRET = SECRET
    telegram.script(Fault.status(400, "Bad Request: bad webhook: Failed to resolve host"))

    with pytest.raises(CommandError, match="failed to resolve host"):
        run("set")
