"""What the sockets ask of the queue. Each function is one atomic step in Redis; nothing is decided here.

All raise StoreUnavailable when Redis does not answer, and DomainError as `queueing.live.store` lists them per command.
`conn` is a socket's identity: a newer socket of the same party makes the older one answer `replaced`,
and one whose process was given up answers `lapsed`.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _

from infra.errors import DomainError
from infra.logs import trace
from infra.redis.bus import Bus
from infra.redis.resp_connection import Done
from infra.writing import language
from queueing.admission import Joined, JoinRequest, join, resume_by_handle, resume_customer, seen_by
from queueing.errors import QueueRefused, video_off
from queueing.history import lookup
from queueing.live import invitations, maintenance, store
from queueing.live.invitations import CallMedia, Invited
from queueing.live.maintenance import Maintenance
from queueing.live.reasons import said
from queueing.live.relay_batch import RelayBatch
from queueing.live.results import Attached, Noted, OperatorState, Places, Tick
from queueing.live.store import Relay
from sites import lookup as sites
from sites.lines import Lines

__all__ = [
    "Attached",
    "Invited",
    "JoinRequest",
    "Joined",
    "Noted",
    "OperatorIdentity",
    "OperatorState",
    "Places",
    "QueueRefused",
    "Relay",
    "RelayBatch",
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
    lines = (await sites.sites.soon()).lines.served_by(operator.admin_id)
    attached = await bus.execute(store.attach(desk, conn, epoch, last_seq, operator.name, lines))
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


async def invite(bus: Bus, by: Invited, media: CallMedia) -> None:
    """Proposes that a chat becomes a call; accepts the other side's proposal when that is open. Raises DomainError:
    video_off, and those of `invitations.invite`."""
    if media == "video" and not settings.ENABLE_VIDEO:
        raise video_off()
    await bus.execute(invitations.invite(by, media))


async def answer_invitation(bus: Bus, by: Invited, invitation: int, *, accepted: bool) -> None:
    """Accepts the other side's proposal or declines it; declining one's own takes it back."""
    await bus.execute(invitations.answer(by, invitation, accepted=accepted))


async def set_available(bus: Bus, conn: str, admin_id: str, available: bool) -> OperatorState:
    """On shift (ends a wrap-up at once) or on a break (ends no call)."""
    return await bus.execute(store.available(admin_id, conn, available))


async def ringing(bus: Bus, conn: str, admin_id: str, conversation: str | None) -> None:
    """The operator's page shows a fresh match: from now on it is a person who has to answer."""
    await bus.execute(store.answer(admin_id, conn, conversation, answered=False))


async def answered(bus: Bus, conn: str, admin_id: str, conversation: str | None) -> None:
    """Somebody sits at the operator's page: the match stands."""
    await bus.execute(store.answer(admin_id, conn, conversation, answered=True))


async def transfer(
    bus: Bus,
    conn: str,
    admin_id: str,
    conversation: str | None,
    frame_id: int,
    to: str = "",
    note: str = "",
    to_line: str | None = None,
) -> None:
    """Passes the operator's conversation on: to the colleague `to` or to whoever is free next, of the line `to_line`
    where one is named. Raises DomainError line_unknown besides."""
    line = None
    if to_line is not None and not to:
        line = line_of_transfer((await sites.sites.soon()).lines, to_line)
    await bus.execute(store.transfer(admin_id, conn, conversation, frame_id, to, note, line))


def line_of_transfer(lines: Lines, key: str) -> dict[str, Any]:
    """What the record of a conversation has of the line that it is passed on to. Raises DomainError line_unknown."""
    found = lines.find(key)
    if found.key != key:
        raise DomainError("line_unknown", _("There is no such department. Choose another one."))
    return found.of_record(language.default())


async def operator_state(bus: Bus, admin_id: str) -> OperatorState:
    return await bus.execute(store.operator_state(admin_id))


async def signal(bus: Bus, party: str, conn: str, conversation: str | None, frame: bytes) -> None:
    """An un-numbered frame for the other party; it may be lost."""
    await bus.execute(store.signal(party, conn, conversation, frame))


def begin_ack(bus: Bus, party: str, conn: str, seq: int, done: Done) -> None:
    """Everything up to `seq` has arrived. Without a coroutine, since every page says so several times a second.

    `done` gets the raw reply, as `infra.redis.bus.failure` explains it. Raises StoreUnavailable when it is known to be
    out.
    """
    bus.run(store.ack(party, conn, seq), done)


async def missing(bus: Bus, party: str, conn: str, after_seq: int) -> list[tuple[int, str, bytes]]:
    """Frames after `after_seq`, for a socket that noticed a gap."""
    return await bus.execute(store.frames_after(party, conn, after_seq))


async def last_seqs(bus: Bus, parties: list[str]) -> list[int]:
    """The last number of each mailbox: one read by which a process finds notices that got lost."""
    return await bus.execute(store.last_seqs(parties))


async def positions(bus: Bus, conversations: list[str], known: Places | None = None) -> Places:
    """One read for all waiting customers of a process. `known`: places read before that are still true."""
    return await bus.execute(store.positions(conversations, None, known))


async def maintenance_state(bus: Bus) -> Maintenance:
    """Whether new customers are refused, and what they read."""
    return await bus.execute(maintenance.command("status"))


class Board(NamedTuple):
    """`frame`: `{waiting: […], waiting_total, active: […], lines?: […]}`, the head of the queue only; `by_line`: how
    many wait in each of `lines`."""

    frame: dict[str, Any]
    by_line: dict[str, int]
    lines: Lines

    def waiting_for(self, admin_id: str) -> int | None:
        """How many wait for this operator: in the lines it serves. None where there is only the default one."""
        if not self.lines.several:
            return None
        known: dict[str, int] = {}
        for key, count in self.by_line.items():
            line = self.lines.find(key).key
            known[line] = known.get(line, 0) + count
        return sum(known.get(key, 0) for key in self.lines.keys_of(admin_id))


async def board(bus: Bus) -> Board:
    board = await bus.execute(store.board())
    by_line = board.pop("by_line")
    lines = (await sites.sites.soon()).lines
    if lines.several:
        board["lines"] = [{"key": key, "name": line.name(language.default())} for key, line in lines.lines.items()]
    return Board(board, by_line, lines)


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
