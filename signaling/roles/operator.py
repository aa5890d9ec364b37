"""The operator's side: one socket per operator, the newest wins. Who it is comes from the session, not from a frame."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.http import parse_cookie
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import sessions
from accounts.access.networks import may_administer, refused
from accounts.clients import Client, client_of_scope
from accounts.flows.use_token import use_token
from accounts.sessions import SessionInfo
from infra.clock import now_ms
from infra.errors import DomainError
from infra.logs import trace
from queueing import services
from queueing.services import OperatorIdentity
from signaling.connection.connection import Connection
from signaling.connection.receive_loop import Event, ReceiveLoop
from signaling.hub.hub import Hub
from signaling.hub.shutdown import store_error
from signaling.roles.handlers import handles
from signaling.roles.ratelimit import allow_ask
from signaling.roles.refusals import Refusals
from signaling.roles.shared import SharedRole
from signaling.roles.welcome import follow, replay, welcome
from signaling.wire import inbound
from signaling.wire.envelope import ENDED, READY, Envelope

SLIDE_SECS = 60.0


class OperatorRole(SharedRole):
    """The party is `o:<adminId>` once both a session and a hello are there, in either order."""

    __slots__ = ("client", "expired", "hello", "read", "session", "session_key", "slid_at")

    name = "operator"
    own_origin_only = True

    def __init__(self, hub: Hub, connection: Connection, loop: ReceiveLoop, refusals: Refusals) -> None:
        super().__init__(hub, connection, loop, refusals)
        self.client: Client | None = None
        self.session: SessionInfo | None = None
        self.session_key = ""
        # Whether the database has said whose cookie that is.
        self.read = False
        self.hello: inbound.Hello | None = None
        self.slid_at = 0.0
        self.expired = False

    # -- session -------------------------------------------------------------------------------------------------

    async def opened(self, scope: Event) -> None:
        self.client = client_of_scope(scope)
        if not may_administer(self.client.address):
            self.connection.close(4403, refused())
            return
        key = _cookie(scope, settings.SESSION_COOKIE_NAME)
        if key:
            session = await sessions.identify(key)
            if session is not None:
                self._signed_in(session, key)
        self.read = True

    def _signed_in(self, session: SessionInfo, key: str) -> None:
        self.session, self.session_key = session, key
        trace.bind(session_id=session.key_hash[:12])
        connection = self.connection
        self.slid_at = connection.opened_at
        connection.language = connection.page_language or session.language or connection.language
        if connection.language:
            translation.activate(connection.language)

    @handles("admin:session:verify")
    async def on_verify(self, frame: inbound.SessionVerify) -> None:
        assert self.client is not None
        # The socket was opened before the page said which one it is.
        client = replace(self.client, request_id=trace.request_id())
        session = await use_token(frame["token"], client)
        if session is None or (self.session is not None and session.admin_id != self.session.admin_id):
            self.connection.send({"type": "admin:session:invalid"})
            self.connection.close(4401)
            return
        self._signed_in(session, frame["token"])
        self.connection.send(
            {
                "type": "admin:session:valid",
                "admin_id": session.admin_id,
                "name": session.name,
                "expires_at": session.expires_at_ms,
            }
        )
        if self.connection.greeted and self.connection.party is None:
            await self._attach()

    def beat(self, now: float) -> None:
        if self.session is not None and now - self.slid_at >= SLIDE_SECS:
            self.slid_at = now
            self.hub.spawn(self._slide())

    async def _slide(self) -> None:
        """Keeps the session alive while its socket is open. Its end waits for a running call's end."""
        assert self.session is not None
        session = await sessions.slide(self.session_key)
        if session is not None:
            self.session = session
        elif self.connection.conversation is not None and self.session.expires_at_ms <= now_ms():
            self.expired = True
        else:
            self._session_over()

    def on_push(self, event: Event) -> None:
        if event.get("kind") != "session.revoked" or self.session is None:
            return
        if self.session.key_hash in event.get("keys", ()):
            self._session_over()

    def _session_over(self) -> None:
        with self.connection.in_own_language():
            self.connection.close(4401, DomainError("session_over", _("Your session has ended. Please sign in again.")))

    def hello_due(self) -> None:
        if not self.read:
            # A slow database has signed nobody out: the page comes back.
            with self.connection.in_own_language():
                self.connection.close(4503, store_error(len(self.hub.registry.connections)))
        elif self.session is None:
            self.connection.close(4401)
        else:
            super().hello_due()

    def may_precede_hello(self, frame_type: str) -> bool:
        return frame_type in ("hello", "admin:session:verify")

    # -- attaching -----------------------------------------------------------------------------------------------

    @handles("hello")
    async def on_hello(self, frame: inbound.Hello) -> None:
        self.introduced(frame)
        self.hello = frame
        if self.session is None:
            self.connection.greeted = True
            self.connection.send(welcome(self.hub, authenticated=False))
            return
        await self._attach()

    async def _attach(self) -> None:
        assert self.session is not None
        assert self.hello is not None
        resume: Any = self.hello.get("resume") or {}
        identity = OperatorIdentity(self.session.admin_id, self.session.name)
        with self.hub.registry.attaching():
            known = (resume.get("epoch"), resume.get("last_seq"), resume.get("conversation"))
            attached = await services.attach_operator(self.hub.bus, self.connection.conn, identity, *known)
            self.connection.greeted = True
            self.hello = None
            self.connection.conversation = attached.conversation
            self.hub.attach(self.connection, f"o:{identity.admin_id}")
            follow(self.connection, attached)
            self.connection.send(welcome(self.hub, attached, authenticated=True))
            replay(self.hub, self.connection, attached)
        self._send_state(await services.operator_state(self.hub.bus, identity.admin_id))
        self.hub.broadcast.watch_board(self.connection)

    async def redraw(self) -> None:
        """The desk changed under an open socket (a call came back after a wipe): a new mailbox and the whole state."""
        if self.session is None or self.connection.party is None:
            return
        identity = OperatorIdentity(self.session.admin_id, self.session.name)
        try:
            with self.hub.registry.attaching():
                attached = await services.attach_operator(self.hub.bus, self.connection.conn, identity, None, None)
                self.connection.conversation = attached.conversation
                follow(self.connection, attached)
                replay(self.hub, self.connection, attached)
            self._send_state(await services.operator_state(self.hub.bus, identity.admin_id))
        except DomainError:
            self.connection.close(1012)

    # -- frames --------------------------------------------------------------------------------------------------

    @handles("call:control")
    def on_control(self, frame: inbound.CallControl) -> None:
        self.on_relay(frame)

    @handles("operator:available")
    async def on_available(self, frame: inbound.OperatorAvailable) -> None:
        self.attached_party()
        assert self.session is not None
        state = await services.set_available(
            self.hub.bus, self.connection.conn, self.session.admin_id, frame["available"]
        )
        self._send_state(state)

    @handles("call:ringing")
    async def on_ringing(self, frame: inbound.CallRinging) -> None:
        self.attached_party()
        assert self.session is not None
        target = self.target_conversation(frame)
        await services.ringing(self.hub.bus, self.connection.conn, self.session.admin_id, target)

    @handles("call:answered")
    async def on_answered(self, frame: inbound.CallAnswered) -> None:
        self.attached_party()
        assert self.session is not None
        target = self.target_conversation(frame)
        await services.answered(self.hub.bus, self.connection.conn, self.session.admin_id, target)

    @handles("call:transfer")
    async def on_transfer(self, frame: inbound.CallTransfer) -> None:
        party, bus = self.attached_party(), self.hub.bus
        assert self.session is not None
        await allow_ask(bus, party, "call:transfer")
        target = self.target_conversation(frame)
        to, note = frame.get("to_operator") or "", frame.get("note") or ""
        line = frame.get("to_line")
        await services.transfer(bus, self.connection.conn, self.session.admin_id, target, frame["id"], to, note, line)
        self.acknowledged(frame["id"])

    def _send_state(self, state: services.OperatorState) -> None:
        frame = {
            "type": "operator:state",
            "available": state.available,
            "wrap_up_until": state.wrap_up_until_ms,
            "conversation": state.conversation,
        }
        if state.break_reason:
            frame["break_reason"] = state.break_reason
        self.connection.send(frame)

    def observe(self, envelope: Envelope) -> Envelope:
        connection = self.connection
        if envelope.kind == READY:
            connection.conversation = envelope.conversation
        elif envelope.kind == ENDED and envelope.conversation == connection.conversation:
            connection.conversation = None
            if self.expired:
                # After this frame has gone out.
                asyncio.get_running_loop().call_soon(self._session_over)
        return super().observe(envelope)


def _cookie(scope: Event, name: str) -> str | None:
    for header, value in scope["headers"]:
        if header == b"cookie":
            cookies: dict[str, str] = parse_cookie(value.decode("latin-1"))
            if name in cookies:
                return cookies[name]
    return None
