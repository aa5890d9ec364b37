"""One bad entry stops nobody: it is set aside with its reason, and applied again when somebody asks for it."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import DataError, IntegrityError, InterfaceError, OperationalError, ProgrammingError, connection
from django.test import Client

from infra.clock import now_ms
from infra.redis.client import client
from infra.redis.scripts import key
from notifications.models import OutboxMessage
from queueing.history.models import ChatMessage, Conversation, ConversationEvent
from queueing.history.privacy import retention
from queueing.history.recording import journal, recorder
from queueing.history.recording import set_aside as asides
from queueing.history.set_aside_models import SetAsideEntry
from tests.queueing.world import Customer, Operator, lease, settle

pytestmark = pytest.mark.django_db(transaction=True)

BAD: list[dict[str, str]] = [
    {"data": "no json"},
    {"data": "[1]"},
    {"at": "never"},
    {"at": "9" * 30},
    {"type": "chat", "data": '{"id": 1, "text": "no sender"}'},
    {"type": "chat", "data": '{"from": "somebody-else", "id": 1, "text": "a"}'},
    {"type": "chat", "data": '{"from": "customer", "id": 99999999999999999999999999, "text": "a"}'},
    {"type": "restored", "data": '{"name": "no status"}'},
    {"type": "restored", "data": '{"status": "waiting", "joined_at": 1e300}'},
    {"type": "joined", "data": '{"ticket": "1700000000000000", "attributes": "{"}'},
    {"type": "joined", "data": '{"ticket": "1700000000000000", "promised": {"low_s": 1e300}}'},
    {"type": "claimed", "data": "{}"},
    {"conversation": "x" * 400, "type": "claimed", "data": "{}"},
]


@pytest.fixture(autouse=True)
def _running(redis_server: str) -> None:
    lease()
    settle()


def add(**fields: str) -> str:
    entry = {"type": "note", "conversation": "cid-bad", "at": "1700000000000", "data": "{}"} | fields
    return str(client().xadd(key("journal"), entry))  # type: ignore[arg-type]


def a_call_with(*bad: dict[str, str]) -> Customer:
    """A whole conversation, and bad entries in the midst of it."""
    ada, deniz = Customer("ada"), Operator("deniz")
    ada.join()
    deniz.connect()
    deniz.available()
    ada.say("merhaba")
    for fields in bad:
        add(**fields)
        ada.say("ve devam")
    deniz.end()
    return ada


@pytest.mark.parametrize("fields", BAD, ids=range(len(BAD)))
def test_an_entry_that_cannot_be_recorded_is_set_aside_and_the_journal_goes_on(fields: dict[str, str]) -> None:
    ada = a_call_with(fields)
    journal.record()
    row = Conversation.objects.get(pk=ada.cid)
    assert (row.status, row.reason) == ("ended", "hangup")
    assert [line.text for line in row.messages.all()] == ["merhaba", "ve devam"]
    aside = SetAsideEntry.objects.get()
    assert aside.entry[1]["type"] == fields.get("type", "note")
    assert aside.reason
    assert client().xlen(key("journal")) == 0
    assert (journal.lag(), connection.in_atomic_block) == (0, False)


def test_many_bad_entries_are_each_found_among_the_good_ones() -> None:
    ada = a_call_with(*BAD)
    for number in range(300):
        ada_line = {"from": "operator", "id": 1_000 + number, "text": f"satır {number}"}
        add(type="chat", conversation=ada.cid, data=json.dumps(ada_line))
        if number % 50 == 0:
            add(data="no json")
    journal.record()
    assert ChatMessage.objects.count() == 1 + len(BAD) + 300
    assert SetAsideEntry.objects.count() == len(BAD) + 6
    assert list(ConversationEvent.objects.values_list("kind", flat=True)) == ["joined", "claimed", "ended"]


def test_what_was_set_aside_is_not_set_aside_a_second_time() -> None:
    entry = add(data="no json")
    journal.record()
    client().delete(key("journal"))
    client().xadd(key("journal"), {"type": "note", "conversation": "c", "at": "0", "data": "no json"}, id=entry)
    journal.record()
    assert SetAsideEntry.objects.get().attempts == 1


@pytest.mark.parametrize(
    "error", [OperationalError("locked"), InterfaceError("closed"), ProgrammingError("no such table"), OSError("gone")]
)
def test_a_database_that_is_out_sets_nothing_aside(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    a_call_with()
    tried = 0

    def refuse(*_args: object, **_named: object) -> None:
        nonlocal tried
        tried += 1
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(recorder, "write", refuse)
        with pytest.raises(type(error)):
            journal.record()
    assert (tried, SetAsideEntry.objects.count()) == (1, 0)
    assert journal.record() == 4


@pytest.mark.parametrize("error", [DataError("too long"), IntegrityError("null"), ValueError("strange")])
def test_what_speaks_of_the_values_is_the_entrys_fault(error: Exception) -> None:
    assert asides.is_fault_of_entry(error)


def test_entries_set_aside_are_applied_again_once_they_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """As after an update that mends the recorder: the history is whole, and nobody is told of who is long gone."""
    ada = a_call_with()
    read = recorder._read

    def refuse_all_but_chat(entry_id: str, fields: dict[str, str]) -> Any:
        if fields["type"] in ("joined", "claimed"):
            raise DataError("value too long")
        return read(entry_id, fields)

    with monkeypatch.context() as patched:
        patched.setattr(recorder, "_read", refuse_all_but_chat)
        journal.record()
        assert asides.retry() == asides.Retried(recorded=0, left=2)
    assert {row.attempts for row in SetAsideEntry.objects.all()} == {2}
    assert asides.retry() == asides.Retried(recorded=2, left=0)
    row = Conversation.objects.get(pk=ada.cid)
    assert (row.name, row.status, row.reason, row.admin_id) == ("ada", "ended", "hangup", "deniz")
    assert row.claimed_at is not None
    assert [event.kind for event in row.events.all()] == ["joined", "claimed", "ended"]
    assert not OutboxMessage.objects.exists()
    assert not SetAsideEntry.objects.exists()


def test_an_entry_that_is_applied_later_stands_where_it_happened(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of twelve in one millisecond the second is applied last: neither timeline nor chat lets it slip to the end."""
    read, at = recorder._read, now_ms() + 1_000
    texts = [f"satır {number}" for number in range(12)]
    entries = [("chat", json.dumps({"from": "customer", "id": n, "text": text})) for n, text in enumerate(texts, 1)]
    entries += [(f"step-{number}", "{}") for number in range(12)]
    for number, (kind, data) in enumerate(entries):
        fields = {"type": kind, "conversation": "cid-order", "at": str(at), "data": data}
        client().xadd(key("journal"), fields, id=f"{at}-{number}")  # type: ignore[arg-type]

    def refuse_the_second(entry_id: str, fields: dict[str, str]) -> Any:
        if entry_id in (f"{at}-1", f"{at}-13"):
            raise DataError("value too long")
        return read(entry_id, fields)

    with monkeypatch.context() as patched:
        patched.setattr(recorder, "_read", refuse_the_second)
        journal.record()
    assert asides.retry() == asides.Retried(recorded=2, left=0)
    row = Conversation.objects.get(pk="cid-order")
    assert [line.text for line in row.messages.all()] == texts
    assert [event.kind for event in row.events.all()] == [f"step-{number}" for number in range(12)]


