"""A chat on its way by e-mail: what leaves, and what happens when the mail server refuses, is slow or is down."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.test import override_settings

from harness import python
from harness.fakes.smtp import FakeMail, MailFault
from harness.fakes.telegram import FakeTelegram
from harness.processes import free_port
from infra.errors import ScriptFailed
from notifications import metrics, policy, retention, services
from notifications.content import letters
from notifications.content.letters import Letter
from notifications.models import Channel, Kind, OutboxMessage, State
from notifications.sending import outbox
from tests.notifications.conftest import Road
from tests.notifications.test_retry import counter, put

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_server")]

LETTER = Letter("Sohbetiniz", "[12:00:00] Ayşe: merhaba\n.\nFrom nobody\n" + "ş" * 2000)


@pytest.fixture
def server(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeMail]:
    monkeypatch.setitem(letters._writers, Kind.TRANSCRIPT, lambda _conversation, _language: LETTER)
    with FakeMail() as mail:
        settings.MAIL_URL, settings.MAIL_FROM = mail.url, "Destek <destek@example.org>"
        yield mail


def ask(address: str = "ayse@example.com") -> OutboxMessage:
    services.send_transcript("c1", address, "tr")
    asked = services.last_transcript("c1")
    assert asked is not None
    return asked


def test_it_arrives_once_and_the_address_is_forgotten(server: FakeMail, road: Road) -> None:
    message = ask()
    assert road.finish(message) == []
    [letter] = server.delivered
    assert letter.recipients == ["ayse@example.com"]
    told = letter.message
    assert (told["To"], told["From"], told["Subject"]) == (
        "ayse@example.com",
        "Destek <destek@example.org>",
        "Sohbetiniz",
    )
    assert told["Auto-Submitted"] == "auto-generated"
    assert letter.body.rstrip("\n") == LETTER.body
    assert (message.state, message.context, message.attempts) == (State.SENT, {}, 1)
    assert counter("notifications_total", outcome="mailed") == 1


def test_a_server_that_is_back_gets_it_under_the_same_name(server: FakeMail, road: Road) -> None:
    # The answer to the whole message gets lost: it comes a second time, and can be told by its name.
    server.fault(MailFault("TEXT"), MailFault("BANNER", "421 later"), MailFault("RCPT", "451 greylisted"))
    message = ask()
    waits = road.finish(message)
    assert all(least <= wait <= 1.25 * least for wait, least in zip(waits, policy.MAIL_WAITS_SECS, strict=False))
    assert (message.state, message.attempts, len(waits)) == (State.SENT, 4, 3)
    assert len({letter.message["Message-ID"] for letter in server.delivered}) == 1


@pytest.mark.parametrize(
    ("fault", "state", "outcome"),
    [
        (MailFault("RCPT", "550 no such user ayse@example.com"), State.REFUSED, "mail_refused"),
        (MailFault("TEXT", "554 looks like spam ayse@example.com"), State.FAILED, "mail_failed"),
    ],
)
def test_what_is_refused_for_good_is_not_tried_again(
    server: FakeMail, road: Road, fault: MailFault, state: State, outcome: str
) -> None:
    server.fault(fault)
    message = ask()
    road.finish(message)
    assert (message.state, message.attempts, message.context) == (state, 1, {})
    assert "ayse" not in message.last_error
    assert counter("notifications_total", outcome=outcome) == 1
    assert counter("jobs_failed_total", job="mail") == (outcome == "mail_failed")
    assert counter("telegram_jobs_failed_total") == 0


def test_a_server_that_is_down_is_given_up_in_the_end(server: FakeMail, road: Road, settings: Any) -> None:
    settings.MAIL_URL = f"smtp://127.0.0.1:{free_port()}"
    message = ask()
    assert len(road.finish(message)) == len(policy.MAIL_WAITS_SECS)
    assert (message.state, message.attempts, message.context) == (State.FAILED, policy.MAX_ATTEMPTS, {})
    assert "not reached" in message.last_error


@pytest.mark.parametrize("verb", ["BANNER", "EHLO", "RCPT", "TEXT"])
def test_a_server_that_drips_its_answers_is_cut_off(
    server: FakeMail, road: Road, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    monkeypatch.setattr(policy, "SEND_TIMEOUT_SECS", 0.5)
    server.fault(MailFault(verb, drip=0.02))
    message = ask()
    road.sweep()
    message.refresh_from_db()
    assert (message.state, message.attempts) == (State.RETRYING, 1)


def test_what_was_taken_stays_taken_however_the_server_says_goodbye(server: FakeMail, road: Road) -> None:
    server.fault(MailFault("QUIT"))
    message = ask()
    road.finish(message)
    server.fault(MailFault("QUIT", "500 no"))
    other = ask()
    road.finish(other)
    assert (message.state, other.state, len(server.delivered)) == (State.SENT, State.SENT, 2)


def test_without_encryption_nothing_goes_where_some_was_asked_for(server: FakeMail, road: Road, settings: Any) -> None:
    settings.MAIL_URL = f"smtp+starttls://user:geheim@127.0.0.1:{server.port}"
    message = ask()
    road.sweep()
    message.refresh_from_db()
    assert (message.state, server.delivered) == (State.RETRYING, [])
    assert not any("AUTH" in command or "geheim" in command for command in server.commands)


def test_a_slow_mail_server_holds_up_no_message_to_an_operator(telegram: FakeTelegram, server: FakeMail) -> None:
    for number in range(40):
        ask(f"a{number}@example.com")
    card = put()
    road = Road()
    claimed = dict(outbox.claim_due(road.now))
    assert card.pk in claimed
    mails = OutboxMessage.objects.filter(pk__in=claimed, channel=Channel.EMAIL).count()
    assert mails == policy.MAIL_IN_FLIGHT
    assert outbox.claim_due(road.now) == []


@pytest.mark.parametrize("fault", [KeyError("no time zone of that name any more"), ScriptFailed()])
def test_letters_that_cannot_be_written_hold_up_no_other(
    server: FakeMail, road: Road, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    def write(context: Mapping[str, Any], _language: str) -> Letter:
        if context["conversation"] != "good":
            raise fault
        return LETTER

    monkeypatch.setitem(letters._writers, Kind.TRANSCRIPT, write)
    for number in range(policy.MAIL_IN_FLIGHT):
        services.send_transcript(f"bad{number}", "ayse@example.com", "tr")
    services.send_transcript("good", "can@example.com", "tr")
    road.finish_all()
    assert [one.recipients for one in server.delivered] == [["can@example.com"]]
    ended = OutboxMessage.objects.filter(state=State.FAILED).values_list("last_error", "context")
    assert list(ended) == [(f"the text could not be made ({type(fault).__name__})", {})] * policy.MAIL_IN_FLIGHT


def test_mail_counts_for_no_alert_about_operators(server: FakeMail) -> None:
    message = ask()
    OutboxMessage.objects.filter(pk=message.pk).update(created_at=Road().now.replace(year=2020))
    assert metrics.oldest_age_secs(Road().now) == 0


def test_who_is_erased_gets_no_mail(server: FakeMail, road: Road) -> None:
    message = ask()
    assert retention.about(["c1"])[0]["context"]["address"] == "ayse@example.com"
    assert retention.anonymise(["c1"]) == 1
    road.finish(message)
    assert (message.state, server.connections) == (State.REFUSED, 0)
    assert "ayse" not in str(OutboxMessage.objects.values())


def test_what_is_not_so_any_more_is_no_failure(
    server: FakeMail, road: Road, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Who was to be called has come by then: an alert would say that the mail server is out."""
    monkeypatch.setitem(letters._writers, Kind.TRANSCRIPT, lambda _context, _language: None)
    message = ask()
    road.finish(message)
    assert (message.state, message.context, server.connections) == (State.REFUSED, {}, 0)
    assert counter("jobs_failed_total", job="mail") == 0
    assert not [one for one in caplog.records if one.levelname == "ERROR"]


def test_it_is_not_sent_again_by_hand(server: FakeMail, road: Road) -> None:
    message = ask()
    road.finish(message)
    assert services.resend(message) is False


@override_settings(MAIL_URL="", MAIL_FROM="")
def test_a_server_that_was_taken_out_of_the_settings_ends_it(road: Road) -> None:
    message = ask()
    road.finish(message)
    assert message.state == State.FAILED


def test_a_test_message_says_whether_the_settings_are_right(server: FakeMail, settings: Any) -> None:
    """Django's own command, in a process of its own: it goes by the settings that are made of MAIL_URL."""
    environment = {**os.environ, "MAIL_URL": server.url, "MAIL_FROM": settings.MAIL_FROM}
    done = python.run(["manage.py", "sendtestemail", "you@example.com"], env=environment)
    assert done.returncode == 0, done.stderr
    [letter] = server.delivered
    assert (letter.recipients, letter.message["From"]) == (["you@example.com"], settings.MAIL_FROM)
