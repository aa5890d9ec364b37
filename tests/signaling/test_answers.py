"""What a customer has answered before: from the join to the console, the history, and out of it again."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from prometheus_client import REGISTRY

from infra.redis.client import client
from queueing.history.models import Conversation
from queueing.history.privacy import personal_data
from queueing.history.set_aside_models import SetAsideEntry
from queueing.tasks import record
from signaling.wire.fields import ANSWER_MOST, ANSWERS_MOST
from sites import lookup
from sites.models import OwnQuestion
from sites.models import Site as Website
from tests.signaling.client import Site

EMOJI = "\U0001f9ff"
ORDER = {"key": "order", "kind": "text", "label": "Sipariş <b>", "value": "A-1"}
EMAIL = {"key": "email", "kind": "email", "value": "ada@example.org"}


async def shop(**fields: Any) -> Website:
    made = await Website.objects.acreate(name="Shop", **fields)
    await OwnQuestion.objects.acreate(site=made, kind="text", ask="required", key="order", labels={"tr": "Sipariş <b>"})
    lookup.sites.clear()
    return made


async def test_a_join_without_an_answer_is_refused_and_names_it(site: Site) -> None:
    website = await shop(ask_email="optional")
    customer = await site.customer()
    await customer.send("queue:join", name="Ada", media="chat", site=website.key, locale="en", join_key="k" * 16)
    error = await customer.error("answers_refused", ref="queue:join")
    assert list(error["fields"]) == ["answers.order"]
    assert "Sipariş <b>" in error["message"]
    assert not error["retryable"]
    # The same socket and key, answered.
    joined = await customer.join("Ada", site=website.key, join_key="k" * 16, answers={"order": "A-1"})
    assert joined["position"] == 1


async def test_an_operator_reads_the_answers_before_and_in_the_conversation(site: Site, make_session: Any) -> None:
    website = await shop(ask_email="required")
    session = await make_session()
    operator = await site.operator(session)
    customer = await site.customer()
    joined = await customer.join("Ada", site=website.key, answers={"order": " A-1 ", "email": EMAIL["value"]})
    board = await operator.expect("board", waiting_total=1)
    assert board["waiting"][0]["answers"] == [EMAIL, ORDER]
    await operator.send("operator:available", available=True)
    assert (await operator.expect("queue:ready"))["peer"]["answers"] == [EMAIL, ORDER]
    assert (await (await site.operator(session)).expect("resync"))["state"]["peer"]["answers"] == [EMAIL, ORDER]
    assert "answers" not in (await customer.expect("queue:ready"))["peer"]
    await sync_to_async(record)()
    row = await Conversation.objects.aget(pk=joined["conversation"])
    assert row.answers == [EMAIL, ORDER]


async def test_where_nobody_asks_the_name_a_join_needs_none(site: Site, make_session: Any) -> None:
    website = await shop(ask_name="never")
    customer = await site.customer()
    await customer.send("queue:join", media="chat", site=website.key, answers={"order": "A-1"})
    await customer.expect("queue:joined")
    operator = await site.operator(await make_session())
    assert (await operator.expect("board", waiting_total=1))["waiting"][0]["name"] == "Ziyaretçi"
    await (await site.customer()).send("queue:join", media="chat")
    other = await site.customer()
    await other.send("queue:join", media="chat", answers={})
    assert "name" in (await other.error("answers_refused"))["fields"]


async def test_what_nobody_asked_is_dropped_and_counted(site: Site, make_session: Any) -> None:
    before = REGISTRY.get_sample_value("answers_dropped_total") or 0
    operator = await site.operator(await make_session())
    await (await site.customer()).join("Ada", answers={"order": "A-1", "spare": True, "none": None})
    assert "answers" not in (await operator.expect("board", waiting_total=1))["waiting"][0]
    assert (REGISTRY.get_sample_value("answers_dropped_total") or 0) == before + 3


@pytest.mark.parametrize(
    "answers",
    [
        [],
        "order",
        {"Order": "A-1"},
        {"a" * 33: "x"},
        {"__proto__": "x"},
        {"order": 7},
        {"order": ["A-1"]},
        {"order": {"a": 1}},
        {"order": "x" * (ANSWER_MOST + 1)},
        {f"q{number}": "x" for number in range(ANSWERS_MOST + 1)},
    ],
)
async def test_what_can_be_no_answer_is_named(site: Site, answers: Any) -> None:
    customer = await site.customer()
    await customer.send("queue:join", name="Ada", media="chat", answers=answers)
    assert next(iter((await customer.error("bad_frame"))["fields"])).startswith("answers")
    assert (await customer.join("Ada"))["position"] == 1


async def test_whatever_is_answered_is_recorded(site: Site) -> None:
    """At the bounds of every question, also in PostgreSQL."""
    widest = {f"{label}{number}": EMOJI for number, label in enumerate("abcdefghi")}
    website = await shop(ask_email="required", ask_phone="required", topics={"tr": [EMOJI * 80, "b"]})
    for name in widest:
        await OwnQuestion.objects.acreate(site=website, kind="text", key=name, labels={"tr": EMOJI * 120})
    lookup.sites.clear()
    answers = {"order": EMOJI * 200, "email": f"{'e' * 64}@{'e' * 63}.{'e' * 63}.example.org", "phone": "+" + "9" * 31}
    customer = await site.customer()
    joined = await customer.join(
        "Ada", site=website.key, topic=EMOJI * 80, answers={**answers, **dict.fromkeys(widest, EMOJI * 200)}
    )
    await sync_to_async(record)()
    row = await Conversation.objects.aget(pk=joined["conversation"])
    assert row.topic == EMOJI * 80
    assert {one["value"] for one in row.answers} == {*answers.values()}
    assert len(row.answers) == 3 + len(widest)
    assert not await SetAsideEntry.objects.aexists()


async def test_answers_outlive_a_wiped_redis_and_no_erasure(site: Site, make_session: Any) -> None:
    website = await shop()
    customer = await site.customer()
    joined = await customer.join("Ada", site=website.key, answers={"order": "A-1"})
    await sync_to_async(record)()
    client().flushall()
    await site.customer(resume={"token": joined["token"]})
    operator = await site.operator(await make_session())
    assert (await operator.expect("board", waiting_total=1))["waiting"][0]["answers"] == [ORDER]
    export = await sync_to_async(personal_data.export)(None, joined["conversation"], by="test")
    assert export["conversations"][0]["answers"] == [ORDER]
    assert any("A-1" in str(event["data"]) for event in export["conversations"][0]["events"])
    await sync_to_async(personal_data.erase)(None, joined["conversation"], by="test")
    row = await Conversation.objects.aget(pk=joined["conversation"])
    assert row.answers == []
    assert "A-1" not in str([event.data async for event in row.events.all()])
    assert not [key for key in client().scan_iter() if b"A-1" in (client().dump(key) or b"")]
