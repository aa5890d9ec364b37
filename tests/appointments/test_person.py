"""Of a person who never signed in and typed an address: found by an operator, read, and erased on their word."""

from __future__ import annotations

import json
import re
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditEvent
from appointments.models import Appointment, State
from harness.fakes.smtp import FakeMail
from infra.redis.client import execute
from messages_left.attachments.models import Attachment
from messages_left.attachments.models import State as FileState
from messages_left.models import Message
from notifications.models import OutboxMessage
from queueing.callbacks import asking
from queueing.history.callback_models import Callback
from queueing.history.models import Conversation
from queueing.history.recording import journal
from queueing.live import callbacks as live
from tests.appointments.conftest import Choose, post_letters
from tests.queueing.world import Customer

pytestmark = pytest.mark.django_db(transaction=True)
ADA, OTHER = "ada@example.com", "adam@example.com"


def person(*words: str) -> tuple[dict[str, Any], str]:
    """What the command prints, and what it ends with."""
    out, wait = StringIO(), ("--wait", "0") if words[0] == "erase" else ()
    try:
        call_command("person", *words, *wait, stdout=out)
    except CommandError as error:
        return json.loads(out.getvalue() or "{}"), str(error)
    return json.loads(out.getvalue()), ""


def waits_to_be_called(name: str, address: str) -> Customer:
    customer = Customer(name)
    customer.join(answers=json.dumps([{"key": "email", "kind": "email", "value": address}]))
    contact = {"channel": "email", "email": address, "language": "en", "origin": "https://testserver", "handle": "h"}
    execute(live.ask(customer.cid, "email", asking.bounds_of(address, ""), contact))
    return customer


@pytest.fixture
def everywhere(choose: Choose) -> None:
    """Two people who typed their addresses wherever one can."""
    for name, address in (("Ada", ADA), ("Adam", OTHER)):
        assert choose(email=address, name=name).status_code == 302
        words = {"name": name, "email": address, "text": f"I am {name}.", "language": "en"}
        message = Message.objects.create(key=f"{name:0<20}", **words)
        Attachment.objects.create(message=message, name=f"{name}.png", size=1, state=FileState.READY)
        waits_to_be_called(name, address)
    Message.objects.create(key="p" * 20, name="Ada", email="ADA+shop@example.com", text="Me again.", language="en")


def test_what_bears_the_address_is_exported_and_nothing_else(everywhere: None) -> None:
    found, _ = person("export", "--email", "Ada@Example.com")
    assert {name: len(rows) for name, rows in found.items() if name != "email" and rows} == {
        "conversations": 1, "notifications": 2, "callbacks": 1, "messages_left": 2, "appointments": 1, "letters": 2,
    }  # fmt: skip
    assert {row["text"] for row in found["messages_left"]} == {"I am Ada.", "Me again."}
    assert "Adam" not in json.dumps(found)


def test_it_is_listed_first_and_erased_on_a_word(everywhere: None) -> None:
    listed, why = person("erase", "--email", ADA)
    assert re.search(r"Nothing was erased.*nobody has proven.*--yes", why)
    assert [row["name"] for row in listed["conversations"]] == ["Ada"]
    assert {row["email"] for row in listed["messages_left"]} == {ADA, "ADA+shop@example.com"}
    assert Message.objects.filter(erased_at=None).count() == 3

    erased, _ = person("erase", "--email", ADA, "--yes")
    assert (erased["erased"], erased["besides"]) == (1, {"messages_left": 2, "letters": 2})
    kept = [
        *Message.objects.values_list("name", "email", "text"), *Attachment.objects.values_list("name"),
        *Appointment.objects.values_list("name", "email"), *Callback.objects.values_list("email"),
        *Conversation.objects.values_list("name", "answers"), *OutboxMessage.objects.values_list("context"),
        *AuditEvent.objects.values_list("detail"),
    ]  # fmt: skip
    left = json.dumps(kept, default=str)
    assert ("ada@" in left.lower(), "I am Ada." in left, "Ada.png" in left) == (False, False, False)
    assert (OTHER in left, "I am Adam." in left, "Adam.png" in left) == (True, True, True)
    assert sorted(Appointment.objects.values_list("state", flat=True)) == [State.BOOKED, State.CANCELLED]
    journal.record()
    assert sorted(Conversation.objects.values_list("status", flat=True)) == ["ended", "waiting"]
    assert person("export", "--email", ADA)[1] == "Nothing is stored of that person."


def test_a_letter_under_way_goes_nowhere(choose: Choose, office: FakeMail) -> None:
    assert choose(email=ADA).status_code == 302
    person("erase", "--email", ADA, "--yes")
    post_letters()
    assert office.delivered == []


@pytest.mark.parametrize("address", ["", "ada", "ada@", "a b@example.com", "%@example.com"])
def test_what_is_no_address_finds_nothing(address: str, everywhere: None) -> None:
    assert person("erase", "--email", address, "--yes")[1] == "--email is not an e-mail address."
    assert Message.objects.filter(erased_at=None).count() == 3
