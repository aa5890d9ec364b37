"""How a customer gets into the queue, and back to where a token says.

Raises what `queueing.services` lists; nothing is decided here but the words that go to Redis.
"""

from __future__ import annotations

import json
import logging
import secrets
import string
from dataclasses import dataclass, replace
from typing import Any

from infra import trace
from infra.errors import DomainError
from infra.redis.bus import Bus
from queueing import resume_handles, tokens
from queueing.blocklist import rules
from queueing.errors import QueueRefused, token_expired
from queueing.history import lookup
from queueing.identity import verify
from queueing.live import maintenance, places, store
from queueing.live.results import Attached, JoinReply, for_party
from queueing.tokens import Ticket

logger = logging.getLogger(__name__)
ID_ALPHABET = string.ascii_letters + string.digits
REFUSALS = ("full", "crowded", "maintenance", "disabled", "closed", "blocked")


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
    staffed: bool
    attached: Attached
    existing: bool


def new_id() -> str:
    """The public id: letters and digits alone, so that it can stand in any command line and URL."""
    return "".join(secrets.choice(ID_ALPHABET) for _ in range(16))


async def join(bus: Bus, conn: str, request: JoinRequest) -> Joined:
    """Enters the line. Raises QueueRefused (a code of REFUSALS), DomainError identity_invalid."""
    attributes = dict(request.attributes or {})
    attributes.pop("identity", None)  # only a signature says who somebody is
    if request.identity:
        attributes["identity"] = verify(request.identity).model_dump()
    view = await bus.execute(store.positions([]))
    # Told before joining, and kept: what was promised can be compared with what came.
    estimate = view.estimate_at(view.waiting)
    record: dict[str, Any] = {
        "id": new_id(),
        "name": request.name,
        "media": request.media,
        "locale": request.locale,
        "topic": request.topic,
        "mobile": request.mobile,
        "trace": trace.request_id(),
    }
    if request.join_key:
        record["join_key"] = request.join_key
    if origin := rules.address_digest(request.address):
        record["address"] = origin
    identity = attributes.get("identity", {}).get("sub", "")
    if own := places.groups(request.address, identity):
        record["places"] = own
    if attributes:
        record["attributes"] = json.dumps(attributes)
    if request.returning and (earlier := tokens.conversation_of(request.returning)):
        record["returning_from"] = earlier
    elif estimate:
        record["promised"] = estimate
    marks = rules.marks(request.address, identity)
    try:
        reply = await bus.execute(store.join(conn, record, marks))
    except DomainError as error:
        if error.code in REFUSALS:
            raise await _refusal(bus, error.code, estimate) from error
        raise
    if reply.position <= view.waiting:
        estimate = view.estimate_at(reply.position - 1)
    return _joined(reply, estimate, staffed=view.staffed)


async def _refusal(bus: Bus, code: str, estimate: dict[str, int] | None) -> QueueRefused:
    if code != "maintenance":
        return QueueRefused(code, estimate)
    state = await bus.execute(maintenance.command("status"))
    return QueueRefused(code, estimate, state.sentence(), state.still_planned)


def _joined(reply: JoinReply, estimate: dict[str, int] | None, *, staffed: bool) -> Joined:
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
    attached = seen_by(reply.attached, customer=True)
    return Joined(
        conversation=reply.conversation,
        token=tokens.sign(ticket),
        epoch=attached.epoch,
        position=reply.position,
        waiting=reply.waiting,
        estimate=estimate,
        staffed=staffed,
        attached=attached,
        existing=reply.existing,
    )


def seen_by(attached: Attached, *, customer: bool) -> Attached:
    """The state that a resync carries, as this side of the call may see it."""
    if attached.state is None:
        return attached
    return replace(attached, state=for_party(attached.state, customer=customer))


async def resume_customer(
    bus: Bus, conn: str, token: str, epoch: int | None, last_seq: int | None, address: str = ""
) -> Attached:
    """Comes back to the conversation of a token, from `address`. Raises DomainError token_invalid or token_expired."""
    ticket = tokens.read(token)
    try:
        attached = await bus.execute(store.attach(store.party_of(ticket.conversation), conn, epoch, last_seq))
    except DomainError as error:
        if error.code != "unknown":
            raise
        attached = await _restore(bus, conn, ticket, address)
    return seen_by(attached, customer=True)


async def resume_by_handle(bus: Bus, conn: str, handle: str, origin: str, address: str = "") -> tuple[Attached, str]:
    """The same for a page of the site `origin` that has a handle only; answers its token too. Raises the same."""
    token = resume_handles.read(handle, origin)
    status, _, _ = await bus.execute(store.lookup(tokens.read(token).conversation))
    # A token still shows how its conversation ended; what lay in a site's storage does not.
    if status == "ended":
        raise token_expired()
    return await resume_customer(bus, conn, token, None, None, address), token


async def _restore(bus: Bus, conn: str, ticket: Ticket, address: str) -> Attached:
    """Redis does not know the conversation: it was wiped, or the conversation is long over."""
    recorded = await lookup.find(ticket.conversation)
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
    if own := places.groups(address):
        record["places"] = own
    name = ""
    if recorded is not None and recorded.admin_id and recorded.claimed_at_ms:
        record |= {"operator": recorded.admin_id, "claimed_at": recorded.claimed_at_ms}
        name = recorded.operator_name
    try:
        attached = await bus.execute(store.restore(conn, record, name))
    except DomainError as error:
        if error.code != "expired":
            raise
        raise token_expired() from error
    logger.info("conversation restored from its token", extra={"conversation": ticket.conversation})
    return attached
