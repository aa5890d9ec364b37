"""A message from a page: kept once, whatever is out; refused in words; never more than the limits allow."""

from __future__ import annotations

import secrets
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client, override_settings
from hypothesis import HealthCheck, given
from hypothesis import settings as drawing
from hypothesis import strategies as st

from infra.errors import StoreUnavailable
from messages_left import limits
from messages_left.models import Message
from notifications.models import Card, Kind, OutboxMessage
from queueing.blocklist import rules
from queueing.history.models import Conversation
from tests.drawn import drawn
from tests.messages_left.conftest import CID, GOOD, TOKEN, Leave
from tests.queueing.test_identity import SECRET
from tests.queueing.test_identity import token as signed

pytestmark = pytest.mark.django_db


def code(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def test_it_is_kept_and_operators_are_told(leave: Leave) -> None:
    response = leave(why="full", phone="+90 555 111 22 33")
    assert (response.status_code, response.json()) == (201, {"kept": True})
    row = Message.objects.get()
    assert (row.text, row.name, row.email, row.phone) == (*GOOD.values(), "+90 555 111 22 33")
    assert (row.why, row.state, row.language, row.site) == ("full", "open", "tr", "")
    card = Card.objects.get()
    assert (card.kind, card.notification) == (Kind.MESSAGE_LEFT, row.notification)
    assert OutboxMessage.objects.filter(card=card).count() == 2


def test_the_same_key_again_is_the_same_message(leave: Leave) -> None:
    key = secrets.token_hex(16)
    assert [leave(key=key).status_code for _ in range(3)] == [201, 200, 200]
    assert leave(key=key, text="anders").json() == {"kept": True}
    assert Message.objects.get().text == GOOD["text"]
    assert OutboxMessage.objects.count() == 2


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"text": " \u200b\n"}, "text"),
        ({"email": "", "phone": ""}, "email"),
        ({"email": "ada@example.com\r\nBcc: b@example.com"}, "email"),
        ({"email": "nobody"}, "email"),
        ({"email": "", "phone": "call me"}, "phone"),
        ({"email": "", "phone": "123"}, "phone"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_its_field(leave: Leave, fields: dict[str, str], field: str) -> None:
    response = leave(**fields)
    assert code(response) == (422, "message_refused")
    assert response.json()["error"]["fields"][field]
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"key": "short"}, {"key": "x" * 65}, {"key": "a" * 20 + "\n"}, {"text": "x" * 3001}, {"name": "x" * 81},
        {"phone": "1" * 41}, {"email": "x" * 255}, {"why": "because"}, {"site": "x" * 33}, {"admin": "1"},
        {"text": None}, {"name": ["a"]}, {"identity": "x" * 5000},
    ],
)  # fmt: skip
def test_what_no_page_sends_is_refused(leave: Leave, fields: dict[str, Any]) -> None:
    assert code(leave(**fields)) == (400, "schema")
    assert not Message.objects.exists()


def test_no_body_is_too_large_or_odd(leave: Leave) -> None:
    assert leave(text="😀" * 3000).status_code == 201
    assert code(leave(body="[1]")) == (400, "schema")
    assert code(leave(body='{"key": "' + "x" * 60_000)) == (413, "too_large")
    form = Client().post("/messages/", {"text": "x"}, REMOTE_ADDR="203.0.113.7")
    assert code(form) == (400, "schema")
    assert Client().get("/messages/").status_code == 405


def test_ten_thousand_from_one_address_are_few(leave: Leave, settings: Any) -> None:
    """Charged before anything is read: also what is refused, and what is repeated."""
    settings.HTTP_LIMIT = "100000/second"
    settings.MESSAGE_CLIENT_LIMIT = "3/hour"
    answers = [leave(address=f"2001:db8::{n:x}") for n in range(1, 30)]
    assert [one.status_code for one in answers].count(201) == 3
    assert code(answers[3]) == (429, "rate_limited")
    assert int(answers[3]["Retry-After"]) > 60
    assert code(leave(address="2001:db8::1", body="no json")) == (429, "rate_limited")
    assert Message.objects.count() == 3
    assert leave(address="198.51.100.1").status_code == 201


