"""`manage.py telegramtest`."""

import io

import pytest
from django.core.management import CommandError, call_command

from harness.fakes.telegram import FakeTelegram, Fault
from notifications.models import OutboxMessage, State
from tests.notifications.conftest import Road

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _ayse(operators) -> None:
    operators.append(("ayse", "1001", "tr"))


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("telegramtest", *arguments, stdout=out, no_color=True)
    return out.getvalue()


def test_direct_sends_from_here_and_reports(telegram: FakeTelegram) -> None:
    report = run("ayse", "--direct")

    assert "sent, attempts 1" in report
    assert "Sent to ayse, Telegram message 1." in report
    assert "Deneme mesajı" in telegram.messages[0].text


@pytest.mark.parametrize(
    ("fault", "says"),
    [(Fault.blocked(), "blocked.*bot was blocked"), (Fault.status(500), "retrying.*Internal Server Error")],
)
def test_a_failure_is_an_error(telegram: FakeTelegram, fault: Fault, says: str) -> None:
    telegram.script(fault)

    with pytest.raises(CommandError, match=says):
        run("ayse", "--direct")


def test_nobody_of_that_name(redis_server: str) -> None:
    with pytest.raises(CommandError, match="no active operator 'nobody'"):
        run("nobody")


def test_without_a_bot_it_says_that_it_only_logged(settings, redis_server: str) -> None:
    settings.TELEGRAM_BOT_TOKEN = ""

    with pytest.raises(CommandError, match="only logged: TELEGRAM_BOT_TOKEN is not set"):
        run("ayse", "--direct")


def test_without_a_worker_it_gives_up_in_time(telegram: FakeTelegram) -> None:
    with pytest.raises(CommandError, match="no worker has taken it yet"):
        run("ayse", "--timeout", "0")


def test_it_waits_for_the_worker(telegram: FakeTelegram, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker's part is played between two looks of the command at the row."""
    monkeypatch.setattr("notifications.management.commands.telegramtest.time.sleep", lambda _: Road().sweep())

    report = run("ayse")

    assert report.splitlines()[:2] == ["pending, attempts 0", "sent, attempts 1"]
    assert OutboxMessage.objects.get().state == State.SENT
