"""A time from the page on which it is chosen to the call at the head of the queue, and what may go wrong on the way."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from hypothesis import example, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from accounts.models import Operator
from appointments import booking, due, keeping, limits, links
from appointments.models import Appointment, State
from harness.fakes.smtp import FakeMail
from infra.buckets import Buckets
from infra.errors import ScriptFailed, StoreUnavailable
from infra.redis.client import client, execute
from infra.redis.scripts import key
from messages_left.models import Message, Why
from notifications.models import Kind, OutboxMessage
from queueing import resume_handles, services, tokens
from queueing.blocklist import rules
from queueing.booked import Booked
from queueing.callbacks import restoring
from queueing.history.callback_models import Callback
from queueing.history.fairness_models import FairnessEntry
from queueing.history.models import Conversation
from queueing.history.recording import journal
from queueing.live import store
from sites import lookup
from sites.line_models import Line, Member
from sites.models import Site
from tests.appointments.conftest import Choose, first_free, has_come, work
from tests.queueing.world import Customer, problems, settle, tick
from tests.queueing.world import Operator as Desk

pytestmark = pytest.mark.django_db


def page(row: Appointment, **posted: str) -> Any:
    return Client().post(links.path(row), posted) if posted else Client().get(links.path(row))


def state_of(row: Appointment) -> str:
    row.refresh_from_db()
    return str(row.state)


def end_hold(row: Appointment) -> None:
    client().zadd(key("callback"), {row.conversation: 1})
    tick()


def desk() -> Desk:
    made = Desk("ayse")
    made.connect()
    made.available()
    return made


def test_a_time_is_chosen_confirmed_called_and_met(booked: Appointment, office: FakeMail, ayse: Operator) -> None:
    work()
    [letter] = office.delivered
    assert letter.recipients == ["ada@example.com"]
    assert letter.message["Subject"] == "Your time at testserver"
    assert "(Europe/Berlin)" in letter.body
    link = re.search(r"https://testserver(/times/\S+)", letter.body)
    assert link is not None
    [calendar] = [part for part in letter.message.walk() if part.get_content_type() == "text/calendar"]
    shown = Client().get(link[1]).content.decode()
    assert "Your time is kept" in shown
    file = Client().get(links.path(booked, "appointment-calendar"))
    assert file["Content-Type"] == "text/calendar; charset=utf-8"
    for text in (calendar.get_payload(decode=True).decode(), file.content.decode()):  # type: ignore[union-attr]
        assert f"UID:{booked.pk}@testserver" in text
        assert booked.starts_at.strftime("DTSTART:%Y%m%dT%H%M%SZ") in text

    # Before their time nobody takes a place by it, and somebody without one waits.
    assert page(booked, do="come").status_code == 409
    walks_in = Customer("bora")
    walks_in.join()
    has_come(booked)
    work()
    work()
    assert state_of(booked) == State.CALLED
    [_, call] = office.delivered
    assert call.message["Subject"] == "It is your time at testserver"
    queue = client().zrange(key("line"), 0, -1)
    assert queue == [booked.conversation, walks_in.cid]
    assert problems() == []
    [entry] = FairnessEntry.objects.filter(kind="booked")
    assert (entry.conversation_id, entry.places) == (booked.conversation, 1)
    [card] = OutboxMessage.objects.filter(kind=Kind.CUSTOMER_JOINED, conversation=booked.conversation)
    assert card.context["position"] == 1

    # The page of the time leads to the place, as the letter does.
    there = page(booked, do="come")
    assert there.status_code == 302
    handle = there["Location"].removeprefix("https://testserver/#place=")
    assert handle in call.body
    assert tokens.read(resume_handles.read(handle, "https://testserver")).conversation == booked.conversation
    ada = Customer("Ada", cid=booked.conversation)
    ada.reconnect()
    assert desk().serving == booked.conversation
    work()
    assert state_of(booked) == State.MET
    assert "This time is over" in page(booked).content.decode()


def test_who_is_not_there_becomes_a_message(booked: Appointment, ayse: Operator) -> None:
    has_come(booked)
    work()
    desk()
    tick()
    end_hold(booked)
    work()
    end_hold(booked)
    work()
    assert state_of(booked) == State.MISSED
    left = Message.objects.get()
    assert (left.why, left.name, left.email) == (Why.CALLBACK, "Ada", "ada@example.com")
    assert "You were not there" in page(booked).content.decode()


def test_a_worker_that_was_out_calls_nobody_for_a_time_long_gone(booked: Appointment, ayse: Operator) -> None:
    has_come(booked, timedelta(hours=2))
    work()
    assert state_of(booked) == State.MISSED
    assert Message.objects.count() == 1
    assert not Conversation.objects.exists()


def test_redis_clock_says_when_a_time_has_come(booked: Appointment) -> None:
    """A worker whose clock runs ahead, or jumps, calls nobody early."""
    due.see_to(booked.starts_at + timedelta(seconds=1))
    assert state_of(booked) == State.BOOKED
    assert client().zcard(key("line")) == 0


def test_those_with_a_time_stand_in_the_order_of_their_times(choose: Choose, settings: Any) -> None:
    settings.APPOINTMENTS_PER_CONTACT = 9
    for number in range(3):
        assert choose(slot=str(first_free(number)), name=f"n{number}").status_code == 302
    walks_in = Customer("bora")
    walks_in.join()
    rows = list(Appointment.objects.order_by("starts_at"))
    for row in (rows[0], rows[1]):
        has_come(row, timedelta(minutes=5) - (row.starts_at - rows[0].starts_at) / 100)
    work()
    has_come(rows[2])
    work()
    again = [row.conversation for row in Appointment.objects.order_by("starts_at")]
    assert client().zrange(key("line"), 0, -1) == [*again, walks_in.cid]
    # Who changes their mind and waits on the page keeps the place, for as long as others may wait.
    ada = Customer("Ada", cid=again[0])
    ada.reconnect()
    from queueing.live import callbacks as live

    execute(live.cancel(again[0]))
    tick()
    assert client().zrange(key("line"), 0, 0) == [again[0]]
    work()
    assert Appointment.objects.get(conversation=again[0]).state == State.CALLED


def test_who_cannot_be_called_now_holds_up_nobody(choose: Choose, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ada", "bora"):
        assert choose(slot=str(first_free()), email=f"{name}@example.com").status_code == 302
    for number, row in enumerate(Appointment.objects.order_by("starts_at")):
        has_come(row, timedelta(seconds=9 - number))
    first, second = Appointment.objects.order_by("starts_at")
    begin = due.booked.begin

    def fails_for_the_first(one: Booked) -> bool:
        if one.conversation == first.conversation:
            raise ScriptFailed()
        return begin(one)

    with monkeypatch.context() as broken:
        broken.setattr(due.booked, "begin", fails_for_the_first)
        due.see_to()
    assert (state_of(first), state_of(second)) == (State.BOOKED, State.CALLED)
    due.see_to()
    assert state_of(first) == State.CALLED


def test_a_call_that_a_wiped_redis_forgot_is_begun_again(booked: Appointment) -> None:
    has_come(booked)
    due.see_to()
    client().flushdb()
    tick()
    journal.record()
    due.see_to(timezone.now() + timedelta(seconds=20))
    assert client().zcard(key("line")) == 0
    # Not before those who wait have had their time to come back; and then at once.
    due.see_to(timezone.now() + timedelta(seconds=31))
    assert client().zcard(key("line")) == 0
    settle()
    due.see_to(timezone.now() + timedelta(seconds=31))
    assert client().zrange(key("line"), 0, -1) == [booked.conversation]
    # What the history knows is begun once.
    journal.record()
    execute(store.remove(booked.conversation))
    journal.record()
    due.see_to(timezone.now() + timedelta(seconds=31))
    assert client().zcard(key("line")) == 0


def test_a_call_of_which_only_the_beginning_was_recorded_is_begun_again(booked: Appointment) -> None:
    """A worker recorded that they wait, died, and Redis lost the rest."""
    has_come(booked)
    due.see_to()
    joined = client().xrange(key("journal"), count=1)[0][1]  # type: ignore[index]
    client().xtrim(key("journal"), maxlen=0)
    client().xadd(key("journal"), joined)
    journal.record()
    assert Conversation.objects.get().status == "waiting"
    client().flushdb()
    settle()
    due.see_to(timezone.now() + timedelta(seconds=31))
    work()
    assert client().zrange(key("line"), 0, -1) == [booked.conversation]
    assert Callback.objects.get().calls == 1
    assert state_of(booked) == State.CALLED


@pytest.mark.parametrize("claimed", [True, False])
def test_what_came_of_who_was_never_recorded_as_called(booked: Appointment, claimed: bool) -> None:
    Appointment.objects.update(state=State.CALLED, called_at=timezone.now())
    over = {"status": "ended", "ended_at": timezone.now(), "claimed_at": timezone.now() if claimed else None}
    Conversation.objects.create(id=booked.conversation, joined_at=timezone.now(), **over)
    due.see_to()
    assert state_of(booked) == (State.MET if claimed else State.CANCELLED)


@pytest.mark.django_db(transaction=True)
def test_a_wiped_redis_changes_nothing_about_the_head(booked: Appointment, choose: Choose) -> None:
    choose(email="cem@example.com")
    second = Appointment.objects.exclude(pk=booked.pk).get()
    walks_in = Customer("bora")
    walks_in.join()
    has_come(booked)
    work()
    token = resume_handles.read(Callback.objects.get().handle, "https://testserver")
    before = client().zrange(key("line"), 0, 0, withscores=True)
    client().flushdb()
    tick()
    # The one comes by the link before the worker has brought anybody back.
    asyncio.run(services.resume_customer(Direct(), "p1|ada", token, None, None))  # type: ignore[arg-type]
    assert client().zrange(key("line"), 0, 0, withscores=True) == before
    restoring.bring_back()
    settle()
    has_come(second)
    work()
    assert client().zrange(key("line"), 0, -1) == [booked.conversation, second.conversation]
    assert problems() == []


class Direct:
    """What `services` need of a bus."""

    async def execute(self, command: Any) -> Any:
        return execute(command)


def test_it_is_moved_and_given_back(booked: Appointment, office: FakeMail) -> None:
    before, other = booked.starts_at, first_free(3)
    assert page(booked, do="move", slot=str(other)).status_code == 302
    assert page(booked, do="move", slot=str(other)).status_code == 302
    booked.refresh_from_db()
    assert (round(booked.starts_at.timestamp() * 1000), booked.sequence) == (other, 1)
    work()
    # The first one said what is not so any more.
    [moved] = office.delivered
    assert moved.message["Subject"] == "Your new time at testserver"
    assert "SEQUENCE:1" in str(moved.message)
    assert round(before.timestamp() * 1000) in booking.free(booking.sites.find("").site)
    assert page(booked, do="cancel").status_code == 302
    work()
    gone = office.delivered[1]
    assert gone.message["Subject"] == "Your time at testserver was given back"
    assert "METHOD:CANCEL" in str(gone.message)
    for act in ({"do": "cancel"}, {"do": "move", "slot": str(first_free(5))}, {"do": "come"}):
        assert page(booked, **act).status_code == 409
    has_come(booked)
    work()
    assert state_of(booked) == State.CANCELLED
    assert len(office.delivered) == 2


def test_moving_it_writes_to_nobody_more_often_than_choosing_it(
    choose: Choose, office: FakeMail, settings: Any
) -> None:
    """Whoever has typed another's address has the link to the time, and each move is a letter to that address."""
    settings.MAIL_ADDRESS_LIMIT = "2/hour"
    assert choose().status_code == 302
    booked = Appointment.objects.get()
    assert page(booked, do="move", slot=str(first_free(3))).status_code == 302
    work()
    refused = page(booked, do="move", slot=str(first_free(5)))
    assert refused.status_code == 429
    assert "written to several times" in refused.content.decode()
    # What changes nothing is no letter; giving it back frees the place for somebody else.
    same = round(Appointment.objects.get().starts_at.timestamp() * 1000)
    assert page(booked, do="move", slot=str(same)).status_code == 302
    assert page(booked, do="cancel").status_code == 302
    work()
    assert [one.message["Subject"] for one in office.delivered] == [
        "Your new time at testserver",
        "Your time at testserver was given back",
    ]


