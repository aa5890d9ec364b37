"""What the sockets ask of the queue. Each function is one atomic step in Redis; nothing is decided here.

All raise StoreUnavailable when Redis does not answer, and DomainError as `queueing.store` lists them per command.
`conn` is a socket's identity: a newer socket of the same party makes the older one answer `replaced`,
and one whose process was given up answers `lapsed`.
"""

from __future__ import annotations

import json
import logging
import secrets
import string
from dataclasses import dataclass, replace
from typing import Any

from infra import trace
from infra.bus import Bus
from infra.buslink import Done
from infra.errors import DomainError, StoreUnavailable
from queueing import blocklist, history, maintenance, store, tokens
from queueing.errors import QueueRefused, token_expired
from queueing.identity import verify
from queueing.maintenance import Maintenance
from queueing.replies import Attached, JoinReply, LineView, Noted, OperatorState, Tick, for_party
from queueing.tokens import Ticket

__all__ = [
    "Attached",
    "JoinRequest",
    "Joined",
    "LineView",
    "Noted",
    "OperatorIdentity",
    "OperatorState",
    "QueueRefused",
    "Tick",
]

logger = logging.getLogger(__name__)
ID_ALPHABET = string.ascii_letters + string.digits
REFUSALS = ("full", "maintenance", "disabled", "closed", "blocked")


@dataclass(frozen=True)
class JoinRequest:
    """`media`: video, audio or chat. `join_key`: the client's random word that makes a repeated join the same join.

    `returning`: the token of a conversation that the network ended; its owner goes to the head of the line.
    `address`: where the customer is, as the proxies' rules have judged it.
    """

    name: str
    media: str
    locale: str = ""
    topic: str = ""
    attributes: dict[str, Any] | None = None
    join_key: str | None = None
    mobile: bool = False
    identity: str | None = None
    address: str = ""
    returning: str | None = None


@dataclass(frozen=True)
class Joined:
    """`token` is the customer's secret. `existing`: the join key was known, and this is the same conversation."""

    conversation: str
    token: str
    epoch: int
    position: int
    waiting: int
    estimate: dict[str, int] | None
    attached: Attached
    existing: bool


@dataclass(frozen=True)
class OperatorIdentity:
    admin_id: str
    name: str


def _new_id() -> str:
    """The public id: letters and digits alone, so that it can stand in any command line and URL."""
    return "".join(secrets.choice(ID_ALPHABET) for _ in range(16))


async def join(bus: Bus, conn: str, request: JoinRequest) -> Joined:
    """Enters the line. Raises QueueRefused (blocked, full, maintenance, disabled), DomainError identity_invalid."""
    attributes = dict(request.attributes or {})
    attributes.pop("identity", None)  # only a signature says who somebody is
    if request.identity:
        attributes["identity"] = verify(request.identity).model_dump()
    view = await bus.execute(store.positions([]))
    # Told before joining, and kept: what was promised can be compared with what came.
    estimate = view.estimate_at(view.waiting)
    record: dict[str, Any] = {
        "id": _new_id(),
        "name": request.name,
        "media": request.media,
        "locale": request.locale,
        "topic": request.topic,
        "mobile": request.mobile,
        "trace": trace.request_id(),
    }
    if request.join_key:
        record["join_key"] = request.join_key
    if origin := blocklist.address_digest(request.address):
        record["address"] = origin
    if attributes:
        record["attributes"] = json.dumps(attributes)
    if request.returning and (earlier := tokens.conversation_of(request.returning)):
        record["returning_from"] = earlier
    elif estimate:
        record["promised"] = estimate
    marks = blocklist.marks(request.address, attributes.get("identity", {}).get("sub", ""))
    try:
        reply = await bus.execute(store.join(conn, record, marks))
    except DomainError as error:
        if error.code in REFUSALS:
            raise await _refusal(bus, error.code, estimate) from error
        raise
    if reply.position <= view.waiting:
        estimate = view.estimate_at(reply.position - 1)
    return _joined(reply, estimate)


async def _refusal(bus: Bus, code: str, estimate: dict[str, int] | None) -> QueueRefused:
    if code != "maintenance":
        return QueueRefused(code, estimate)
    state = await bus.execute(maintenance.command("status"))
    return QueueRefused(code, estimate, state.sentence(), state.still_planned)


def _joined(reply: JoinReply, estimate: dict[str, int] | None) -> Joined:
    ticket = Ticket(
        conversation=reply.conversation,
        ticket=reply.ticket,
        name=reply.record["name"],
        media=reply.record["media"],
        locale=reply.record["locale"],
        topic=reply.record["topic"],
        join_key=reply.record.get("join_key", ""),
        mobile=reply.record["mobile"],
    )
    if not reply.existing:
        logger.info("customer joined", extra={"conversation": reply.conversation, "position": reply.position})
    attached = _seen_by(reply.attached, customer=True)
    return Joined(
        conversation=reply.conversation,
        token=tokens.sign(ticket),
        epoch=attached.epoch,
        position=reply.position,
        waiting=reply.waiting,
        estimate=estimate,
        attached=attached,
        existing=reply.existing,
    )


def _seen_by(attached: Attached, *, customer: bool) -> Attached:
    if attached.state is None:
        return attached
    return replace(attached, state=for_party(attached.state, customer=customer))


async def resume_customer(
    bus: Bus, conn: str, token: str, epoch: int | None, last_seq: int | None, mobile: bool = False
) -> Attached:
    """Comes back to the conversation of a token. Raises DomainError token_invalid or token_expired."""
    ticket = tokens.read(token)
    try:
        attached = await bus.execute(store.attach(store.party_of(ticket.conversation), conn, epoch, last_seq))
    except DomainError as error:
        if error.code != "unknown":
            raise
        attached = await _restore(bus, conn, ticket)
    return _seen_by(attached, customer=True)


