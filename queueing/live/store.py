"""Every script of the live state as a typed command. The keys are listed in `docs/redis-keys.md`.

Nothing is sent here: run a command with `infra.redis.client.execute` or, in an event loop, with `Bus.execute`.
Times are milliseconds since 1970 by Redis' clock unless a name says otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.core.signals import setting_changed

from infra.redis.scripts import Command, LuaScript, load, text
from queueing.live import places, promises, reasons, turn_health
from queueing.live.grades import quality_grade
from queueing.live.promises import Judged
from queueing.live.results import Attached, JoinReply, Noted, OperatorState, Places, Tick, parse_attached

LUA = Path(__file__).parent / "lua"
BOARD_ROWS = 200
DEFAULT_LINE = "=1"
"""The line without a name, as the lines of an operator are written."""
BOARD_ANSWERS = 30
"""Rows that come with what somebody has answered before."""
SAMPLES_KEEP = 720
"""Samples a side until they become four times sparser: an hour at the usual five seconds."""
SAMPLES_JOURNAL_MAX = 50_000
"""With this many entries in the journal (the database is out) no more samples join them: transitions come first."""


# A tuple, because one is made for every frame that is relayed.
class Relay(NamedTuple):
    """A numbered frame for the other party. `conversation` None: the current one. `frame`: JSON without routing."""

    party: str
    conn: str
    conversation: str | None
    frame_id: int
    kind: str
    """The type of the frame."""
    frame: bytes
    gen: int | None = None
    file: str = ""
    """Id of a file that the sender has shared in this conversation."""


@lru_cache
def script(name: str) -> LuaScript:
    return load(LUA / f"{name}.lua")


def party_of(conversation: str) -> str:
    return f"c:{conversation}"


def desk_of(admin_id: str) -> str:
    return f"o:{admin_id}"


@lru_cache(maxsize=1)
def config() -> str:
    """The rules' figures as scripts take them: JSON, times in ms. Made once: nearly every command carries it."""
    return json.dumps(
        {
            "queue": bool(settings.ENABLE_QUEUE),
            "max_length": settings.QUEUE_MAX_LENGTH,
            "max_wait": int(settings.QUEUE_MAX_WAIT_SECS * 1000),
            "queue_grace": int(settings.QUEUE_GRACE_SECS * 1000),
            "queue_grace_mobile": int(settings.QUEUE_GRACE_MOBILE_SECS * 1000),
            "call_grace": int(settings.CALL_GRACE_SECS * 1000),
            "wrap_up": int(settings.WRAP_UP_SECS * 1000),
            "passed_most": settings.PRIORITY_MAX_PASSED,
            "answer": int(settings.ANSWER_SECS * 1000),
            "transfer_hold": int(settings.TRANSFER_HOLD_SECS * 1000),
            "answer_act": int(settings.ANSWER_ACT_SECS * 1000),
            "outcome_wait": int(settings.OUTCOME_WAIT_SECS * 1000),
            "recovery": int(settings.RECOVERY_SECS * 1000),
            "lease": int(settings.PROCESS_LEASE_SECS * 1000),
            "callback_lead": int(settings.CALLBACK_LEAD_SECS * 1000),
            "callback_hold": int(settings.CALLBACK_HOLD_SECS * 1000),
            "callback_max_wait": int(settings.CALLBACK_MAX_WAIT_SECS * 1000),
            "keep": int(settings.STATE_TTL_SECS * 1000),
            "lost": reasons.LOST,
            "promises": {"keep": promises.KEPT, "every": promises.EVERY_MS},
            **places.limits(),
        }
    )


# In tests alone.
setting_changed.connect(lambda **_changed: config.cache_clear(), weak=False)


def _int(reply: Any) -> int:
    return int(reply)


def _as_it_is(reply: Any) -> Any:
    return reply


def _json(reply: Any) -> Any:
    return json.loads(reply)


def join(
    conn: str,
    record: dict[str, Any],
    marks: list[str] | None = None,
    takes: list[tuple[int, int]] | None = None,
) -> Command[JoinReply]:
    """`marks`: what the block list may say of this client. `takes`: when its site takes customers, as far as that
    matters now (from, until: ms), in their order; None: always. Errors: blocked, full, crowded, maintenance, closed,
    disabled."""
    moments = "" if takes is None else json.dumps([moment for times in takes for moment in times])
    argv = (config(), conn, json.dumps(record), json.dumps(marks or []), moments)
    return Command(script("join"), argv, JoinReply.parse)


def attach(
    party: str, conn: str, epoch: int | None, last_seq: int | None, name: str = "", lines: str = DEFAULT_LINE
) -> Command[Attached]:
    """`lines`: those that an operator serves, "<line>=<level> …". Errors: unknown (no such conversation)."""
    known = epoch is not None and last_seq is not None
    numbers = (str(epoch), last_seq or 0) if known else ("", -1)
    return Command(script("attach"), (config(), party, conn, *numbers, name, lines), parse_attached)


