"""What the sockets ask of the queue. Each function is one atomic step in Redis; nothing is decided here.

All raise StoreUnavailable when Redis does not answer, and DomainError as `queueing.live.store` lists them per command.
`conn` is a socket's identity: a newer socket of the same party makes the older one answer `replaced`,
and one whose process was given up answers `lapsed`.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from infra import trace
from infra.redis.bus import Bus
from infra.redis.resp_connection import Done
from queueing.admission import Joined, JoinRequest, join, resume_by_handle, resume_customer, seen_by
from queueing.errors import QueueRefused
from queueing.history import lookup
from queueing.live import maintenance, store
from queueing.live.maintenance import Maintenance
from queueing.live.reasons import said
from queueing.live.results import Attached, LineView, Noted, OperatorState, Tick
from queueing.live.store import Relay

__all__ = [
    "Attached",
    "JoinRequest",
    "Joined",
    "LineView",
    "Noted",
    "OperatorIdentity",
    "OperatorState",
    "QueueRefused",
    "Relay",
    "Tick",
    "join",
    "resume_by_handle",
    "resume_customer",
]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class OperatorIdentity:
    admin_id: str
    name: str


async def attach_operator(
    bus: Bus, conn: str, operator: OperatorIdentity, epoch: int | None, last_seq: int | None, shown: str | None = None
) -> Attached:
    """The operator's newest socket takes the desk, and after a wipe the call that was running there. `shown`: the
    conversation that its page shows."""
    desk = store.desk_of(operator.admin_id)
    if await bus.execute(store.forgotten(operator.admin_id)):
        await _recall(bus, operator, shown)
    attached = await bus.execute(store.attach(desk, conn, epoch, last_seq, operator.name))
    return seen_by(attached, customer=False)


async def _recall(bus: Bus, operator: OperatorIdentity, shown: str | None) -> None:
    record = await lookup.running_call(operator.admin_id, shown)
    if record is None:
        return
    record["trace"] = trace.request_id()
    if await bus.execute(store.recall(operator.admin_id, operator.name, record)):
        logger.info("call restored by its operator", extra={"conversation": record["id"]})


async def detach(bus: Bus, party: str, conn: str) -> None:
    """A socket was lost; the party's grace starts unless a newer socket has taken over."""
    await bus.execute(store.detach(party, conn))


async def leave(bus: Bus, conn: str, conversation: str, reason: str, frame_id: int | None = None) -> None:
    """The customer leaves the queue or the call. `reason`: see `queueing.live.reasons`."""
    await bus.execute(
        store.finish(store.party_of(conversation), conn, conversation, said(reason), "customer", frame_id)
    )


async def end_call(
    bus: Bus, party: str, conn: str, conversation: str | None, reason: str, frame_id: int | None = None
) -> None:
    """Either side hangs up. `conversation` None: the current one. `reason`: see `queueing.live.reasons`."""
    by = "customer" if party.startswith("c:") else "operator"
    named = conversation or (party[2:] if by == "customer" else "")
    await bus.execute(store.finish(party, conn, named, said(reason), by, frame_id))


async def set_available(bus: Bus, conn: str, admin_id: str, available: bool) -> OperatorState:
    """On shift (ends a wrap-up at once) or on a break (ends no call)."""
    return await bus.execute(store.available(admin_id, conn, available))


async def operator_state(bus: Bus, admin_id: str) -> OperatorState:
    return await bus.execute(store.operator_state(admin_id))


def begin_relay(bus: Bus, sent: Relay, done: Done) -> None:
    """A numbered frame for the other party; the same id again does nothing. For the hot path: no coroutine.

    `done` gets the raw reply: an int when the frame is durable, else what `infra.redis.bus.failure` explains. Raises
    StoreUnavailable when it is known to be out.
    """
    bus.run(store.relay(sent), done)


async def signal(bus: Bus, party: str, conn: str, conversation: str | None, frame: bytes) -> None:
    """An un-numbered frame for the other party; it may be lost."""
    await bus.execute(store.signal(party, conn, conversation, frame))


async def ack(bus: Bus, party: str, conn: str, seq: int) -> None:
    """Everything up to `seq` has arrived."""
    await bus.execute(store.ack(party, conn, seq))


async def missing(bus: Bus, party: str, conn: str, after_seq: int) -> list[tuple[int, str, bytes]]:
    """Frames after `after_seq`, for a socket that noticed a gap."""
    return await bus.execute(store.frames_after(party, conn, after_seq))


async def last_seqs(bus: Bus, parties: list[str]) -> list[int]:
    """The last number of each mailbox: one read by which a process finds notices that got lost."""
    return await bus.execute(store.last_seqs(parties))


async def positions(bus: Bus, conversations: list[str]) -> LineView:
    """One read for all waiting customers of a process."""
    return await bus.execute(store.positions(conversations))


async def maintenance_state(bus: Bus) -> Maintenance:
    """Whether new customers are refused, and what they read."""
    return await bus.execute(maintenance.command("status"))


async def board(bus: Bus) -> dict[str, Any]:
    """`{waiting: […], waiting_total, active: […]}`, the head of the queue only."""
    return await bus.execute(store.board())


async def device_check(bus: Bus, party: str, conn: str, conversation: str | None, payload: dict[str, Any]) -> Noted:
    """What the customer's page found out about its devices; shown on the board. TURN results count for the regions."""
    return await bus.execute(store.report(party, conn, "device:check", conversation, payload))


async def call_stats(bus: Bus, party: str, conn: str, conversation: str | None, payload: dict[str, Any]) -> Noted:
    """A sample of the call, for the operator; one now and then is kept."""
    return await bus.execute(store.report(party, conn, "call:stats", conversation, payload))


async def failing_regions(bus: Bus) -> frozenset[str]:
    """TURN regions that are to be offered last."""
    return await bus.execute(store.failing_regions())


async def call_state(bus: Bus, party: str, conn: str, conversation: str | None, payload: dict[str, Any]) -> None:
    """How the party's media does; ignored when there is no call any more."""
    await bus.execute(store.report(party, conn, "call:state", conversation, payload))


async def hand_over(bus: Bus) -> int:
    """The process ends: its parties are kept for the next process. Answers how many there are."""
    return await bus.execute(store.hand_over(bus.process_id))


_leased: set[str] = set()


async def tick(bus: Bus) -> Tick:
    """Once a second: renews the process' lease and does what time demands."""
    answer = await bus.execute(store.tick(bus.process_id, bus.process_id in _leased))
    _leased.add(bus.process_id)
    if answer.ended or answer.matched:
        logger.debug("tick", extra={"ended": answer.ended, "matched": answer.matched})
    return answer
