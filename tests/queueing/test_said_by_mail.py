"""The chat by e-mail: who may ask, how often, for which address; what the letter says, and what is said about it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client, override_settings
from django.utils import timezone

from harness.fakes.smtp import FakeMail, MailFault
from infra.redis.client import execute
from infra.redis.scripts import Command
from notifications import services
from notifications.models import Kind, OutboxMessage
from notifications.sending import delivery, outbox
from queueing import said
from queueing.history.privacy import personal_data, retention
from queueing.live import store
from tests.queueing.ended import ended, talk, token_of
from tests.queueing.world import Customer, lease, settle

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_server")]
ADDRESS = "ayse@example.com"


@pytest.fixture(autouse=True)
def server(settings: Any, mail: FakeMail) -> FakeMail:
    settings.MAIL_CLIENT_LIMIT = "10/hour"
    settings.PUBLIC_URL = "https://support.example.org"
    settle()
    lease()
    return mail


def ask(token: str, address: Any = ADDRESS, **more: Any) -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    body = {"address": address}
    return Client().post("/chat/mail/?locale=tr", body, content_type="application/json", headers=headers, **more)


def code(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def state(token: str) -> str:
    response = Client().get("/chat/mail/", headers={"Authorization": f"Bearer {token}"})
    return str(json.loads(response.content)["state"])


def work(seconds: float = 0) -> None:
    """What the worker does with what is due, so many seconds from now."""
    now = timezone.now() + timedelta(seconds=seconds)
    for row, claim in outbox.claim_due(now):
        delivery.deliver(row, claim, now=lambda: now)


def asked() -> int:
    return OutboxMessage.objects.filter(kind=Kind.TRANSCRIPT).count()


def test_it_is_asked_for_and_arrives(server: FakeMail) -> None:
    token = token_of(ended("merhaba\\n[12:00:00] Deniz: iade ettik"))
    assert state(token) == "none"
    assert ask(token).status_code == 202
    assert state(token) == "sending"
    work()
    assert state(token) == "sent"
    [letter] = server.delivered
    body = letter.body
    assert letter.recipients == [ADDRESS]
    assert letter.message["Subject"] == "support.example.org adresindeki sohbetiniz"
    assert "] Ayşe: merhaba\n           [12:00:00] Deniz: iade ettik\n" in body
    # Nothing lets a stranger into the conversation, or leads anywhere.
    assert token not in letter.raw.decode()
    assert "http" not in body


@pytest.mark.parametrize(
    "address",
    [
        "ayse@example.com\r\nBcc: victim@example.org", "ayse@example.com, b@example.com", "Ayşe <ayse@example.com>", "",
        "ayse", "a\x00@example.com", '"a\\nBcc: x@y.example"@example.com', "ayse@example.com\u2028", "x" * 300, 5,
        None, ["a@b.example"],
    ],
)  # fmt: skip
def test_no_address_but_a_plain_one_is_taken(server: FakeMail, address: Any) -> None:
    response = ask(token_of(ended("merhaba")), address)
    assert response.status_code == 400
    assert response.json()["error"]["code"] in ("address_invalid", "schema")
    assert response.json()["error"]["fields"]["address"]
    work()
    assert (asked(), server.connections) == (0, 0)


def test_what_was_typed_stands_in_no_header(server: FakeMail) -> None:
    typed = "x\r\nBcc: victim@example.org"
    token = token_of(ended("merhaba", name=typed, topic=typed))
    assert ask(token).status_code == 202
    work()
    [letter] = server.delivered
    head = letter.raw.split(b"\r\n\r\n")[0]
    assert b"victim" not in head
    assert letter.message["Bcc"] is None
    assert letter.recipients == [ADDRESS]


def test_a_hundred_times_is_one_letter(server: FakeMail) -> None:
    token = token_of(ended("merhaba"))
    answers = [ask(token) for _ in range(100)]
    assert [answer.status_code for answer in answers].count(202) == 1
    assert code(answers[1]) == (429, "rate_limited")
    assert 50 <= int(answers[1]["Retry-After"]) <= 60
    work(3600)
    assert (asked(), len(server.delivered)) == (1, 1)


@override_settings(MAIL_ADDRESS_LIMIT="2/hour")
def test_one_mailbox_gets_few_whoever_asks() -> None:
    tokens = [token_of(ended("a", cid=f"c{number}")) for number in range(3)]
    tags = ["ayse@example.com", "Ayse+1@example.com", "AYSE+2@example.com"]
    answers = [ask(token, tag) for token, tag in zip(tokens, tags, strict=True)]
    assert [answer.status_code for answer in answers] == [202, 202, 429]


@override_settings(MAIL_CLIENT_LIMIT="2/hour")
def test_one_network_asks_for_few() -> None:
    answers = [
        ask(
            token_of(ended("a", cid=f"c{number}")), f"a{number}@example.com", REMOTE_ADDR=f"2001:db8::{number}"
        ).status_code
        for number in range(3)
    ]
    assert answers == [202, 202, 429]
    assert ask(token_of(ended("a", cid="c9")), "b@example.com", REMOTE_ADDR="2001:db8:0:1::1").status_code == 202


@override_settings(MAIL_CLIENT_LIMIT="3/hour")
def test_who_asks_a_hundred_times_uses_up_nothing_of_a_neighbour() -> None:
    token = token_of(ended("merhaba"))
    answers = [ask(token).status_code for _ in range(100)]
    assert answers.count(202) == 1
    assert ask(token_of(ended("a", cid="c1")), "komsu@example.com").status_code == 202


def test_only_who_holds_the_token_may_ask_and_only_when_it_is_over() -> None:
    customer = talk("merhaba")
    assert code(ask("c0nversat10n")) == (401, "token_invalid")
    assert code(ask(token_of(customer))) == (409, "not_over")
    customer.leave()
    execute(Command(store.script("forget"), (customer.cid,), int))
    execute(store.tick("", known=False))
    assert code(ask(token_of(customer))) == (410, "token_expired")
    assert asked() == 0


@override_settings(MAIL_URL="")
def test_where_no_mail_leaves_it_is_refused_in_words() -> None:
    assert code(ask(token_of(ended("merhaba")))) == (403, "mail_refused")


def test_where_nothing_was_said_nothing_is_sent() -> None:
    customer = Customer("Ayşe")
    customer.join()
    customer.leave()
    assert code(ask(token_of(customer))) == (403, "mail_refused")


def test_the_page_offers_it_only_where_mail_leaves(settings: Any) -> None:
    assert b'"chatByMail": true' in Client().get("/").content
    settings.MAIL_URL = ""
    assert b'"chatByMail": false' in Client().get("/").content


def test_refused_and_late_are_told_apart(server: FakeMail) -> None:
    refused, late = token_of(ended("a", cid="c1")), token_of(ended("a", cid="c2"))
    server.fault(MailFault("RCPT", "550 no"), MailFault("BANNER", "421 later"))
    ask(refused, "nobody@example.com")
    work()
    ask(late, "slow@example.com")
    work()
    assert (state(refused), state(late)) == ("refused", "late")
    OutboxMessage.objects.update(state="pending", created_at=timezone.now() - timedelta(minutes=1))
    assert state(late) == "late"


def test_the_database_out_means_later_and_charges_no_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    def out(*_given: object) -> None:
        raise OperationalError("locked")

    monkeypatch.setattr(services, "send_transcript", out)
    client = Client(raise_request_exception=False)
    headers = {"Authorization": f"Bearer {token_of(ended('merhaba'))}"}
    response: Any = client.post("/chat/mail/", {"address": ADDRESS}, content_type="application/json", headers=headers)
    assert code(response) == (503, "database_unavailable")


@pytest.mark.django_db(transaction=True)
def test_who_is_erased_gets_none(server: FakeMail) -> None:
    customer = ended("merhaba")
    ask(token_of(customer))
    exported = personal_data.export(None, customer.cid, by="test")
    assert ADDRESS in json.dumps(exported["notifications"])
    personal_data.erase(None, customer.cid, by="test")
    work(3600)
    assert server.connections == 0
    assert ADDRESS not in str(OutboxMessage.objects.values())
    assert said.letter(customer.cid, "tr") is None


@pytest.mark.django_db(transaction=True)
def test_retention_takes_an_address_that_was_left(settings: Any) -> None:
    ask(token_of(ended("merhaba")))
    long_ago = timezone.now() - timedelta(days=settings.RETENTION_DAYS + 1)
    OutboxMessage.objects.update(state="failed", created_at=long_ago)
    retention.anonymise_old()
    assert ADDRESS not in str(OutboxMessage.objects.values())