def restore(conn: str, record: dict[str, Any], operator_name: str) -> Command[Attached]:
    """Errors: expired (no wipe, or its grace is over)."""
    return Command(script("restore"), (config(), conn, json.dumps(record), operator_name), parse_attached)


def forgotten(admin_id: str) -> Command[int]:
    """1 when a call of this operator may have been lost with a wiped or restarted Redis."""
    return Command(script("forgotten"), (config(), admin_id), _int)


def recall(admin_id: str, name: str, record: dict[str, Any]) -> Command[int]:
    """Brings the operator's recorded call back; 0 when there is nothing to bring back any more."""
    return Command(script("recall"), (config(), admin_id, name, json.dumps(record)), _int)


def detach(party: str, conn: str) -> Command[int]:
    return Command(script("detach"), (config(), party, conn), _int)


def finish(party: str, conn: str, conversation: str, reason: str, by: str, frame_id: int | None = None) -> Command[str]:
    """Answers the status before. Errors: replaced, lapsed, not_in_call, wrong_conversation."""
    sent = "" if frame_id is None else frame_id
    return Command(script("finish"), (config(), party, conn, conversation, reason, by, sent), text)


def remove(conversation: str, reason: str = "removed") -> Command[str]:
    """Ops end a conversation. Answers the status before (`ended` when there was none)."""
    return finish("", "", conversation, reason, "ops")


def available(admin_id: str, conn: str, on: bool) -> Command[OperatorState]:
    """Errors: replaced, lapsed."""
    return Command(script("available"), (config(), admin_id, conn, int(on)), OperatorState.parse)


def operator_state(admin_id: str) -> Command[OperatorState]:
    return Command(script("operator_state"), (admin_id,), OperatorState.parse)


def answer(admin_id: str, conn: str, conversation: str | None, *, answered: bool) -> Command[int]:
    """The match rings on the operator's page, or is answered; 1 when that changed something.

    Errors: replaced, lapsed."""
    state = "answered" if answered else "ringing"
    return Command(script("answer"), (config(), admin_id, conn, conversation or "", state), _int)


def transfer(
    admin_id: str,
    conn: str,
    conversation: str | None,
    frame_id: int,
    to: str = "",
    note: str = "",
    line: dict[str, Any] | None = None,
) -> Command[str]:
    """`line`: what a record has of the line that it goes to; None: the same.

    Answers claimed, reserved, waiting or known. Errors: replaced, lapsed, not_in_call, wrong_conversation,
    transfer_off, transfer_self, transfer_offline, line_offline, transfer_taken."""
    arguments = (
        config(),
        admin_id,
        conn,
        conversation or "",
        frame_id,
        to,
        note,
        "" if line is None else json.dumps(line),
    )
    return Command(script("transfer"), arguments, text)


def serve(served: dict[str, str], lines: Iterable[str]) -> Command[int]:
    """`served`: operator → the lines that it serves from now on; who is not in it serves the default line. `lines`: the
    named ones that there are; who waits in another one waits in the default line then."""
    return Command(script("serve"), (config(), json.dumps(served), json.dumps(dict.fromkeys(lines, 1))), _int)


def served(lines: list[str]) -> Command[list[bool]]:
    """Whether somebody takes customers of each line now."""
    return Command(script("served"), tuple(lines), lambda reply: [bool(int(one)) for one in reply])


def settle(admin_id: str, conversation: str) -> Command[int]:
    """An outcome is given; 1 when the wrap-up, the present or the coming one, waits for it no longer."""
    return Command(script("settle"), (config(), admin_id, conversation), _int)


def claim(admin_id: str, conversation: str) -> Command[str]:
    """Out of turn; the same claim again is answered again. Errors: taken, away, busy, offline, recovering."""
    return Command(script("claim"), (config(), admin_id, conversation), text)


def lookup(conversation: str) -> Command[tuple[str, str, str]]:
    """(status, operator's name, reason), all empty for a conversation that is not known."""
    return Command(script("lookup"), (conversation,), lambda reply: (text(reply[0]), text(reply[1]), text(reply[2])))


def relay(*batch: Relay) -> Command[Any]:
    """For each frame: 1 stored, 0 stored before. Errors: replaced, lapsed, not_in_call, wrong_conversation,
    file_unknown.

    A lone frame is answered as every command is; several with a list in their order, the errors among them.
    """
    argv: list[str | bytes | int] = []
    for party, conn, conversation, frame_id, kind, frame, gen, file in batch:
        argv += (party, conn, conversation or "", frame_id, kind, "" if gen is None else gen, frame, file)
    return Command(script("relay"), tuple(argv), _as_it_is)


def signal(party: str, conn: str, conversation: str | None, frame: bytes) -> Command[int]:
    """1 sent, 0 nobody there. Errors: replaced, lapsed, wrong_conversation."""
    return Command(script("signal"), (party, conn, conversation or "", frame), _int)


