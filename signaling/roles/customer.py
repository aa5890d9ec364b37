"""The customer's side: a place in the queue, then one conversation."""

from __future__ import annotations

import time
from sys import intern
from typing import Any

from django.utils.translation import gettext as _
from pydantic_core import from_json

from accounts.devices import browser_of, system_of
from infra.buckets import Bucket
from infra.errors import DomainError
from infra.logs import trace
from queueing import resume_handles, services, tokens, visit
from queueing.services import Attached, Joined, JoinRequest, QueueRefused
from signaling import metrics
from signaling.connection.connection import Connection
from signaling.connection.receive_loop import Event, ReceiveLoop
from signaling.hub.hub import Hub
from signaling.roles.handlers import handles
from signaling.roles.ratelimit import allow_ask, allow_join
from signaling.roles.refusals import Refusals
from signaling.roles.shared import SharedRole
from signaling.roles.welcome import follow, replay, welcome
from signaling.wire import inbound
from signaling.wire.envelope import ENDED, READY, RETURNED, Envelope
from signaling.wire.parse import encode, forwarded
from sites import lookup as sites

TOKEN_ERRORS = ("token_invalid", "token_expired")
PREVIEW_BURST, PREVIEW_RATE = 4.0, 2.0
"""Previews of one socket, at once and per second; a page sends one a second."""
AGENT_MOST = 512
"""Bytes that are looked at of what a browser calls itself."""


