"""Messages in the console: the oldest that nobody has, and one's own; of several who take one, one has it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as drawing
from hypothesis import strategies as st

from accounts.models import Operator
from messages_left.console import SHOWN_MOST, TEXT_SHOWN
from messages_left.models import Message, State
from tests.drawn import drawn
from tests.messages_left.conftest import Leave
from tests.messages_left.test_attachments import folder as folder
from tests.messages_left.test_attachments import kept

pytestmark = pytest.mark.django_db
URL = "/admin/console/messages/"
Browser = Callable[[Operator], Client]


def test_it_is_read_heard_and_taken(leave: Leave, people: dict[str, Operator], browser: Browser) -> None:
    voice = kept()
    leave(text="x" * (TEXT_SHOWN + 1), files=[voice])
    ayse, bob = browser(people["ayse"]), browser(people["bob"])
    told = ayse.get(URL).json()
    (shown,) = told["messages"]
    assert (told["open"], shown["name"], shown["signs"], shown["mine"]) == (1, "Ada", "🎤 0:03", False)
    assert len(shown["text"]) == TEXT_SHOWN
    (file,) = shown["files"]
    assert (file["kind"], file["length"]) == ("voice", "0:03")
    assert ayse.get(ayse.get(file["url"]).url)["Content-Type"] == "audio/webm"
    assert ayse.get(shown["page"]).status_code == 200
    assert ayse.get(told["list"]).status_code == 200

    take = f"{URL}{shown['id']}/take/"
    assert bob.post(take).json() == {"outcome": "won", "by": ""}
    assert bob.post(take).json() == {"outcome": "mine", "by": ""}
    assert ayse.post(take).json() == {"outcome": "taken", "by": "Bob"}
    assert ayse.get(URL).json()["messages"] == []
    (shown,) = bob.get(URL).json()["messages"]
    assert (bob.get(URL).json()["open"], shown["mine"]) == (0, True)
    assert bob.get(take).status_code == 405
    bob.post(shown["page"], {"do": "done"})
    assert bob.get(URL).json()["messages"] == []
    assert ayse.post(take).json() == {"outcome": "done", "by": "Bob"}


def test_what_the_scanner_holds_is_named_and_not_opened(
    leave: Leave, people: dict[str, Operator], browser: Browser
) -> None:
    leave(files=[kept()])
    Message.objects.get().attachments.update(state="waiting")
    ((file,),) = [one["files"] for one in browser(people["ayse"]).get(URL).json()["messages"]]
    assert (file["name"], file["url"]) == ("voice.webm", "")


def test_only_the_oldest_are_shown_and_all_are_counted(people: dict[str, Operator], browser: Browser) -> None:
    Message.objects.bulk_create(Message(key=str(n), language="tr", name=str(n)) for n in range(SHOWN_MOST + 5))
    told = browser(people["ayse"]).get(URL).json()
    assert told["open"] == SHOWN_MOST + 5
    assert [one["name"] for one in told["messages"]] == [str(n) for n in range(SHOWN_MOST)]


def test_nobody_else_is_told(client: Client, message: Message) -> None:
    for answer in (client.get(URL), client.post(f"{URL}{message.pk}/take/")):
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorized")
    assert Message.objects.get().state == State.OPEN


@drawing(max_examples=drawn(30), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pk=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80).filter(lambda one: "/" not in one))
def test_an_id_of_anybodys_making_is_nobodys_message(pk: str, people: dict[str, Operator], browser: Browser) -> None:
    if pk in {".", ".."}:
        return
    answer = browser(people["ayse"]).post(reverse("console-message-take", args=[pk]))
    assert answer.status_code in {200, 400}
    assert answer.status_code == 400 or answer.json() == {"outcome": "gone", "by": ""}
