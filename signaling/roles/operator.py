"""The operator's socket: one per operator, the newest wins; who it is comes from the session, never from a frame."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.http import parse_cookie
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import sessions
from accounts.clients import Client, client_of_scope
from accounts.flows.use_token import use_token
from accounts.networks import may_administer, refused
from accounts.sessions import SessionInfo
from infra import trace
from infra.clock import now_ms
from infra.errors import DomainError
from queueing import services
from queueing.services import OperatorIdentity
from signaling.connection.connection import Letter
from signaling.connection.receive_loop import Event
from signaling.roles.shared import QUICK, SHARED, PeerConsumer
from signaling.roles.welcome import follow, replay, welcome
from signaling.wire import inbound

SLIDE_SECS = 60.0


class OperatorConsumer(PeerConsumer):
    """`party` is `o:<adminId>` once both a session and a hello are there, in either order."""

    __slots__ = ("client", "expired", "hello", "session", "session_key", "slid_at")

    role = "operator"
    own_origin_only = True

    def __init__(self) -> None:
        super().__init__()
        self.client: Client | None = None
        self.session: SessionInfo | None = None
        self.session_key = ""
        self.hello: inbound.Hello | None = None
        self.slid_at = 0.0
        self.expired = False

    # -- session -------------------------------------------------------------------------------------------------

    async def opened(self, scope: Event) -> None:
        self.client = client_of_scope(scope)
        if not may_administer(self.client.address):
            self.close(4403, refused())
            return
        key = _cookie(scope, settings.SESSION_COOKIE_NAME)
        if key:
            session = await sessions.identify(key)
            if session is not None:
                self._signed_in(session, key)

    def _signed_in(self, session: SessionInfo, key: str) -> None:
        self.session, self.session_key = session, key
        trace.bind(session_id=session.key_hash[:12])
        self.slid_at = self.opened_at
        self.language = self.page_language or session.language or self.language
        if self.language:
            translation.activate(self.language)

    async def on_verify(self, frame: inbound.SessionVerify) -> None:
        assert self.client is not None
        # The socket was opened before the page said which one it is.
        client = replace(self.client, request_id=trace.request_id())
        session = await use_token(frame["token"], client)
        if session is None or (self.session is not None and session.admin_id != self.session.admin_id):
            self.send({"type": "admin:session:invalid"})
            self.close(4401)
            return
        self._signed_in(session, frame["token"])
        self.send(
            {
                "type": "admin:session:valid",
                "admin_id": session.admin_id,
                "name": session.name,
                "expires_at": session.expires_at_ms,
            }
        )
        if self.greeted and self.party is None:
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
        elif self.conversation is not None and self.session.expires_at_ms <= now_ms():
            self.expired = True
        else:
            self._session_over()

    def on_push(self, event: Event) -> None:
        if event.get("kind") != "session.revoked" or self.session is None:
            return
        if self.session.key_hash in event.get("keys", ()):
            self._session_over()

    def _session_over(self) -> None:
        with self.in_own_language():
            self.close(4401, DomainError("session_over", _("Your session has ended. Please sign in again.")))

    def greeting_due(self) -> None:
        if self.session is None:
            self.close(4401)
        else:
            super().greeting_due()

    def may_precede_hello(self, frame_type: str) -> bool:
        return frame_type in ("hello", "admin:session:verify")

    # -- attaching -----------------------------------------------------------------------------------------------

    async def on_hello(self, frame: inbound.Hello) -> None:
        if self.greeted:
            raise DomainError("already_greeted", _("This socket has said hello already."))
        self.introduced(frame)
        self.hello = frame
        if self.session is None:
            self.greeted = True
            self.send(welcome(self, authenticated=False))
            return
        await self._attach()

    async def _attach(self) -> None:
        assert self.session is not None
        assert self.hello is not None
        resume: Any = self.hello.get("resume") or {}
        identity = OperatorIdentity(self.session.admin_id, self.session.name)
        with self.hub.attaching():
            known = (resume.get("epoch"), resume.get("last_seq"), resume.get("conversation"))
            attached = await services.attach_operator(self.hub.bus, self.conn, identity, *known)
            self.greeted = True
            self.hello = None
            self.conversation = attached.conversation
            self.hub.attach(self, f"o:{identity.admin_id}")
            follow(self, attached)
            self.send(welcome(self, attached, authenticated=True))
            replay(self, attached)
        self._send_state(await services.operator_state(self.hub.bus, identity.admin_id))
        self.hub.notices.watch(self)

    async def redraw(self) -> None:
        """The desk changed under an open socket (a call came back after a wipe): a new mailbox and the whole state."""
        if self.session is None or self.party is None:
            return
        identity = OperatorIdentity(self.session.admin_id, self.session.name)
        try:
            with self.hub.attaching():
                attached = await services.attach_operator(self.hub.bus, self.conn, identity, None, None)
                self.conversation = attached.conversation
                follow(self, attached)
                replay(self, attached)
            self._send_state(await services.operator_state(self.hub.bus, identity.admin_id))
        except DomainError:
            self.close(1012)

    # -- frames --------------------------------------------------------------------------------------------------

    async def on_available(self, frame: inbound.OperatorAvailable) -> None:
        self.attached_party()
        assert self.session is not None
        state = await services.set_available(self.hub.bus, self.conn, self.session.admin_id, frame["available"])
        self._send_state(state)

    def _send_state(self, state: services.OperatorState) -> None:
        self.send(
            {
                "type": "operator:state",
                "available": state.available,
                "wrap_up_until": state.wrap_up_until_ms,
                "conversation": state.conversation,
            }
        )

    def ready(self, letter: Letter, text: bytes) -> bytes:
        self.conversation = letter.conversation
        return super().ready(letter, text)

    def ended(self, letter: Letter) -> None:
        if letter.conversation == self.conversation:
            self.conversation = None
            if self.expired:
                # After this letter has gone out.
                asyncio.get_running_loop().call_soon(self._session_over)


def _cookie(scope: Event, name: str) -> str | None:
    for header, value in scope["headers"]:
        if header == b"cookie":
            cookies: dict[str, str] = parse_cookie(value.decode("latin-1"))
            if name in cookies:
                return cookies[name]
    return None


OperatorConsumer.quick = {**QUICK, "call:control": PeerConsumer.on_relay}
OperatorConsumer.handlers = {
    **SHARED,
    "hello": OperatorConsumer.on_hello,
    "admin:session:verify": OperatorConsumer.on_verify,
    "operator:available": OperatorConsumer.on_available,
}