class CustomerRole(SharedRole):
    """One party per conversation: it is `c:<conversation>` from the join or the resume on."""

    __slots__ = ("browser", "join_key", "live", "mobile", "previews", "secret", "site")

    name = "customer"
    own_origin_only = False

    def __init__(self, hub: Hub, connection: Connection, loop: ReceiveLoop, refusals: Refusals) -> None:
        super().__init__(hub, connection, loop, refusals)
        self.browser: dict[str, str] = {}  # and its system, in words
        self.join_key: str | None = None
        self.live = False  # the conversation waits or runs
        self.mobile = False
        self.previews: Bucket | None = None  # from the first one on
        self.secret = ""  # the token of the conversation
        self.site: str | None = None  # its key, of the conversation; None: not asked for yet

    async def opened(self, scope: Event) -> None:
        agent = dict(scope["headers"]).get(b"user-agent", b"")
        self.mobile = b"Mobi" in agent or b"Android" in agent
        words = agent[:AGENT_MOST].decode("latin-1")
        # Few kinds of browsers, many sockets.
        named = {"browser": intern(browser_of(words)), "system": system_of(words)}
        self.browser = {name: value for name, value in named.items() if value}

    @handles("hello")
    async def on_hello(self, frame: inbound.Hello) -> None:
        self.introduced(frame)
        connection = self.connection
        self.mobile = frame.get("mobile", self.mobile)
        resume: Any = frame.get("resume") or {}
        token, handle = resume.get("token"), resume.get("handle")
        if token is None and handle is None:
            connection.greeted = True
            connection.send(welcome(self.hub))
            return
        try:
            with self.hub.registry.attaching():
                attached = await self._resume(resume)
                connection.greeted = True
                assert attached.conversation is not None
                self._become(attached.conversation, attached)
                connection.send(welcome(self.hub, attached) | ({"token": self.secret} if token is None else {}))
                self._catch_up(attached)
        except DomainError as error:
            if error.code not in TOKEN_ERRORS:
                raise
            connection.greeted = True
            connection.fail(error, "hello")
            connection.send(welcome(self.hub))

    @handles("queue:join")
    async def on_join(self, frame: inbound.QueueJoin) -> None:
        self.speak(frame.get("locale"))
        key = frame.get("join_key")
        if self.live and (key is None or key != self.join_key):
            raise DomainError("already_joined", _("You are already in the queue or in a call."))
        connection = self.connection
        await allow_join(self.hub.bus, connection.address)
        try:
            with self.hub.registry.attaching():
                joined = await services.join(self.hub.bus, connection.conn, self._request(frame))
                self.join_key, self.secret = key, joined.token
                self._become(joined.conversation, joined.attached)
                place = {
                    "position": joined.position,
                    "waiting": joined.waiting,
                    "estimate": joined.estimate,
                    "staffed": joined.staffed,
                }
                connection.send(
                    {
                        "type": "queue:joined",
                        "conversation": joined.conversation,
                        "token": joined.token,
                        "epoch": joined.epoch,
                        **place,
                        **_closing(joined),
                    }
                )
                self._catch_up(joined.attached)
        except QueueRefused as refused:
            connection.send({"type": "queue:refused", **_refusal(refused)})
            return
        connection.board_seen = place

    @handles("queue:leave")
    async def on_leave(self, frame: inbound.QueueLeave) -> None:
        self.attached_party()
        conversation, reason, identifier = self.target_conversation(frame), frame.get("reason"), frame.get("id")
        await services.leave(self.hub.bus, self.connection.conn, conversation, reason or "left", identifier)
        self._over()
        self.acknowledged(identifier)

    async def on_call_end(self, frame: inbound.CallEnd) -> None:
        await super().on_call_end(frame)
        self._over()

    @handles("resume:ask")
    async def on_resume_ask(self, frame: inbound.ResumeAsk) -> None:
        await allow_ask(self.hub.bus, self.attached_party(), "resume:ask")
        if not self.live:
            raise DomainError("not_attached", _("You are not in a conversation."))
        handle = resume_handles.make(self.secret, frame["origin"])
        self.connection.send({"type": "resume:handle", "handle": handle, "expires_s": resume_handles.HANDLE_SECS})

    @handles("chat:preview")
    async def on_preview(self, frame: inbound.ChatPreview) -> None:
        """To the operator, where the site wants that, and into nothing that is kept. What comes too fast is dropped."""
        party, conversation, now = self.attached_party(), self.target_conversation(frame), time.monotonic()
        self.previews = self.previews or Bucket(PREVIEW_BURST, now)
        if not self.live or not self.previews.take(PREVIEW_BURST, PREVIEW_RATE, now):
            return
        if self.site is None:
            self.site = tokens.read(self.secret).site
        if (await sites.find_soon(self.site)).site.typing_preview:
            await services.signal(self.hub.bus, party, self.connection.conn, conversation, forwarded(frame))

    @handles("device:check")
    async def on_device_check(self, frame: inbound.DeviceCheck) -> None:
        payload = {name: value for name, value in frame.items() if name not in ("type", "ack")}
        party, connection = self.attached_party(), self.connection
        await allow_ask(self.hub.bus, party, "device:check")
        noted = await services.device_check(self.hub.bus, party, connection.conn, connection.conversation, payload)
        metrics.count_turn_faults(noted.faults)

    def target_conversation(self, frame: Any) -> str:
        """A customer has one conversation; naming another is refused. Call it once attached."""
        current = self.connection.conversation
        assert current is not None
        if frame.get("conversation") not in (None, current):
            raise DomainError("wrong_conversation", _("That is not your conversation."))
        return current

    def observe(self, envelope: Envelope) -> Envelope:
        if envelope.kind == READY:
            self.hub.broadcast.forget(self.connection)
            envelope = self._with_token(envelope)
        elif envelope.kind == RETURNED:
            self.connection.board_seen = None
            self.hub.broadcast.watch_line(self.connection)
        elif envelope.kind == ENDED:
            self._over()
        return super().observe(envelope)

    def _with_token(self, envelope: Envelope) -> Envelope:
        """A chat that has become a call has a token that says so: a Redis that lost it brings back the call."""
        frame = from_json(envelope.frame)
        if frame["type"] != "call:accept":
            return envelope
        self.secret = tokens.of_call(self.secret, frame["media"])
        return envelope.with_members(b'"token":%b' % encode(self.secret))

    def _over(self) -> None:
        """Another join is possible from now on, also before the frame that tells of the end has come."""
        self.live = False
        self.hub.broadcast.forget(self.connection)

    # -- attaching -----------------------------------------------------------------------------------------------

    async def _resume(self, resume: dict[str, Any]) -> Attached:
        """By the token, or by what the site kept for a page that could keep nothing."""
        bus, connection = self.hub.bus, self.connection
        token, address = resume.get("token"), connection.address
        if token is None:
            handle, origin = resume["handle"], resume.get("origin") or ""
            attached, self.secret = await services.resume_by_handle(bus, connection.conn, handle, origin, address)
            return attached
        known = (token, resume.get("epoch"), resume.get("last_seq"))
        attached = await services.resume_customer(bus, connection.conn, *known, address)
        self.secret = token
        return attached

    def _become(self, conversation: str, attached: Attached) -> None:
        self.hub.broadcast.forget(self.connection)
        self.connection.conversation = conversation
        self.site = None
        trace.bind(conversation=conversation)
        self.live = attached.status != "ended"
        self.hub.attach(self.connection, f"c:{conversation}")
        follow(self.connection, attached)

    def _catch_up(self, attached: Attached) -> None:
        if attached.status == "waiting":
            self.hub.broadcast.watch_line(self.connection)
        replay(self.hub, self.connection, attached)

    def _request(self, frame: inbound.QueueJoin) -> JoinRequest:
        return JoinRequest(
            name=frame.get("name") or "",
            media=frame["media"],
            locale=frame.get("locale") or self.connection.language or "",
            topic=frame.get("topic") or "",
            attributes=frame.get("attributes"),
            answers=frame.get("answers"),
            join_key=frame.get("join_key"),
            mobile=self.mobile,
            identity=frame.get("identity"),
            address=self.connection.address,
            returning=frame.get("returning"),
            site=frame.get("site") or "",
            line=frame.get("line") or "",
            visit=self._visit(frame.get("visit")),
        )

    def _visit(self, given: Any) -> dict[str, str]:
        """What is kept of the page and the browser."""
        found, unread = visit.read(given)
        for field in unread:
            metrics.visit_facts_unread.labels(field).inc()
        return found | self.browser


def _closing(joined: Joined) -> dict[str, Any]:
    if joined.closing is None:
        return {}
    at, served = joined.closing
    return {"closing": {"at": at, "served": served}}


def _refusal(refused: QueueRefused) -> dict[str, Any]:
    body: dict[str, Any] = {"code": refused.code, "message": refused.message, "estimate": refused.estimate}
    if refused.retry_after is not None:
        body["retry_after"] = refused.retry_after
    if refused.opens_at is not None:
        body["opens_at"] = refused.opens_at
    return body
