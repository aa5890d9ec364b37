"""Whatever a page may send fits the column that it reaches: every field of every frame, at the bound of the wire.

The frames are made from the schema itself, so a new field is walked without a word here. Each goes over a real socket,
through the scripts and the journal into the database; on PostgreSQL the columns have their say.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from asgiref.sync import sync_to_async
from pydantic import TypeAdapter

from infra.redis.client import client
from infra.redis.scripts import key
from queueing import visit
from queueing.admin.page import view
from queueing.history.models import CallSample, ChatMessage, Conversation, ConversationEvent
from queueing.history.recording import call_stats, journal
from queueing.history.set_aside_models import SetAsideEntry
from signaling.wire.fields import SAFE_INTEGER
from signaling.wire.inbound import (
    AnyFrame,
    CallControl,
    CallEnd,
    CallState,
    CallStats,
    CallTransfer,
    DeviceCheck,
    QueueJoin,
    QueueLeave,
)
from signaling.wire.inbound import ChatMessage as ChatFrame
from signaling.wire.parse import FrameError, parse, type_of
from tests.queueing.test_identity import SECRET, token
from tests.signaling.client import Site

EMOJI = "\U0001f9ff"
"""Four bytes of UTF-8, two units of UTF-16, one character."""
HOSTILE_TEXTS = ("\x00", "a\x00b", "\x01\x1b\x7f", "\ufeff\u202e\u2028", EMOJI)
NUMBERS = (0, -1, 1, 9, 10, 5, 100, 1e9, 1e308, 1.7e308, -1.7e308, 5e-324, SAFE_INTEGER, 2**63, 10**40, 32_768)
FREE_TEXT_MAX = 4_000
"""Where the schema has no bound of its own in characters, the frame's own bound in bytes counts."""


def texts(schema: dict[str, Any]) -> Iterator[str]:
    longest = schema.get("maxLength", FREE_TEXT_MAX)
    if "pattern" in schema:
        yield from ("tr", "tr-" + "-".join(["Latn1234"] * 3), "zh-cmn-Hans-CN-x-abcdefgh-ijk", "a" * 8)
    for character in ("x", EMOJI, "ş"):
        yield character * longest
        yield character * (longest + 1)
    yield from HOSTILE_TEXTS


def values(schema: dict[str, Any], definitions: dict[str, Any]) -> Iterator[Any]:
    """Values of every kind that the schema names, at its bounds and beyond them."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rsplit("/", 1)[1]]
    for part in [*schema.get("anyOf", []), *schema.get("oneOf", [])]:
        yield from values(part, definitions)
    kind = schema.get("type")
    if "const" in schema or "enum" in schema:
        yield from schema.get("enum", [schema.get("const")])
    elif kind == "string":
        yield from texts(schema)
    elif kind in ("number", "integer"):
        bounds = [schema[name] for name in ("minimum", "maximum") if name in schema]
        yield from (*bounds, *(bound + 0.5 for bound in bounds), *NUMBERS)
    elif kind == "boolean":
        yield from (True, False)
    elif kind == "null":
        yield None
    elif kind == "array":
        longest = schema.get("maxItems", 32)
        yield from ([value] * longest for value in values(schema["items"], definitions))
    elif kind == "object" and "properties" in schema:
        least = {name: next(values(schema["properties"][name], definitions)) for name in schema.get("required", ())}
        for name, inner in schema["properties"].items():
            yield from (least | {name: value} for value in values(inner, definitions))
    elif kind == "object":
        names = [name for name in texts(schema.get("propertyNames", {"maxLength": 64})) if name]
        inner = schema.get("additionalProperties") or next(iter(schema["patternProperties"].values()))
        for value in values(inner, definitions):
            yield {"field": value}
        for name in names:
            yield {name: 1}
        yield {f"{number:02d}" + EMOJI * 62: EMOJI * 256 for number in range(32)}


def frames(frame_class: Any, base: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Frames of this class that the wire takes, each with one field at a bound, and one with all of them."""
    schema = TypeAdapter(frame_class).json_schema()
    kind = type_of(frame_class)
    largest: dict[str, Any] = {}
    for name, inner in schema["properties"].items():
        if name in ("type", "ack", "id", "conversation", "join_key", "returning", "identity"):
            continue
        for value in values(inner, schema.get("$defs", {})):
            frame = {"type": kind, **base, name: value}
            if (taken := parsed(frame)) is not None:
                yield taken
                if len(json.dumps(value)) > len(json.dumps(largest.get(name))):
                    largest[name] = value
    if (taken := parsed({"type": kind, **base, **largest})) is not None:
        yield taken


def parsed(frame: dict[str, Any]) -> dict[str, Any] | None:
    for role in ("customer", "operator"):
        try:
            return dict(parse(role, json.dumps(frame)))  # type: ignore[arg-type]
        except FrameError:
            continue
    return None


