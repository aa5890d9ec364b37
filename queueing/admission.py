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

from django.conf import settings
from django.utils.translation import gettext as _

from hours.schedule import Schedule
from hours.zones import MINUTE_MS
from infra.errors import DomainError
from infra.logs import trace
from infra.redis.bus import Bus
from infra.writing import language
from queueing import resume_handles, tokens
from queueing.blocklist import rules
from queueing.errors import QueueRefused, token_expired, video_off
from queueing.history import lookup
from queueing.identity import verify
from queueing.live import maintenance, places, store
from queueing.live.results import Attached, JoinReply, for_party
from queueing.tokens import Ticket
from sites import answers
from sites import lookup as sites
from sites.lines import QUESTION_KEY, LineProfile, Lines
from sites.metrics import answers_dropped
from sites.profile import Profile
from sites.questions import Ask

logger = logging.getLogger(__name__)
ID_ALPHABET = string.ascii_letters + string.digits
REFUSALS = ("full", "crowded", "maintenance", "disabled", "closed", "blocked")
JUMP_MS = 60 * MINUTE_MS
"""So far Redis' clock may jump between two looks at it and be judged by the hours all the same."""


@dataclass(frozen=True)
class JoinRequest:
    """`media`: video, audio or chat. `join_key`: the client's random word that makes a repeated join the same join.

    `name` may be empty where the site does not ask it; `answers`: to the site's other questions, by key.
    `returning`: the token of a conversation that the network ended; its owner goes to the head of the line.
    `site`: the key of the site whose page it is; one that there is not is the default site.
    `line`: the key of the line that the page names; one that there is not is the site's.
    `address`: where the customer is, as the proxies' rules have judged it.
    `visit`: what is kept of the page and the browser, as `queueing.visit.read` left it.
    """

    name: str
    media: str
    locale: str = ""
    topic: str = ""
    attributes: dict[str, Any] | None = None
    answers: dict[str, Any] | None = None
    join_key: str | None = None
    mobile: bool = False
    identity: str | None = None
    address: str = ""
    returning: str | None = None
    site: str = ""
    visit: dict[str, str] | None = None
    line: str = ""


@dataclass(frozen=True)
class Joined:
    """`token` is the customer's secret. `existing`: the join key was known, and this is the same conversation.
    `closing`: when the site closes, and whether who waits then is served; None where it does not, or not soon."""

    conversation: str
    token: str
    epoch: int
    position: int
    waiting: int
    estimate: dict[str, int] | None
    staffed: bool
    attached: Attached
    existing: bool
    closing: tuple[int, bool] | None = None


def new_id() -> str:
    """The public id: letters and digits alone, so that it can stand in any command line and URL."""
    return "".join(secrets.choice(ID_ALPHABET) for _ in range(16))