def ack(party: str, conn: str, seq: int) -> Command[int]:
    """Errors: replaced, lapsed, bad_ack."""
    return Command(script("ack"), (party, conn, seq), _int)


def frames_after(party: str, conn: str, after_seq: int) -> Command[list[tuple[int, str, bytes]]]:
    """Errors: replaced, lapsed, resync."""
    from_reply = Attached.parse_frames
    return Command(script("frames_after"), (party, conn, after_seq), from_reply)


def last_seqs(parties: list[str]) -> Command[list[int]]:
    """The last number of each mailbox (0 when there is none)."""
    return Command(script("last_seqs"), tuple(parties), lambda reply: [int(seq or 0) for seq in reply])


def report(party: str, conn: str, kind: str, conversation: str | None, payload: dict[str, Any]) -> Command[Noted]:
    """`kind`: device:check, call:stats or call:state. Errors: replaced, lapsed, wrong_conversation."""
    rules = {
        "every": int(settings.CALL_SAMPLE_SECS * 1000),
        "keep": SAMPLES_KEEP,
        "journal_max": SAMPLES_JOURNAL_MAX,
        "half_life": turn_health.FAULT_HALF_LIFE_MS,
        "regions": dict.fromkeys(turn_health.regions(), True),
    }
    facts = _FACTS[kind](payload)
    argv = (party, conn, kind, conversation or "", json.dumps(payload), json.dumps(rules), json.dumps(facts))
    return Command(script("report"), argv, Noted.parse)


def _check_facts(check: dict[str, Any]) -> dict[str, Any]:
    return {"turn": turn_health.verdicts(check.get("turn") or [])}


def _stats_facts(stats: dict[str, Any]) -> dict[str, Any]:
    quality = stats.get("quality")
    grade = quality_grade(quality) if isinstance(quality, (int, float)) else quality or ""
    words = [stats.get(name) or "" for name in _LIKE]
    figures = any(stats.get(name) is not None for name in ("rtt_ms", "bitrate_kbps"))
    return {
        "like": "|".join((grade, *words)),
        "measured": figures or any((grade, *words)),
        **{name: stats[name] for name in ("region", "rung", "reason") if stats.get(name) not in (None, "")},
    }


def _state_facts(state: dict[str, Any]) -> dict[str, Any]:
    return {name: state[name] for name in ("state", "step", "reason", "attempt") if state.get(name) is not None}


_FACTS = {"device:check": _check_facts, "call:stats": _stats_facts, "call:state": _state_facts}
_LIKE = ("region", "candidate_type", "codec")


def failing_regions() -> Command[frozenset[str]]:
    """TURN regions that pages could not reach lately."""
    limits = (turn_health.FAULT_HALF_LIFE_MS, str(turn_health.FAULT_LIMIT))
    return Command(script("failing_turn"), limits, lambda reply: frozenset(text(region) for region in reply))


def positions(conversations: list[str], joins: str | None = "", known: Places | None = None) -> Command[Places]:
    """`joins`: the line that somebody is about to join; None: nobody is. `known`: places read before that are still
    true; they are part of the answer, and only the others are read."""
    wrap_up = int(settings.WRAP_UP_SECS)
    kept = Places.none() if known is None else known.only(conversations)
    asked = [conversation for conversation in conversations if kept.of(conversation) is None]
    named = [view.line for view in kept.lines]
    argv: tuple[str | int, ...] = ("/" if joins is None else joins, len(named), *named, *asked)
    return Command(script("positions"), argv, lambda reply: Places.parse(reply, asked, wrap_up, kept))


def judged_promises() -> Command[list[Judged]]:
    """Promises of the last while with what came of them, newest first."""
    return Command(script("promises"), (), lambda reply: [Judged.parse(line) for line in reply])


def board(rows: int = BOARD_ROWS) -> Command[dict[str, Any]]:
    return Command(script("board"), (rows, BOARD_ANSWERS), _json)


def tick(process: str, known: bool) -> Command[Tick]:
    """`process` is empty for a worker, which holds no sockets; `known` says that it had a lease before."""
    return Command(script("tick"), (config(), process, int(known)), Tick.parse)


def hand_over(process: str) -> Command[int]:
    """How many parties the process still holds."""
    return Command(script("hand_over"), (process,), _int)


def maintenance(word: str) -> Command[bool]:
    """`word`: on, off or status. Answers whether it is on; message and end are with `queueing.live.maintenance`."""
    return Command(script("maintenance"), (word, "", ""), lambda reply: bool(int(reply[0])))


def status() -> Command[dict[str, Any]]:
    return Command(script("status"), (), _json)


def check(fix: bool) -> Command[list[str]]:
    """What the invariants forbid and is there all the same, as `code id`; `fix` mends it."""
    return Command(script("check"), (config(), int(fix), *reasons.ALL), lambda reply: [text(row) for row in reply])