JOINS = list(frames(QueueJoin, {"name": "Ada", "media": "video"}))
STATS = list(frames(CallStats, {}))
STATES = list(frames(CallState, {"state": "connecting"}))
LINES = list(frames(ChatFrame, {"id": 1, "text": "a"}))
CONTROLS = list(frames(CallControl, {"id": 1, "action": "video"}))
ENDS = list(frames(CallEnd, {}))
LEAVES = list(frames(QueueLeave, {}))
NOTES = [frame["note"] for frame in frames(CallTransfer, {"id": 1}) if "note" in frame]
CHECKS = list(frames(DeviceCheck, {}))
# Its fields are in no schema: what does not fit is left out, never refused.
VISITS = [
    {name: f"{start}{text}"}
    for name in visit.FIELDS
    for start in ("", "https://shop.example/")
    for text in texts({"maxLength": 600})
]
IDENTITIES = [
    {"sub": sub, "name": name, "email": email}
    for sub in ("s", EMOJI * 128, "ş" * 128, "a\x00b")
    for name in ("", "\x00", "A\x00da", "\ud800", EMOJI * 80)
    for email in ("", "a\x00@b", "e" * 254)
]


def recorded() -> None:
    """Everything in the journal is history now, and nothing of it had to be set aside."""
    journal.record()
    assert list(SetAsideEntry.objects.values_list("kind", "reason")) == []
    assert client().xlen(key("journal")) == 0
    for conversation in Conversation.objects.all():
        assert view.context(conversation, lambda _messages: {})["facts"]  # the page of each can be drawn
        Conversation.objects.filter(pk=conversation.pk).delete()


def test_the_walk_comes_to_every_field_at_its_bound() -> None:
    """This file's own check: the largest values are among those that are taken, hostile ones among the refused."""
    assert {name for frame in JOINS for name in frame} >= {"name", "media", "locale", "topic", "attributes", "answers"}
    assert max(len(frame.get("locale") or "") for frame in JOINS) > 20
    assert any(frame["name"] == EMOJI * 80 for frame in JOINS)
    assert any(frame.get("topic") == EMOJI * 200 for frame in JOINS)
    assert any(len(frame.get("attributes") or {}) == 32 for frame in JOINS)
    assert any(frame["text"] == EMOJI * 4_000 for frame in LINES)
    assert {frame.get("quality") for frame in STATS} >= {0, 5}
    taken = json.dumps([*JOINS, *STATS, *STATES, *LINES, *CONTROLS, *ENDS, *LEAVES, *NOTES])
    assert "\\u0000" not in taken
    assert max(number for frame in STATS for number in frame.values() if isinstance(number, int | float)) <= 10_000_000