def test_both_are_reminded_once(booked: Appointment, office: FakeMail, ayse: Operator, settings: Any) -> None:
    Appointment.objects.update(booked_at=timezone.now() - timedelta(hours=5))
    work()
    settings.APPOINTMENT_REMIND_SECS = 3600 * 24
    Appointment.objects.update(booked_at=timezone.now() - timedelta(hours=48))
    work()
    work()
    assert [str(one.message["Subject"]) for one in office.delivered] == [
        "Your time at testserver",
        "Soon: your time at testserver",
    ]
    [told] = OutboxMessage.objects.filter(kind=Kind.APPOINTMENT_SOON)
    assert (told.admin_id, told.context["name"]) == ("ayse", "Ada")


def test_a_time_has_one_owner_and_an_address_few_times(choose: Choose, settings: Any) -> None:
    # Not the first ones, which the turn of the quarter takes away.
    before, also_before, taken, after, also_after = sorted(booking.free(lookup.find("").site))[6:11]
    slot = str(taken)
    assert choose(slot=slot).status_code == 302
    refused = choose(slot=slot, email="bora@example.com")
    assert refused.status_code == 409
    assert "no longer free" in refused.content.decode()
    near = refused.content.decode().partition("Free next to it")[2].partition("ad-times__day")[0]
    assert re.findall(r'value="(\d+)"', near) == [str(start) for start in (before, also_before, after, also_after)]
    assert choose(email="ADA+x@example.com").status_code == 302
    full = choose()
    assert full.status_code == 409
    assert "as many times to come as there can be" in full.content.decode()
    settings.APPOINTMENTS_PER_SLOT = 2
    assert choose(slot=slot, email="bora@example.com").status_code == 302
    assert choose(slot=slot, email="cem@example.com").status_code == 409
    # A repeated request is the same time.
    once = {"key": "k" * 20, "email": "deniz@example.com"}
    assert choose(**once)["Location"] == choose(**once)["Location"]
    assert Appointment.objects.count() == 4