async def _restore(bus: Bus, conn: str, ticket: Ticket) -> Attached:
    """Redis does not know the conversation: it was wiped, or the conversation is long over."""
    recorded = await history.find(ticket.conversation)
    if recorded is not None and recorded.ended:
        raise token_expired()
    record: dict[str, Any] = {
        "id": ticket.conversation,
        "ticket": ticket.ticket,
        "joined_at": int(ticket.ticket) // 1000,
        "name": ticket.name,
        "media": ticket.media,
        "locale": ticket.locale,
        "topic": ticket.topic,
        "mobile": ticket.mobile,
        "trace": trace.request_id(),
    }
    if ticket.join_key:
        record["join_key"] = ticket.join_key
    name = ""
    if recorded is not None and recorded.admin_id and recorded.claimed_at_ms:
        record |= {"operator": recorded.admin_id, "claimed_at": recorded.claimed_at_ms}
        name = recorded.operator_name
    try:
        attached = await bus.execute(store.restore(conn, record, name))
    except StoreUnavailable:
        raise
    except DomainError as error:
        raise token_expired() from error
    logger.info("conversation restored from its token", extra={"conversation": ticket.conversation})
    return attached


async def attach_operator(
    bus: Bus, conn: str, operator: OperatorIdentity, epoch: int | None, last_seq: int | None
) -> Attached:
    """The operator's newest socket takes the desk."""
    desk = store.desk_of(operator.admin_id)
    attached = await bus.execute(store.attach(desk, conn, epoch, last_seq, operator.name))
    return _seen_by(attached, customer=False)


async def detach(bus: Bus, party: str, conn: str) -> None:
    """A socket was lost; the party's grace starts unless a newer socket has taken over."""
    await bus.execute(store.detach(party, conn))


async def leave(bus: Bus, conn: str, conversation: str, reason: str, frame_id: int | None = None) -> None:
    """The customer leaves the line or the call."""
    await bus.execute(store.finish(store.party_of(conversation), conn, conversation, reason, "customer", frame_id))


async def end_call(
    bus: Bus, party: str, conn: str, conversation: str | None, reason: str, frame_id: int | None = None
) -> None:
    """Either side hangs up. `conversation` None: the current one."""
    by = "customer" if party.startswith("c:") else "operator"
    named = conversation or (party[2:] if by == "customer" else "")
    await bus.execute(store.finish(party, conn, named, reason, by, frame_id))


async def set_available(bus: Bus, conn: str, admin_id: str, available: bool) -> OperatorState:
    """On shift (ends a wrap-up at once) or on a break (ends no call)."""
    return await bus.execute(store.available(admin_id, conn, available))


async def operator_state(bus: Bus, admin_id: str) -> OperatorState:
    return await bus.execute(store.operator_state(admin_id))


async def relay(
    bus: Bus,
    party: str,
    conn: str,
    conversation: str | None,
    frame_id: int,
    kind: str,
    frame: bytes,
    gen: int | None,
) -> None:
    """Stores a numbered frame for the other party; it is durable when this returns. The same id again does nothing."""
    await bus.execute(store.relay(party, conn, conversation, frame_id, kind, frame, gen))


def begin_relay(
    bus: Bus,
    done: Done,
    party: str,
    conn: str,
    conversation: str | None,
    frame_id: int,
    kind: str,
    frame: bytes,
    gen: int | None,
) -> None:
    """`relay` for the hot path: no coroutine. Raises StoreUnavailable when it is known to be out.

    `done` gets the raw reply: an int when the frame is durable, else what `infra.bus.failure` explains.
    """
    bus.run(store.relay(party, conn, conversation, frame_id, kind, frame, gen), done)


async def signal(bus: Bus, party: str, conn: str, conversation: str | None, frame: bytes) -> None:
    """An un-numbered frame for the other party; it may be lost."""
    await bus.execute(store.signal(party, conn, conversation, frame))


async def ack(bus: Bus, party: str, conn: str, seq: int) -> None:
    """Everything up to `seq` has arrived."""
    await bus.execute(store.ack(party, conn, seq))


async def missing(bus: Bus, party: str, conn: str, after_seq: int) -> list[tuple[int, str, bytes]]:
    """Frames after `after_seq`, for a socket that noticed a gap."""
    return await bus.execute(store.missing(party, conn, after_seq))


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
    """`{waiting: […], waiting_total, active: […]}`, the head of the line only."""
    return await bus.execute(store.board())


async def device_check(bus: Bus, party: str, conn: str, conversation: str | None, payload: dict[str, Any]) -> Noted:
    """What the customer's page found out about its devices; shown on the board. TURN results count for the regions."""
    return await bus.execute(store.note(party, conn, "device:check", conversation, payload))


async def call_stats(bus: Bus, party: str, conn: str, conversation: str | None, payload: dict[str, Any]) -> Noted:
    """A sample of the call, for the operator; one now and then is kept."""
    return await bus.execute(store.note(party, conn, "call:stats", conversation, payload))


async def failing_regions(bus: Bus) -> frozenset[str]:
    """TURN regions that are to be offered last."""
    return await bus.execute(store.failing_regions())


async def call_state(bus: Bus, party: str, conn: str, conversation: str | None, payload: dict[str, Any]) -> None:
    """How the party's media does; ignored when there is no call any more."""
    await bus.execute(store.note(party, conn, "call:state", conversation, payload))


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