def test_every_frame_whose_words_reach_the_database_is_walked() -> None:
    """A new frame has to be walked here, or be one of those that leave nothing behind."""
    walked = {
        type_of(frame)
        for frame in (
            QueueJoin, CallStats, CallState, ChatFrame, CallControl, CallTransfer, CallEnd, QueueLeave, DeviceCheck
        )
    }  # fmt: skip
    leave_nothing = {
        *("hello", "ack", "ping", "pong", "operator:available", "ice:refresh", "admin:session:verify"),
        *("rtc:description", "rtc:ice:candidate", "chat:typing", "chat:read", "chat:preview"),
        *("call:ringing", "call:answered", "call:invite", "call:accept", "call:decline", "resume:ask"),
        *("metrics:reconnect-attempt", "metrics:high-packet-loss", "metrics:audio-output"),
    }
    assert walked | leave_nothing == {type_of(frame) for frame in get_args(AnyFrame)}
    assert not walked & leave_nothing


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("frame_class", "field", "model", "column"),
    [
        (QueueJoin, "name", Conversation, "name"),
        (QueueJoin, "topic", Conversation, "topic"),
        (QueueJoin, "locale", Conversation, "locale"),
        (QueueJoin, "site", Conversation, "site"),
        (QueueLeave, "reason", Conversation, "reason"),
        (CallEnd, "reason", Conversation, "reason"),
        (CallStats, "region", Conversation, "region_customer"),
        (CallStats, "region", CallSample, "region"),
        (CallStats, "candidate_type", CallSample, "candidate_type"),
        (CallStats, "codec", CallSample, "codec"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_no_bound_of_the_wire_is_wider_than_its_column(frame_class: Any, field: str, model: Any, column: str) -> None:
    schema = TypeAdapter(frame_class).json_schema()["properties"][field]
    bounds = [part["maxLength"] for part in [schema, *schema.get("anyOf", [])] if "maxLength" in part]
    assert bounds
    assert max(bounds) <= model._meta.get_field(column).max_length


@pytest.mark.parametrize("figure", ["rtt_ms", "jitter_ms", "loss_pct", "bitrate_kbps", "quality", "rung"])
def test_figures_are_bounded_on_the_wire_as_they_are_recorded(figure: str) -> None:
    schema = TypeAdapter(CallStats).json_schema()["properties"][figure]
    least, most = call_stats.RANGES[figure]
    (number,) = [part for part in schema["anyOf"] if part["type"] in ("number", "integer")]
    assert (number["minimum"], number["maximum"]) == (least, most)


@pytest.fixture
def patient(settings: Any) -> None:
    """The measured thing is what is taken, not how fast."""
    settings.SOCKET_FRAME_BURST = settings.SOCKET_FRAME_RATE = 1_000_000
    settings.JOIN_LIMIT = "1000000/minute"
    settings.CALL_SAMPLE_SECS = 0
    settings.QUEUE_MAX_LENGTH = 10_000
    settings.IDENTITY_SECRET = SECRET


@pytest.mark.usefixtures("patient")
async def test_whatever_a_join_carries_is_recorded(site: Site) -> None:
    customer = await site.customer()
    ada = {"name": "Ada", "media": "chat"}
    joins = [
        *JOINS,
        *(ada | {"identity": token(**who)} for who in IDENTITIES),
        *(ada | {"visit": one} for one in VISITS),
    ]
    for frame in joins:
        await customer.send("queue:join", **{name: value for name, value in frame.items() if name != "type"})
        answer = await customer.next()
        if answer is not None and answer["type"] == "queue:joined":
            await customer.send("queue:leave")
            await customer.expect("queue:left")
        else:
            assert answer is not None
            assert answer["type"] == "error", answer
    await sync_to_async(recorded)()


@pytest.mark.usefixtures("patient")
async def test_whatever_a_device_check_says_is_recorded(site: Site, make_session: Any) -> None:
    operator = await site.operator(await make_session())
    customer = await site.customer()
    for frame in CHECKS:
        await customer.join()
        await customer.send("device:check", **{name: value for name, value in frame.items() if name != "type"})
        await customer.alive()
        await operator.send("operator:available", available=True)
        await operator.expect("queue:ready")
        await operator.send("operator:available", available=False)
        await operator.send("call:end")
        await customer.expect("call:ended")
        await operator.expect("call:ended")

    def check() -> None:
        journal.record()
        assert Conversation.objects.exclude(device_check={}).count() == len(CHECKS)
        recorded()

    await sync_to_async(check)()


@pytest.mark.usefixtures("patient")
async def test_whatever_is_said_in_a_call_is_recorded(site: Site, make_session: Any) -> None:
    customer, operator, _joined = await site.call(await make_session())
    for peer in (customer, operator):
        for frame in [*STATS, *STATES]:
            await peer.send(**{("kind" if name == "type" else name): value for name, value in frame.items()})
        for number, frame in enumerate(LINES, start=1):
            await peer.send("chat:message", id=number, text=frame["text"])
        await peer.send("chat:message", id=SAFE_INTEGER, text="the highest number")
        await peer.alive()
    for number, frame in enumerate(CONTROLS, start=10_000):
        await operator.send("call:control", id=number, action=frame["action"])
    await operator.alive()

    def check() -> None:
        journal.record()
        assert CallSample.objects.filter(quality=5.0).exists()
        assert ChatMessage.objects.filter(text=EMOJI * 4_000, number__gt=0).count() >= 2
        assert ChatMessage.objects.filter(number=SAFE_INTEGER).count() == 2
        assert ConversationEvent.objects.filter(kind="call:state").exists()
        recorded()

    await sync_to_async(check)()


@pytest.mark.usefixtures("patient")
async def test_whatever_reason_ends_it_is_recorded(site: Site, make_session: Any) -> None:
    operator = await site.operator(await make_session())
    await operator.send("operator:available", available=True)
    customer = await site.customer()
    for number, frame in enumerate([*ENDS, *LEAVES]):
        await customer.join()
        await customer.expect("queue:ready")
        await operator.expect("queue:ready")
        ends = operator if number % 2 else customer
        kind = "call:end" if frame["type"] == "call:end" or ends is operator else "queue:leave"
        await ends.send(kind, **{name: value for name, value in frame.items() if name != "type"})
        await operator.expect("call:ended")
        await operator.send("operator:available", available=True)
    await sync_to_async(recorded)()


async def test_whatever_note_goes_along_with_a_transfer_is_recorded(
    site: Site, make_session: Any, settings: Any
) -> None:
    settings.PARTY_LIMIT = "1000/minute"
    desks = {name: await site.operator(await make_session(name)) for name in ("deniz", "eda")}
    customer = await site.customer()
    joined = await customer.join()
    for desk in desks.values():
        await desk.send("operator:available", available=True)
        await desk.alive()
    names = list(desks) if desks["deniz"].came("queue:ready") else list(desks)[::-1]
    await desks[names[0]].expect("queue:ready")
    for number, note in enumerate(NOTES, start=1):
        await desks[names[0]].send("call:transfer", id=number, to_operator=names[1], note=note)
        ready = await desks[names[1]].expect("queue:ready")
        assert ready["peer"]["transfer"]["note"] == (note or "")
        await desks[names[0]].expect("call:ended")
        names.reverse()
    await sync_to_async(recorded)()
    assert joined["conversation"]