def test_everybody_together_has_a_bound(leave: Leave, settings: Any) -> None:
    settings.MESSAGE_LIMIT = "4/hour"
    answers = [leave(address=f"203.0.113.{n}").status_code for n in range(1, 9)]
    assert answers == [201] * 4 + [429] * 4


def test_without_redis_it_is_kept_and_still_bounded(
    leave: Leave, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def out(*_words: Any) -> Any:
        raise StoreUnavailable

    monkeypatch.setattr(limits, "execute", out)
    settings.MESSAGE_CLIENT_LIMIT = "2/hour"
    answers = [leave() for _ in range(4)]
    assert [one.status_code for one in answers] == [201, 201, 429, 429]
    assert leave(address="198.51.100.1").status_code == 201
    assert Message.objects.count() == 3


def test_a_database_that_is_out_is_said_so(leave: Leave, monkeypatch: pytest.MonkeyPatch) -> None:
    def out(*_words: Any, **_more: Any) -> Any:
        raise OperationalError("database is locked")

    monkeypatch.setattr(Message, "save", out)
    assert code(leave()) == (503, "database_unavailable")


def test_who_is_blocked_leaves_none(leave: Leave, settings: Any) -> None:
    settings.IDENTITY_SECRET = SECRET
    rules.block_network("203.0.113.0/24", reason="", until=None, by="ayse")
    assert code(leave()) == (403, "blocked")
    assert leave(address="198.51.100.1").status_code == 201
    rules.block_identity("person-1", reason="", until=None, by="ayse")
    assert code(leave(address="198.51.100.1", identity=signed(sub="person-1"))) == (403, "blocked")
    assert Message.objects.count() == 1


def test_switched_off_nothing_is_taken(leave: Leave) -> None:
    with override_settings(MESSAGES=False):
        assert code(leave()) == (403, "messages_off")
        assert "messagesUrl" not in Client().get("/").content.decode()
    assert "messagesUrl" in Client().get("/").content.decode()


def test_who_it_is_is_known_where_it_is_proven(leave: Leave, settings: Any) -> None:
    settings.IDENTITY_SECRET = SECRET
    Conversation.objects.create(id=CID, person="person-2", joined_at="2026-01-01T00:00:00Z")
    assert leave(token=TOKEN).status_code == 201
    row = Message.objects.get()
    assert (row.conversation, row.person) == (CID, "person-2")
    assert leave(identity=signed(sub="person-1"), token="forged").status_code == 201
    assert leave(identity="forged").status_code == 201
    found = Message.objects.exclude(pk=row.pk).values_list("conversation", "person")
    assert sorted(found) == [("", ""), ("", "person-1")]


@given(
    st.fixed_dictionaries(
        {"text": st.text(max_size=40)},
        optional={
            "name": st.text(max_size=90),
            "email": st.sampled_from(["ada@example.com", "ada@bücher.example", "\x00@x.example"]) | st.text(max_size=9),
            "phone": st.sampled_from(["+90 (555) 111-22-33"]) | st.text(alphabet="+0123456789 ()./-x\n", max_size=45),
            "site": st.text(max_size=33),
            "why": st.sampled_from(["full", "lost", "??"]),
        },
    )
)
@drawing(max_examples=drawn(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_typed_is_clean_or_refused(leave: Leave, settings: Any, fields: dict[str, str]) -> None:
    settings.MESSAGE_CLIENT_LIMIT = settings.MESSAGE_LIMIT = settings.HTTP_LIMIT = "1000000/second"
    key = secrets.token_hex(16)
    response = leave(body={"key": key, **fields})
    assert response.status_code in (201, 400, 422)
    row = Message.objects.filter(key=key).first()
    assert (row is not None) is (response.status_code == 201)
    if row is None:
        assert response.json()["error"]["fields"]
        return
    row.full_clean()  # no wider than its columns
    assert row.email or row.phone
    assert row.text.strip()
    assert not any(ord(sign) < 32 and sign not in "\n\t" for sign in row.text + row.name + row.email + row.phone)
