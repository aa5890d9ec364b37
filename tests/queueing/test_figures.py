"""What is left of a call's figures in the database: samples once each, and a summary when it is over."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.redis.client import client
from infra.redis.scripts import key
from queueing.history.models import CallSample, Conversation, ConversationEvent
from queueing.history.recording import journal
from queueing.history.recording.call_stats import interruptions
from tests.queueing.calls import since_last_sample, state, stats
from tests.queueing.world import a_call

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("running")]
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
GOOD = {"rtt_ms": 50.0, "jitter_ms": 3.5, "loss_pct": 0.0, "bitrate_kbps": 900.0, "quality": 4.4}


def a_bad_call() -> str:
    ada, deniz = a_call()
    state(ada, "connected")
    state(deniz, "connected")
    stats(ada, **GOOD, region="eu", candidate_type="relay", codec="opus", rung=0, reason=None)
    stats(deniz, **GOOD | {"rtt_ms": 150.0}, region="us", rung=2, reason="loss")
    state(ada, "reconnecting", step="restart", reason="silence")
    state(ada, "reconnecting", step="restart-relay", reason="silence")
    state(ada, "connected")
    since_last_sample(ada, ada.cid, 5_000)
    stats(ada, **GOOD | {"quality": 4.0}, region="us")
    deniz.end()
    journal.record()
    return ada.cid


def test_samples_are_kept_with_their_figures() -> None:
    cid = a_bad_call()
    first, other, last = CallSample.objects.filter(conversation=cid)
    assert (first.side, first.rtt_ms, first.jitter_ms, first.quality, first.rung) == ("customer", 50.0, 3.5, 4.4, 0)
    assert (first.region, first.candidate_type, first.codec) == ("eu", "relay", "opus")
    assert (other.side, other.region, other.candidate_type, other.rung) == ("operator", "us", "", 2)
    assert last.rung is None


def test_the_end_sums_the_call_up() -> None:
    row = Conversation.objects.get(pk=a_bad_call())
    assert (row.reconnects, row.attempts, row.worst_rung, row.had_trouble) == (1, 2, 2, True)
    assert row.mean_rtt_ms == pytest.approx(83.3)
    assert row.mean_quality == pytest.approx(4.27)
    assert (row.region_customer, row.region_operator) == ("us", "us")


def test_a_good_call_had_no_trouble() -> None:
    ada, deniz = a_call()
    state(ada, "connected")
    stats(ada, **GOOD, rung=0)
    deniz.end()
    journal.record()
    row = Conversation.objects.get(pk=ada.cid)
    assert (row.reconnects, row.worst_rung, row.had_trouble) == (0, 0, False)


def test_a_chat_without_media_has_no_figures() -> None:
    ada, deniz = a_call()
    deniz.end()
    journal.record()
    row = Conversation.objects.get(pk=ada.cid)
    assert (row.mean_rtt_ms, row.mean_quality, row.worst_rung, row.had_trouble) == (None, None, None, False)


def test_the_same_entries_again_change_nothing() -> None:
    connection: Any = client()
    ada, deniz = a_call()
    stats(ada, **GOOD)
    deniz.end()
    entries = connection.xrange(key("journal"))
    journal.record()
    before = (CallSample.objects.count(), ConversationEvent.objects.count())
    connection.delete(key("journal"))
    for entry_id, fields in entries:
        connection.xadd(key("journal"), fields, id=entry_id)
    assert journal.record() == 0
    assert (CallSample.objects.count(), ConversationEvent.objects.count()) == before == (1, 3)


def test_figures_that_are_words_are_left_out() -> None:
    ada, _deniz = a_call()
    stats(ada, rtt_ms=None, quality="good", region=None, codec="o" * 64)
    journal.record()
    sample = CallSample.objects.get(conversation=ada.cid)
    assert (sample.rtt_ms, sample.quality, sample.region, len(sample.codec)) == (None, None, "", 64)


def event(side: str, name: str, second: int) -> ConversationEvent:
    return ConversationEvent(
        kind="call:state", at=START + timedelta(seconds=second), data={"from": side, "state": name}
    )


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([("customer", "connecting", 0), ("customer", "failed", 5)], []),
        ([("customer", "connected", 0), ("customer", "reconnecting", 5), ("customer", "connected", 8)], [(5, 8)]),
        (
            [
                ("customer", "connected", 0),
                ("customer", "reconnecting", 5),
                ("operator", "reconnecting", 6),
                ("customer", "connected", 8),
                ("operator", "connected", 9),
            ],
            [(5, 9)],
        ),
        (
            [
                ("customer", "connected", 0),
                ("customer", "reconnecting", 5),
                ("customer", "connected", 6),
                ("operator", "reconnecting", 8),
                ("operator", "failed", 9),
            ],
            [(5, 6), (8, 20)],
        ),
    ],
    ids=["never connected", "one side", "both sides at once", "lasts to the end"],
)
def test_interruptions(states: list[tuple[str, str, int]], expected: list[tuple[int, int]]) -> None:
    found = interruptions([event(*told) for told in states], START + timedelta(seconds=20))
    assert [((a - START).seconds, (b - START).seconds) for a, b in found] == expected