def test_of_a_department_no_more_have_a_time_than_serve_it(choose: Choose, settings: Any, ayse: Operator) -> None:
    """Over all sites whose customers it takes; the default department is what the settings say."""
    settings.APPOINTMENTS_PER_SLOT = 3
    line = Line.objects.create(key="sales", names={"en": "Sales"})
    Line.objects.create(key="tech", names={"en": "Tech"})
    Member.objects.create(line=line, operator=ayse)
    shop = Site.objects.create(name="Shop", line=line)
    lookup.sites.clear()
    slot = str(first_free())
    assert choose(query="&line=tech", slot=slot).status_code == 409
    assert "No time is free" in Client().get("/times/?line=tech&locale=en").content.decode()
    assert choose(query="&line=sales", slot=slot).status_code == 302
    refused = choose(query=f"&site={shop.key}", slot=slot, email="bora@example.com")
    assert refused.status_code == 409
    assert f'value="{slot}"' not in refused.content.decode()
    # Who comes for nobody in particular is none of theirs.
    for name in ("cem", "deniz"):
        assert choose(slot=slot, email=f"{name}@example.com").status_code == 302
    assert choose(slot=slot, email="elif@example.com").status_code == 409
    Member.objects.create(line=line, operator=Operator.objects.create_user("ece", name="Ece"))
    lookup.sites.clear()
    assert choose(query=f"&site={shop.key}", slot=slot, email="bora@example.com").status_code == 302


