"""A callback from the page's request to the letter: who may ask, what is kept, what is written, and to whom never."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client
from hypothesis import example, given
from hypothesis import strategies as st

from harness.fakes.smtp import FakeMail
from infra.redis.client import client, execute
from infra.redis.scripts import key
from messages_left.models import Message, Why
from notifications.models import Kind, OutboxMessage
from queueing import resume_handles
from queueing.callbacks import restoring, words
from queueing.history.callback_models import Callback
from queueing.history.models import Conversation, ConversationEvent
from queueing.history.privacy import personal_data
from queueing.history.recording import callbacks as history
from queueing.history.recording import journal
from queueing.history.set_aside_models import SetAsideEntry
from queueing.live import store
from tests.queueing.called import ADDRESS, begin, end_of_hold, on_shift, token_of, waits, work
from tests.queueing.world import Customer, Operator, contents, end_hold, lease, problems, settle, tick

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_server")]
OURS = "https://testserver"


@pytest.fixture(autouse=True)
def server(settings: Any, mail: FakeMail) -> FakeMail:
    settings.MAIL_ADDRESS_LIMIT = "100/hour"
    begin()
    return mail


def ask(token: str, body: Any = None, *, locale: str = "tr", **fields: Any) -> Any:
    given = {"address": ADDRESS, "origin": OURS, **fields} if body is None else body
    headers = {"Authorization": f"Bearer {token}"}
    return Client().post(f"/chat/callback/?locale={locale}", given, content_type="application/json", headers=headers)


def code(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def leaves(name: str = "ayşe", *, locale: str = "tr", **fields: Any) -> Customer:
    customer = waits(name)
    assert ask(token_of(customer), locale=locale, **fields).status_code == 200
    customer.disconnect()
    return customer


def row_of(customer: Customer) -> Callback:
    return Callback.objects.get(conversation=customer.cid)


def letters() -> list[str]:
    return list(OutboxMessage.objects.filter(kind=Kind.CALLBACK).order_by("id").values_list("notification", flat=True))


def test_it_is_asked_for_recorded_and_written_once(server: FakeMail) -> None:
    ayse = leaves()
    work()
    row = row_of(ayse)
    assert (row.state, row.email, row.language, row.calls) == ("open", ADDRESS, "tr", 0)
    # The timeline says that, not how to take the place.
    [event] = ConversationEvent.objects.filter(kind="callback:asked")
    assert event.data == {"channel": "email"}
    server.delivered.clear()  # that it is kept
    deniz = on_shift()
    work()
    work()
    [letter] = server.delivered
    assert letter.recipients == [ADDRESS]
    assert letter.message["Subject"] == "Sıranız yaklaştı: testserver"
    assert "ayşe" not in letter.body
    assert "iade" not in letter.body
    found = re.search(r"https://testserver/#place=(\S+)", letter.body)
    assert found is not None
    assert resume_handles.read(found[1], OURS) == token_of(ayse)
    assert letters() == [f"callback:{ayse.cid}:1"]
    end_of_hold(ayse)
    work()
    assert "son çağrı" in str(server.delivered[1].message["Subject"])
    ayse.reconnect()
    assert deniz.serving == ayse.cid
    work()
    row = row_of(ayse)
    assert (row.state, row.email, row.handle, row.origin) == ("came", "", "", "")
    assert len(server.delivered) == 2


def kept_letter(server: FakeMail) -> tuple[str, str]:
    """Its subject, and where its link leads."""
    [letter] = server.delivered
    found = re.search(r"https://testserver(/give-up/\S+)", letter.body)
    assert found is not None, letter.body
    assert "#place=" not in letter.body
    assert not any(word in letter.body for word in ("ayşe", "iade"))
    return str(letter.message["Subject"]), found[1]


@pytest.mark.parametrize(
    ("locale", "subject"), [("tr", "Yeriniz saklandı: testserver"), ("en", "Your place at testserver is kept")]
)
def test_it_is_confirmed_at_once_and_given_up_by_the_link(locale: str, subject: str, server: FakeMail) -> None:
    ayse = leaves(locale=locale)
    work()
    work()
    told, path = kept_letter(server)
    assert told == subject
    # Whoever reads letters by machine follows links: looking changes nothing.
    page = Client().get(path)
    assert (page.status_code, page.headers["Cache-Control"].count("no-store")) == (200, 1)
    assert ayse.cid in client().zrange(key("line"), 0, -1)
    assert ("Yes, give it up" if locale == "en" else "Evet, vazgeçiyorum") in page.content.decode()
    assert Client().post(path).status_code == 200
    assert client().zcard(key("line")) == 0
    assert ("not kept any more" if locale == "en" else "artık saklanmıyor") in Client().get(path).content.decode()
    assert Client().post(path).status_code == 200
    work()
    assert (row_of(ayse).state, Message.objects.exists(), len(server.delivered)) == ("cancelled", False, 1)


def test_what_is_not_their_link_gives_nothing_up(server: FakeMail) -> None:
    ayse, bora = leaves(), leaves("bora")
    journal.record()
    signed = words.give_up_link(row_of(bora)).partition("?key=")[2]
    for path in (f"/give-up/{ayse.cid}/", f"/give-up/{ayse.cid}/?key={signed}", "/give-up/x/?key=x"):
        assert Client().post(path).status_code == 404
    assert client().zcard(key("line")) == 2
    # A call that has begun meanwhile goes on.
    deniz = on_shift()
    ayse.reconnect()
    assert deniz.serving == ayse.cid
    assert Client().post(words.give_up_link(row_of(ayse)).removeprefix(OURS)).status_code == 200
    assert deniz.serving == ayse.cid


def test_who_was_blocked_or_left_by_then_is_not_written_to(server: FakeMail) -> None:
    ayse, bora, cem = leaves(), leaves("bora"), leaves("cem", address="cem@example.com")
    journal.record()
    execute(store.remove(ayse.cid, "blocked"))
    bora.reconnect()
    bora.leave()
    work()
    assert [letter.recipients for letter in server.delivered] == [["cem@example.com"]]
    assert cem.cid


def test_a_call_that_is_recorded_again_is_written_once() -> None:
    ayse = leaves()
    on_shift()
    journal.record()
    conversation = Conversation.objects.get(pk=ayse.cid)
    history.called(conversation, {"call": 1})
    assert (letters(), row_of(ayse).calls) == ([f"callback:{ayse.cid}:1"], 1)


def test_who_has_come_by_the_time_is_not_written_to(server: FakeMail) -> None:
    ayse = leaves()
    on_shift()
    ayse.reconnect()
    work()
    assert (letters(), server.delivered) == ([], [])
    # The letter was under way already.
    bora = leaves("bora")
    Operator("cem").connect()
    client().zadd(key("callback"), {bora.cid: 0})
    tick()
    journal.record()
    bora.reconnect()
    bora.leave()
    work()
    assert server.delivered == []


def test_what_is_missed_is_work_for_somebody(server: FakeMail) -> None:
    ayse = leaves()
    on_shift()
    work()
    end_of_hold(ayse)
    end_of_hold(ayse)
    work()
    assert row_of(ayse).state == "open", "the second call was not written yet"
    end_of_hold(ayse)
    work()
    message = Message.objects.get()
    assert (message.why, message.email, message.name, message.text) == (Why.CALLBACK, ADDRESS, "ayşe", "iade")
    assert row_of(ayse).state == "missed"
    journal.record()
    assert Message.objects.count() == 1
    assert OutboxMessage.objects.filter(kind=Kind.MESSAGE_LEFT).exists()


@pytest.mark.parametrize("way", ["leaves", "takes_it_back"])
def test_what_people_end_is_no_work(way: str) -> None:
    ayse = leaves()
    if way == "leaves":
        ayse.reconnect()
        ayse.leave()
    else:
        headers = {"Authorization": f"Bearer {token_of(ayse)}"}
        assert Client().delete("/chat/callback/", headers=headers).status_code == 204
    work()
    assert row_of(ayse).state == "cancelled"
    assert not Message.objects.exists()


def test_a_wiped_redis_brings_them_back_from_the_record(django_assert_num_queries: Any) -> None:
    ayse, bora = leaves(), leaves("bora")
    work()
    tickets = {one.cid: client().zscore(key("line"), one.cid) for one in (ayse, bora)}
    client().flushall()
    tick()
    assert restoring.bring_back() == 2
    with django_assert_num_queries(1):  # who is known costs no query each
        assert restoring.bring_back() == 0
    end_hold()
    assert {one.cid: client().zscore(key("line"), one.cid) for one in (ayse, bora)} == tickets
    assert problems() == []
    client().hset(key("meta"), "recover_until", 0)
    lease()
    on_shift()
    work()
    assert letters() == [f"callback:{ayse.cid}:1", f"callback:{bora.cid}:1"]
    # Who is recorded as over stays over.
    ayse.reconnect()
    work()
    client().flushall()
    tick()
    assert restoring.bring_back() == 1
    assert client().zrange(key("line"), 0, -1) == [bora.cid]


def test_one_who_cannot_be_brought_back_keeps_nobody_else_away() -> None:
    """The first one is recorded with a place that there cannot be."""
    ayse, bora = leaves(), leaves("bora")
    work()
    for event in ConversationEvent.objects.filter(conversation=ayse.cid, kind="joined"):
        event.data["ticket"] = "9" * 400
        event.save()
    client().flushall()
    tick()
    assert restoring.bring_back() == 1
    assert client().zrange(key("line"), 0, -1) == [bora.cid]
    assert problems() == []


def forgotten_as_over(customer: Customer) -> None:
    """The wait has ended, its record is dropped, and Redis was restarted since: it knows as little as a wiped one."""
    execute(store.remove(customer.cid))
    client().zadd(key("ended"), {customer.cid: 1})
    tick()
    assert not client().hexists(key("conv"), customer.cid)
    seconds, micros = client().time()  # type: ignore[misc]
    client().hset(key("meta"), "restarted_at", seconds * 1000 + micros // 1000)


def test_nobody_is_revived_whose_end_the_history_has_not_been_told_yet(settings: Any) -> None:
    ayse = leaves()
    work()
    settings.STATE_TTL_SECS = 0.001
    forgotten_as_over(ayse)
    assert restoring.bring_back() == 0
    assert client().zcard(key("line")) == 0
    work()
    assert row_of(ayse).state == "cancelled"
    assert restoring.bring_back() == 0


def test_nobody_is_revived_whose_end_was_set_aside() -> None:
    ayse = leaves()
    work()
    forgotten_as_over(ayse)
    client().xtrim(key("journal"), maxlen=0)
    ended = SetAsideEntry.objects.create(entry_id="1-1", conversation=ayse.cid, kind="ended", fields="[]", reason="x")
    assert restoring.bring_back() == 0
    assert client().zcard(key("line")) == 0
    # A wipe that has lost the end for good is not told from one in the middle of the wait.
    ended.delete()
    assert restoring.bring_back() == 1


def test_whoever_is_brought_back_keeps_the_priority_and_counts_for_the_same_bounds(settings: Any) -> None:
    settings.CALLBACKS_PER_ADDRESS = 1
    urgent = Customer("ayşe")
    urgent.join(id="wa1tingurgent", topic="iade", priority=2)
    assert ask(token_of(urgent)).status_code == 200
    urgent.disconnect()
    work()
    held = sorted(client().zrange(key("caller"), 0, -1))
    client().flushall()
    tick()
    assert restoring.bring_back() == 1
    assert sorted(client().zrange(key("caller"), 0, -1)) == held
    assert json.loads(client().hget(key("conv"), urgent.cid) or "")["priority"] == 2
    assert client().zcard(key("urgent")) == 1
    assert code(ask(token_of(waits("bora")), address="other@example.org")) == (409, "callbacks_full")
    end_hold()
    assert problems() == []
    urgent.reconnect()
    urgent.leave()
    work()
    assert client().zcard(key("caller")) == 0
    assert row_of(urgent).counts_for == []


def test_only_what_is_possible_is_offered(settings: Any) -> None:
    ayse = waits()
    page = lambda path: Client().get(path).content.decode()  # noqa: E731
    assert '"callbacks": ["email", "push"]' in page("/")
    # Browsers let nobody ask to be told in a frame of another site.
    assert '"callbacks": ["email"]' in page("/widget/")
    settings.MAIL_URL = ""
    assert '"callbacks": ["push"]' in page("/")
    assert '"callbacks"' not in page("/widget/")
    assert code(ask(token_of(ayse))) == (403, "callbacks_off")
    settings.ENABLE_CALLBACKS = False
    assert '"callbacks"' not in page("/")
    assert code(ask(token_of(ayse))) == (403, "callbacks_off")
    assert code(Client().get("/chat/callback/")) == (403, "callbacks_off")
    assert client().zcard(key("callback")) == 0


def test_only_who_waits_may_ask_and_not_without_end() -> None:
    ayse = waits()
    token = token_of(ayse)
    assert code(ask(token[:-1] + ("a" if token[-1] != "a" else "b"))) == (401, "token_invalid")
    assert code(ask(token, origin="https://evil.example")) == (400, "origin_refused")
    assert {ask(token).status_code for _ in range(6)} == {200}
    assert code(ask(token)) == (429, "rate_limited")
    bora = waits("bora")
    bora.leave()
    assert code(ask(token_of(bora))) == (409, "not_waiting")
    assert json.loads(str(client().hget(key("conv"), ayse.cid)))["callback"]["channel"] == "email"


def test_one_mailbox_and_one_address_have_so_many(settings: Any) -> None:
    settings.CALLBACKS_PER_ADDRESS = 3
    answers = [ask(token_of(waits(name)), address=f"{name}@example.com") for name in ("ada", "bora", "cem", "ece")]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 409]
    settings.CALLBACKS_PER_ADDRESS = 100
    assert [ask(token_of(waits(name))).status_code for name in ("fatma", "gul", "hale")] == [200, 200, 409]


@given(
    body=st.dictionaries(
        st.sampled_from(["address", "origin", "more"]),
        st.one_of(
            st.text(max_size=300), st.integers(), st.none(), st.just(OURS), st.just(ADDRESS), st.lists(st.text())
        ),
    )
)
@example(body={"address": "a@example.com\r\nBcc: b@example.com", "origin": OURS})
@example(body={"address": "a\x00@example.com", "origin": OURS})
@example(body={"address": "a@example.com, b@example.com", "origin": OURS})
def test_whatever_comes_is_refused_or_one_plain_address(body: dict[str, Any]) -> None:
    client().delete(key("rates"))
    ayse = waits()
    response = ask(token_of(ayse), json.dumps(body))
    assert response.status_code in (200, 400)
    asked = response.status_code == 200
    assert (client().zcard(key("callback")) == 1) == asked
    client().flushall()
    settle()


@pytest.mark.django_db(transaction=True)
def test_a_persons_data_has_it_and_erasure_takes_it() -> None:
    ayse = leaves()
    journal.record()
    found = personal_data.export(None, ayse.cid, by="test")
    [told] = found["callbacks"]
    assert (told["email"], told["state"]) == (ADDRESS, "open")
    assert "handle" not in told
    personal_data.erase(None, ayse.cid, by="test")
    row = row_of(ayse)
    assert (row.email, row.handle, row.state) == ("", "", "cancelled")
    assert ADDRESS not in json.dumps(contents(), ensure_ascii=False)
    assert not Message.objects.exists()