def test_the_command_says_how_it_stands_and_tries_again() -> None:
    def run(*words: str) -> tuple[int, Any]:
        out, code = StringIO(), 0
        try:
            call_command("journal", *words, "--json", stdout=out)
        except SystemExit as error:
            code = int(error.code or 0)
        return code, json.loads(out.getvalue())

    good = add(conversation="cid-good")
    bad = add(data="no json")
    assert run("status")[1] | {"oldest_age_s": 0} == {"lag": 2, "oldest_age_s": 0, "set_aside": 0, "entries": []}
    journal.record()
    code, told = run("status")
    assert (code, told["lag"], told["set_aside"]) == (0, 0, 1)
    assert [(row["entry"], row["kind"], row["attempts"]) for row in told["entries"]] == [(bad, "note", 1)]
    assert run("retry") == (1, {"recorded": 0, "left": 1})
    SetAsideEntry.objects.update(fields=json.dumps({"type": "note", "conversation": "c", "at": "0", "data": "{}"}))
    assert run("retry", bad) == (0, {"recorded": 1, "left": 0})
    assert set(ConversationEvent.objects.values_list("entry_id", flat=True)) == {good, bad}
    text = StringIO()
    call_command("journal", "status", stdout=text)
    assert "set aside" in text.getvalue()


def test_erasing_somebody_erases_what_was_set_aside_of_them() -> None:
    add(data="no json", conversation="cid-ada")
    add(conversation="cid-ada")
    add(data="no json", conversation="cid-bora")
    journal.record()
    retention.anonymise(["cid-ada"])
    assert [row.conversation for row in SetAsideEntry.objects.all()] == ["cid-bora"]


def test_the_admin_shows_why_and_applies_again_for_superusers_alone() -> None:
    bad = add(data="no json")
    journal.record()
    page = "/admin/queueing/setasideentry/"
    browser = Client(headers={"Accept-Language": "en"})
    browser.force_login(get_user_model().objects.create_user("deniz", name="Deniz"))
    assert browser.get(page).status_code == 403
    browser.force_login(get_user_model().objects.create_superuser("root", name="Root"))
    shown = browser.get(page).content.decode()
    assert bad in shown
    assert "JSONDecodeError" in shown
    row = SetAsideEntry.objects.get()
    assert browser.get(f"{page}{row.pk}/change/").status_code == 200
    again = {"action": "retry", "_selected_action": [row.pk]}
    assert "1 entry was refused again." in browser.post(page, again, follow=True).content.decode()
    SetAsideEntry.objects.update(fields=json.dumps({"type": "note", "conversation": "c", "at": "0", "data": "{}"}))
    assert "1 entry was recorded." in browser.post(page, again, follow=True).content.decode()
    assert ConversationEvent.objects.get().entry_id == bad