def test_links_that_are_not_ours(booked: Appointment, choose: Choose) -> None:
    choose(email="bora@example.com")
    other = Appointment.objects.exclude(pk=booked.pk).get()
    foreign = f"/times/{booked.pk}/?key={links.signature(other.pk)}"
    for address in (
        foreign,
        f"/times/{booked.pk}/",
        f"/times/{booked.pk}/?key=x",
        foreign.replace("/?", "/invite.ics?"),
    ):
        assert Client().get(address).status_code == 404
        assert Client().post(address, {"do": "cancel"}).status_code in (404, 405)
    keeping.erase(Appointment.objects.filter(pk=booked.pk))
    assert page(booked).status_code == 404
    assert state_of(booked) == State.CANCELLED


def test_it_is_charged_before_anything_is_read_and_blocked_ones_get_none(choose: Choose, settings: Any) -> None:
    settings.APPOINTMENT_CLIENT_LIMIT = "2/hour"
    assert choose(email="no").status_code == 422
    assert choose(email="no").status_code == 422
    assert choose().status_code == 429
    rules.block_network("203.0.113.9", reason="", until=None, by="ayse")
    assert choose(address="203.0.113.9").status_code == 403
    assert not Appointment.objects.exists()
    assert b"/times/?site=" in Client().get("/").content
    settings.ENABLE_APPOINTMENTS = False
    assert Client().get("/times/").status_code == 404
    assert b"/times/" not in Client().get("/").content
    settings.ENABLE_APPOINTMENTS, settings.MAIL_URL = True, ""
    assert choose(address="203.0.113.10", slot="1").status_code == 404


