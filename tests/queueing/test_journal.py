"""The journal becomes history: at least once, without doubles, and nothing unread is trimmed."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import DatabaseError, connection, transaction
from django.db.models import F

from infra.redis.client import client, execute
from infra.redis.scripts import key
from notifications.models import Card, Kind, OutboxMessage
from queueing.history.models import ChatMessage, Conversation, ConversationEvent
from queueing.history.recording import journal, recorder
from queueing.history.set_aside_models import SetAsideEntry
from queueing.live import store
from tests.queueing.world import Customer, Operator, lease, settle

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _running(redis_server: str) -> None:
    lease()
    settle()


def a_call() -> tuple[Customer, Operator]:
    ada, deniz = Customer("ada"), Operator("deniz")
    ada.join(topic="iade", promised={"low_s": 30, "high_s": 90})
    deniz.connect()
    deniz.available()
    ada.say("merhaba")
    deniz.say("hoş geldiniz")
    deniz.end()
    return ada, deniz


def test_a_conversation_is_recorded_whole() -> None:
    ada, _deniz = a_call()
    journal.record()
    row = Conversation.objects.get(pk=ada.cid)
    assert (row.name, row.topic, row.status, row.reason, row.admin_id) == ("ada", "iade", "ended", "hangup", "deniz")
    assert (row.promised_low_s, row.promised_high_s) == (30, 90)
    assert row.waited_s is not None
    assert row.duration_s is not None
    assert [message.text for message in row.messages.all()] == ["merhaba", "hoş geldiniz"]
    assert [event.kind for event in row.events.all()] == ["joined", "claimed", "ended"]
    assert OutboxMessage.objects.filter(conversation=ada.cid).count() == 1


def test_who_is_served_at_once_waited_for_no_time_and_nothing_was_before_the_join() -> None:
    """The ticket counts microseconds and the entries milliseconds: the same moment in both must be the same."""
    deniz = Operator("deniz")
    deniz.connect()
    for number in range(20):
        deniz.available()
        Customer(f"c{number}").join()
        deniz.end()
    journal.record()
    rows = Conversation.objects.all()
    assert len(rows) == 20
    for row in rows:
        assert row.waited_s is not None
        assert str(row.waited_s) == "0.0"
        assert {event.kind for event in row.events.filter(at__lt=row.joined_at)} == set()


def test_a_clock_that_was_set_back_makes_no_wait_below_nothing() -> None:
    ada, deniz = Customer("ada"), Operator("deniz")
    ada.join()
    deniz.connect()
    deniz.available()
    journal.record()
    Conversation.objects.update(joined_at=F("claimed_at") + timedelta(seconds=1), ended_at=F("claimed_at") - HOUR)
    row = Conversation.objects.get()
    assert (str(row.waited_s), str(row.duration_s)) == ("0.0", "0.0")


def test_who_is_restored_has_waited_since_the_join_that_was_recorded() -> None:
    ada = Customer("ada")
    ada.join()
    journal.record()
    began = Conversation.objects.get().joined_at
    client().flushall()
    settle()
    record = {"id": ada.cid, "ticket": "5", "joined_at": 1, "name": "ada", "media": "video"}
    execute(store.restore(ada.conn, record, ""))
    journal.record()
    assert Conversation.objects.get().joined_at == began


def test_who_is_restored_keeps_what_the_join_said_of_them_and_what_was_promised() -> None:
    ada = Customer("ada")
    ada.join()
    journal.record()
    said = {"attributes": {"plan": "pro"}, "promised_low_s": 30, "promised_high_s": 90}
    Conversation.objects.update(**said)
    client().flushall()
    settle()
    record = {"id": ada.cid, "ticket": "5", "joined_at": 1, "name": "ada", "media": "video"}
    execute(store.restore(ada.conn, record, ""))
    journal.record()
    assert Conversation.objects.values(*said).get() == said


def test_recording_twice_changes_nothing() -> None:
    a_call()
    entries = client().xrange(key("journal"))
    journal.record()
    for entry_id, fields in entries:  # type: ignore[union-attr]
        client().xadd(key("journal"), fields, id="*")
        assert entry_id
    before = ChatMessage.objects.count(), ConversationEvent.objects.count()
    client().delete(key("journal"))
    for entry_id, fields in entries:  # type: ignore[union-attr]
        client().xadd(key("journal"), fields, id=entry_id)
    assert journal.record() == 0
    assert (ChatMessage.objects.count(), ConversationEvent.objects.count()) == before


def test_a_line_that_redis_had_forgotten_and_that_was_sent_again_stands_in_the_history_once() -> None:
    ada, _deniz = a_call()
    lines = [fields for _entry_id, fields in client().xrange(key("journal")) if fields["type"] == "chat"]  # type: ignore[union-attr]
    journal.record()
    for fields in lines:
        client().xadd(key("journal"), fields)
    journal.record()
    assert [message.text for message in ChatMessage.objects.all()] == ["merhaba", "hoş geldiniz"]
    # A page that was loaded anew after a wipe begins to count again: another line, though its number is known.
    client().xadd(key("journal"), {**lines[0], "data": lines[0]["data"].replace("merhaba", "orada mısınız?")})
    journal.record()
    texts = ["merhaba", "hoş geldiniz", "orada mısınız?"]
    assert sorted(message.text for message in ChatMessage.objects.filter(conversation=ada.cid)) == sorted(texts)


def test_who_came_back_after_a_wipe_is_told_of_once_though_the_join_was_never_recorded() -> None:
    ada, bora = Customer("ada"), Customer("bora")
    ada.join()
    journal.record()
    bora.join()
    client().flushall()  # with bora's entry
    lease()
    settle()
    for customer in (ada, bora):
        assert customer.last is not None
        kept = {**customer.last.record, "id": customer.cid, "ticket": customer.last.ticket}
        execute(store.restore(f"{customer.conn}+", kept | {"joined_at": int(customer.last.ticket) // 1000}, ""))
    journal.record()
    assert list(OutboxMessage.objects.values_list("conversation", flat=True).order_by("id")) == [ada.cid, bora.cid]


def test_what_was_read_but_not_committed_is_read_again() -> None:
    ada, _deniz = a_call()
    journal._ensure_group()
    client().xreadgroup(journal.GROUP, journal.CONSUMER, {key("journal"): ">"})  # a worker that died here
    assert journal.record() == 5
    assert Conversation.objects.get(pk=ada.cid).status == "ended"


def test_a_refusing_database_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    a_call()

    def refuse(*_args: object) -> None:
        raise DatabaseError("locked")

    with monkeypatch.context() as patched:
        patched.setattr(recorder, "write", refuse)
        with pytest.raises(DatabaseError):
            journal.record()
    assert client().xlen(key("journal")) == 5
    assert not SetAsideEntry.objects.exists()
    assert journal.record() == 5
    assert connection.in_atomic_block is False


def test_the_stream_is_trimmed_only_behind_what_is_acknowledged() -> None:
    a_call()
    journal.record()
    assert client().xlen(key("journal")) == 0
    Customer("bora").join()
    journal._trim()
    assert client().xlen(key("journal")) == 1
    assert journal.lag() == 1
    assert 0 <= journal.oldest_age_s() < 60
    journal.record()
    assert (journal.lag(), journal.oldest_age_s()) == (0, 0)


def test_lag_is_told_by_the_age_of_the_oldest_entry_whether_it_was_read_or_not() -> None:
    assert journal.oldest_age_s() == 0  # no stream
    old = {"type": "note", "conversation": "cid-ada", "at": "0", "data": "{}"}
    seconds, _micros = client().time()  # type: ignore[misc]
    client().xadd(key("journal"), old, id=f"{(int(seconds) - 600) * 1000}-0")
    assert journal.oldest_age_s() > 590  # no group
    journal._ensure_group()
    assert journal.oldest_age_s() > 590  # not read
    client().xreadgroup(journal.GROUP, journal.CONSUMER, {key("journal"): ">"})
    Customer("bora").join()
    assert journal.oldest_age_s() > 590  # read, not recorded
    journal.record()
    assert journal.oldest_age_s() == 0


def given_back(ada: Customer) -> None:
    """Nobody answered in time."""
    client().zadd(key("answer"), {ada.cid: 1})
    client().hset(key("meta"), "reachable_at", 0)
    execute(store.tick("", known=False))


def test_a_match_that_nobody_answered_is_undone_and_both_are_told() -> None:
    operator = get_user_model().objects.create_user("deniz", name="Deniz")
    ada, deniz = Customer("ada"), Operator(operator.username)
    ada.join(topic="iade")
    deniz.connect()
    deniz.available()
    given_back(ada)
    journal.record()
    row = Conversation.objects.get(pk=ada.cid)
    assert (row.status, row.claimed_at, row.operator, row.admin_id) == ("waiting", None, None, "")
    assert [event.kind for event in row.events.all()] == ["joined", "claimed", "given-back"]
    told = OutboxMessage.objects.get(kind=Kind.UNANSWERED)
    assert (told.admin_id, told.context["name"]) == (operator.username, "ada")
    # The card of before shows that somebody had taken the customer; a new one rings.
    standings = Card.objects.filter(conversation=ada.cid).order_by("pk").values_list("standing", flat=True)
    assert list(standings) == ["claimed", "waiting"]
    deniz.available()
    deniz.end()
    journal.record()
    row.refresh_from_db()
    assert (row.status, row.admin_id, row.reason) == ("ended", operator.username, "hangup")
    assert set(Card.objects.filter(conversation=ada.cid).values_list("standing", flat=True)) == {"ended"}


def test_a_claim_that_came_later_is_not_undone() -> None:
    """The entry had been set aside and is applied again, after another operator's claim."""
    ada, deniz, eda = Customer("ada"), Operator("deniz"), Operator("eda")
    ada.join()
    deniz.connect()
    deniz.available()
    given_back(ada)
    eda.connect()
    eda.available()
    entries: list[Any] = client().xrange(key("journal"))  # type: ignore[assignment]
    late = [entry for entry in entries if entry[1]["type"] == "given-back"]
    for batch in ([entry for entry in entries if entry not in late], late):
        with transaction.atomic():
            recorder.write(batch)
    row = Conversation.objects.get(pk=ada.cid)
    assert (row.status, row.admin_id) == ("active", "eda")
    assert row.claimed_at is not None