async def join(bus: Bus, conn: str, request: JoinRequest) -> Joined:
    """Enters the line. Raises QueueRefused (a code of REFUSALS), DomainError identity_invalid, answers_refused,
    video_off."""
    if request.media == "video" and not settings.ENABLE_VIDEO:
        raise video_off()
    attributes = dict(request.attributes or {})
    attributes.pop("identity", None)  # only a signature says who somebody is
    signed = verify(request.identity) if request.identity else None
    if signed:
        attributes["identity"] = signed.model_dump(exclude={"priority"})
    snapshot = await sites.sites.soon()
    site = snapshot.find(request.site).site
    given = answers.check(
        site,
        name=request.name,
        topic=request.topic,
        answers=request.answers or {},
        spoken=request.locale,
        signed_name=signed.name if signed else None,
    )
    answers_dropped.inc(given.dropped)
    line = _line(snapshot.lines, request, site, given.answers)
    view = (await bus.execute(store.positions([], line.key))).joined
    # Told before joining, and kept: what was promised can be compared with what came.
    estimate = view.estimate_at(view.waiting)
    record: dict[str, Any] = {
        "id": new_id(),
        "name": given.name,
        "media": request.media,
        "locale": request.locale,
        "topic": given.topic,
        "mobile": request.mobile,
        "trace": trace.request_id(),
        **_of_site(site),
        **line.of_record(language.default()),
    }
    if priority := max(line.priority, signed.priority if signed else 0):
        record["priority"] = priority
    if request.join_key:
        record["join_key"] = request.join_key
    if origin := rules.address_digest(request.address):
        record["address"] = origin
    identity = attributes.get("identity", {}).get("sub", "")
    if own := places.groups(request.address, identity):
        record["places"] = own
    if attributes:
        record["attributes"] = json.dumps(attributes)
    if request.visit:
        record["visit"] = json.dumps(request.visit)
    if given.answers:
        record["answers"] = json.dumps(given.answers)
    if request.returning and (earlier := tokens.conversation_of(request.returning)):
        record["returning_from"] = earlier
    elif (forecast := view.forecast_at(view.waiting)) and estimate:
        record["promised"], record["expected"] = (
            estimate,
            f"{forecast.low:.0f} {forecast.middle:.0f} {forecast.high:.0f}",
        )
    marks = rules.marks(request.address, identity)
    try:
        reply = await bus.execute(store.join(conn, record, marks, _taking(site.hours, view.now_ms)))
    except DomainError as error:
        if error.code == "closed":
            raise _closed(site.hours, view.now_ms) from error
        if error.code in REFUSALS:
            raise await _refusal(bus, error.code, estimate) from error
        raise
    if reply.position <= view.waiting:
        estimate = view.estimate_at(reply.position - 1)
    joined = _joined(reply, estimate, staffed=view.staffed)
    return replace(joined, closing=site.hours.closing(view.now_ms)) if site.hours else joined


def _taking(hours: Schedule | None, now: int) -> list[tuple[int, int]] | None:
    """The times around Redis' `now`: which of them it is in is for the step that takes a customer in."""
    return hours.taking(now - JUMP_MS, now + JUMP_MS) if hours else None


def _closed(hours: Schedule | None, now: int) -> QueueRefused:
    """A site that is still open takes nobody new in its last minutes."""
    still_open = hours is not None and hours.at(now).is_open
    message = _("Support closes soon and takes no new conversations.") if still_open else None
    return QueueRefused("closed", message=message, opens_at=hours.next_opening(now) if hours else None)


def _line(lines: Lines, request: JoinRequest, site: Profile, given: list[dict[str, Any]]) -> LineProfile:
    """Where the customer waits: as it has chosen in the form, else as its page says, else as the site has it."""
    chosen = next((str(one["value"]) for one in given if one["key"] == QUESTION_KEY), "")
    named = lines.named(chosen, language.default()) if site.asks_line != Ask.NEVER and chosen else ""
    return lines.find(named, request.line, site.line)


def _of_site(site: Profile) -> dict[str, str]:
    """What a record has of it; nothing of the default one, which is the only one for most."""
    return {"site": site.key, "site_name": site.name} if site.key else {}


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
        site=reply.record.get("site", ""),
        line=reply.record.get("line", ""),
        priority=reply.record.get("priority", 0),
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
    snapshot = await sites.sites.soon()
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
        **_of_site(snapshot.find(ticket.site).site),
        # What a line is called and how it is served may have changed; one that is gone is the default one.
        **snapshot.lines.find(recorded.line if recorded else ticket.line).of_record(language.default()),
    }
    if ticket.priority:
        record["priority"] = ticket.priority
    if ticket.booked:
        record["booked"] = ticket.booked
        record["ticket"] = await lookup.place(ticket.conversation) or ticket.ticket
    if recorded is not None and recorded.answers:
        record["answers"] = json.dumps(recorded.answers)
    if ticket.join_key:
        record["join_key"] = ticket.join_key
    if own := places.groups(address):
        record["places"] = own
    name = ""
    if recorded is not None and recorded.admin_id and recorded.claimed_at_ms:
        record |= {"operator": recorded.admin_id, "claimed_at": recorded.claimed_at_ms}
        # A chat may have become a call since this token was made; never the other way.
        if ticket.media == "chat":
            record["media"] = recorded.media
        name = recorded.operator_name
    try:
        attached = await bus.execute(store.restore(conn, record, name))
    except DomainError as error:
        if error.code != "expired":
            raise
        raise token_expired() from error
    logger.info("conversation restored from its token", extra={"conversation": ticket.conversation})
    return attached