def test_a_redis_that_is_out_is_said_to_be(
    booked: Appointment, choose: Choose, monkeypatch: pytest.MonkeyPatch
) -> None:
    def out(_command: Any) -> Any:
        raise StoreUnavailable

    slot = str(first_free(3))
    monkeypatch.setattr(limits, "execute", out)
    for answer in (choose(slot=slot), page(booked, do="cancel"), page(booked, do="move", slot=slot)):
        assert answer.status_code == 503
        assert "temporarily unavailable" in answer.content.decode()
    assert state_of(booked) == State.BOOKED


def test_looking_is_charged_before_a_page_is_written(booked: Appointment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LOOKS", "2/minute")
    limits._looks = Buckets()
    assert [Client().get("/times/").status_code, page(booked).status_code] == [200, 200]

    def written(*_: Any, **__: Any) -> Any:
        raise AssertionError("a page was written")

    monkeypatch.setattr(booking, "free", written)
    for answer in (Client().get("/times/"), page(booked), page(booked, do="cancel")):
        assert answer.status_code == 429
        assert answer["Retry-After"]
    monkeypatch.undo()
    assert Client(REMOTE_ADDR="203.0.113.99").get("/times/").status_code == 200


TEXT = st.text(max_size=400)


@effort(max_examples=8)
@given(
    key=TEXT, slot=TEXT | st.integers().map(str), name=TEXT, email=TEXT, topic=TEXT, media=TEXT, zone=TEXT, site=TEXT
)
@example(
    key="\0",
    slot="٣" * 13,
    name="\u202e",
    email="a@b\r\nBcc: c@d",
    topic="\ud800",
    media="fax",
    zone="../etc",
    site="\0",
)
@example(key="k" * 20, slot="9" * 13, name="x", email="a@example.com", topic="", media="chat", zone="UTC", site="")
def test_whatever_is_typed_is_answered_in_words(
    key: str, slot: str, name: str, email: str, topic: str, media: str, zone: str, site: str
) -> None:
    given_texts = {"key": key, "slot": slot, "name": name, "email": email, "topic": topic, "media": media}
    encoded = {field: text.encode("utf-8", "replace").decode() for field, text in given_texts.items()}
    query = {name: text.encode("utf-8", "replace").decode() for name, text in {"zone": zone, "site": site}.items()}
    answer = Client().post("/times/", encoded, query_params=query, REMOTE_ADDR="203.0.113.20")
    assert answer.status_code in (302, 400, 409, 422, 429)
    row = Appointment.objects.first()
    posted = Client().post(
        f"/times/{'0' * 32}/", {"do": key[:9], "slot": encoded["slot"]}, query_params={"key": query["zone"]}
    )
    assert posted.status_code in (400, 404)
    if row is not None:
        assert row.zone in ("", "UTC") or "/" in row.zone


@pytest.mark.django_db(transaction=True)
def test_a_person_is_told_and_forgotten(booked: Appointment, ayse: Operator, settings: Any) -> None:
    has_come(booked)
    work()
    out = StringIO()
    call_command("person", "export", "--conversation", booked.conversation, stdout=out)
    assert '"appointments"' in out.getvalue()
    assert "ada@example.com" in out.getvalue()
    call_command("person", "erase", "--conversation", booked.conversation, "--wait", "0", stdout=StringIO())
    booked.refresh_from_db()
    assert (booked.name, booked.email, booked.topic, booked.folded) == ("", "", "", "")
    assert not OutboxMessage.objects.filter(context__icontains="ada@example.com").exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("identity", ["ada@example.com", "customer-7"])
def test_who_asks_by_their_identity_is_told_of_a_time_to_come(
    booked: Appointment, choose: Choose, identity: str
) -> None:
    """By the address that their site signed, or that they are called by."""
    choose(email="bora@example.com")
    other = Appointment.objects.exclude(pk=booked.pk).get()
    signed = {"identity": {"sub": "customer-7", "email": "Ada@example.com"}}
    Conversation.objects.create(id="before", joined_at=timezone.now(), status="ended", attributes=signed)
    out = StringIO()
    call_command("person", "export", "--identity", identity, stdout=out)
    [told] = json.loads(out.getvalue())["appointments"]
    assert (told["id"], told["state"], told["email"]) == (booked.pk, "booked", "ada@example.com")
    call_command("person", "erase", "--identity", identity, "--wait", "0", stdout=StringIO())
    booked.refresh_from_db()
    other.refresh_from_db()
    assert (booked.name, booked.email, booked.mailbox, booked.state) == ("", "", "", State.CANCELLED)
    assert (other.email, other.state) == ("bora@example.com", State.BOOKED)
    assert not OutboxMessage.objects.filter(context__icontains="ada@example.com").exists()
    with pytest.raises(CommandError, match="Nothing is stored"):
        call_command("person", "export", "--identity", "ada@example.com", stdout=StringIO())


def test_nobody_is_called_again_who_was_erased(booked: Appointment) -> None:
    """A wiped Redis has forgotten the call before the history had heard of it: it would be begun again, without a name
    and with nobody to write to."""
    has_come(booked)
    Appointment.objects.update(state=State.CALLED, called_at=timezone.now() - 2 * due.UNRECORDED)
    keeping.forget([booked.conversation])
    work()
    assert state_of(booked) == State.CANCELLED
    assert client().zcard(key("line")) == 0
    assert not Message.objects.exists()


def test_an_address_is_found_after_the_secret_key_was_changed(booked: Appointment, settings: Any) -> None:
    """What limits count by is a digest under that key; whose time it is stands in the row."""
    settings.SECRET_KEY = "another-one-" * 5
    assert keeping.found(["ADA+x@example.com", "bora@example.com"]) == [booked.conversation]
    assert keeping.found(["ad@example.com", "ada@example.org"]) == []


@pytest.mark.django_db(transaction=True)
def test_an_address_that_somebody_merely_typed_gives_them_nobodys_time(booked: Appointment) -> None:
    """Neither in answer to a question, nor to be written to: anybody can type anybody's."""
    mine = Conversation.objects.create(
        id="mine",
        joined_at=timezone.now(),
        status="ended",
        attributes={"identity": {"sub": "customer-8", "email": "eve@example.com"}},
        answers=[{"key": "email", "kind": "email", "value": booked.email}],
    )
    Callback.objects.create(conversation=mine, email=booked.email, asked_at=timezone.now())
    out = StringIO()
    call_command("person", "export", "--identity", "customer-8", stdout=out)
    told = json.loads(out.getvalue())
    assert [row["id"] for row in told["conversations"]] == ["mine"]
    assert told["appointments"] == []
    call_command("person", "erase", "--identity", "customer-8", "--wait", "0", stdout=StringIO())
    booked.refresh_from_db()
    assert (booked.email, booked.state) == ("ada@example.com", State.BOOKED)


def test_what_is_old_is_forgotten(booked: Appointment, settings: Any) -> None:
    settings.RETENTION_DAYS = 30
    assert keeping.forget_old() == 0
    has_come(booked, timedelta(days=31))
    assert keeping.forget_old() == 1
    booked.refresh_from_db()
    assert booked.email == ""
