"""The frames that customer and operator share once they are attached: relay to the peer, call reports, counters."""

from __future__ import annotations

import logging
from contextlib import suppress
from functools import partial
from typing import Any, ClassVar

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from infra.errors import DomainError, StoreUnavailable
from infra.logs import trace
from infra.redis.bus import failure
from infra.writing import language
from queueing import services
from queueing.services import Invited, Relay
from signaling import metrics
from signaling.connection.connection import Connection
from signaling.connection.receive_loop import Event, ReceiveLoop
from signaling.hub.hub import Hub
from signaling.ice.masking import shape
from signaling.ice.relay_only import filtered
from signaling.ice.servers import ice_policy, ice_servers
from signaling.roles.handlers import Handler, Handlers, handlers_of, handles
from signaling.roles.ratelimit import allow_ask
from signaling.roles.refusals import Refusals
from signaling.wire import inbound
from signaling.wire.envelope import READY, Envelope
from signaling.wire.parse import ROUTING_AND_FILE, ROUTING_AND_ID, FrameError, Role, encode, forwarded

logger = logging.getLogger(__name__)


class SharedRole:
    """A party of a conversation (the connection's `Side`). The store knows which one is current and refuses what is
    not. Subclasses give `name`, `own_origin_only`, handlers of their own and the hooks below.
    """

    __slots__ = ("connection", "hub", "loop", "refusals")

    name: ClassVar[Role]
    own_origin_only: ClassVar[bool]
    handlers: ClassVar[Handlers]

    def __init_subclass__(cls) -> None:
        cls.handlers = handlers_of(cls)

    def __init__(self, hub: Hub, connection: Connection, loop: ReceiveLoop, refusals: Refusals) -> None:
        self.hub = hub
        self.connection = connection
        self.loop = loop
        self.refusals = refusals

    # -- hooks ---------------------------------------------------------------------------------------------------

    async def opened(self, scope: Event) -> None:
        """Accepted and counted; `scope` is not kept."""

    def may_precede_hello(self, frame_type: str) -> bool:
        return frame_type == "hello"

    def hello_due(self) -> None:
        """Five seconds after opening: who has not said hello is closed."""
        if not self.connection.greeted:
            with self.connection.in_own_language():
                self.connection.close(4408, DomainError("hello_first", _("The first frame must be hello.")))

    def beat(self, now: float) -> None:
        """Nothing to do with every ping."""

    def on_push(self, event: dict[str, Any]) -> None:
        """No rare event concerns it."""

    async def redraw(self) -> None:
        """What the page shows is no longer so: only a new hello settles that."""
        self.connection.close(1012)

    def observe(self, envelope: Envelope) -> Envelope:
        """`queue:ready` gets what must be fresh: credentials."""
        if envelope.kind != READY:
            return envelope
        assert self.connection.party is not None
        servers = ice_servers(self.connection.party, self.hub.failing_regions)
        return envelope.with_members(b'"ice_servers":%b,"ice_policy":"%b"' % (encode(servers), ice_policy().encode()))

    def target_conversation(self, frame: Any) -> str | None:
        """The conversation that a frame is about; None: the current one."""
        named: str | None = frame.get("conversation")
        return named

    # -- who speaks ----------------------------------------------------------------------------------------------

    def introduced(self, hello: inbound.Hello) -> None:
        """The page's request id goes on all further lines of this socket; its language counts, not the browser's.

        DomainError `already_greeted` for a second hello.
        """
        if self.connection.greeted:
            raise DomainError("already_greeted", _("This socket has already said hello."))
        trace.bind(request_id=hello.get("request_id", ""))
        self.speak(hello.get("locale"))

    def speak(self, locale: str | None) -> None:
        """From now on in the page's language; no change where it is none of ours."""
        if spoken := language.of_page(locale):
            self.connection.language = self.connection.page_language = spoken
            translation.activate(spoken)

    def attached_party(self) -> str:
        """The party this socket speaks for; DomainError `not_attached` before there is one."""
        if self.connection.party is None:
            raise DomainError("not_attached", _("You are not in a conversation."))
        return self.connection.party

    def quick_handlers(self) -> dict[str, Handler]:
        """The table of this socket, chosen once: a choice for every frame would cost on the relay's path."""
        return self.handlers.relay_only if settings.ICE_TRANSPORT_POLICY == "relay" else self.handlers.quick

    # -- frames --------------------------------------------------------------------------------------------------

    @handles("ack")
    def on_ack(self, frame: inbound.AckFrame) -> None:
        self.connection.acknowledge(frame["seq"])

    @handles("ping")
    def on_ping(self, frame: inbound.Ping) -> None:
        self.connection.send({"type": "pong", "t": frame.get("t")})

    @handles("pong")
    def on_pong(self, frame: inbound.Pong) -> None:
        pass  # any frame is a sign of life

    @handles("rtc:description", "rtc:ice:candidate")
    def on_relay(self, frame: Any) -> None:
        """A numbered frame for the peer; the next one has its turn when this one is durable."""
        if logger.isEnabledFor(logging.DEBUG):
            logger.debug("frame relayed", extra={**shape(frame), "conversation": self.connection.conversation})
        self._relay(frame, forwarded(frame, ROUTING_AND_ID))

    @handles("chat:message")
    def on_chat(self, frame: inbound.ChatMessage) -> None:
        """The same for a line of chat. Of a file only its id goes on from here: the store knows what it is."""
        if "text" not in frame and "file" not in frame:
            raise FrameError("bad_frame", frame["id"], {"text": "Field required, or a file"})
        self._relay(frame, forwarded(frame, ROUTING_AND_FILE))

    def _relay(self, frame: Any, body: bytes) -> None:
        identifier, connection = frame["id"], self.connection
        party, conversation = connection.party or self.attached_party(), self.target_conversation(frame)
        file = frame.get("file", "")
        sent = Relay(party, connection.conn, conversation, identifier, frame["type"], body, frame.get("gen"), file)
        self.hub.relays.add(sent, partial(self._relayed, identifier))
        self.loop.busy = True

    @handles("rtc:description", "rtc:ice:candidate", relay_only=True)
    def on_relay_only(self, frame: Any) -> None:
        """The same where neither side may learn the other's address. What must not be seen counts as delivered."""
        try:
            shown = filtered(frame)
        except LookupError:
            self.attached_party()
            self.target_conversation(frame)
            metrics.candidates_withheld.inc()
            self.acknowledged(frame["id"])
        else:
            self.on_relay(shown)

    def _relayed(self, identifier: int, reply: Any) -> None:
        if reply.__class__ is int:
            metrics.relayed.n += 1
            self.acknowledged(identifier)
        else:
            with self.connection.in_own_language():
                self.refusals.failed(failure(reply) or TypeError(f"relay answered {reply!r}"), identifier)
        self.loop.proceed()

    def acknowledged(self, identifier: int | None) -> None:
        """Tells the page that its frame is durable; nothing to tell of a frame without an id. That may wait a moment:
        of a burst, or while the other one speaks too, it leaves with what leaves anyway."""
        if identifier is not None:
            self.connection.write(b'{"type":"ack","id":%d}' % identifier, patient=True)

    @handles("chat:typing", "chat:read")
    async def on_signal(self, frame: Any) -> None:
        """An un-numbered frame for the peer: the newest wins, a lost one does not matter."""
        party, conversation = self.attached_party(), self.target_conversation(frame)
        await services.signal(self.hub.bus, party, self.connection.conn, conversation, forwarded(frame))

    @handles("call:invite")
    async def on_invite(self, frame: inbound.CallInvite) -> None:
        """A chat may become a call. Who invites is charged, as the other one is rung up by it."""
        party, conversation = self.attached_party(), self.target_conversation(frame)
        await allow_ask(self.hub.bus, party, "call:invite")
        invited = Invited(party, self.connection.conn, conversation, frame["id"])
        await services.invite(self.hub.bus, invited, frame["media"])
        self.acknowledged(frame["id"])

    @handles("call:accept", "call:decline")
    async def on_answer(self, frame: inbound.CallAccept | inbound.CallDecline) -> None:
        party, conversation = self.attached_party(), self.target_conversation(frame)
        answered = Invited(party, self.connection.conn, conversation, frame["id"])
        accepted = frame["type"] == "call:accept"
        await services.answer_invitation(self.hub.bus, answered, frame["invitation"], accepted=accepted)
        self.acknowledged(frame["id"])

    @handles("call:end")
    async def on_call_end(self, frame: inbound.CallEnd) -> None:
        party, conversation = self.attached_party(), self.target_conversation(frame)
        reason, identifier = frame.get("reason") or "hangup", frame.get("id")
        await services.end_call(self.hub.bus, party, self.connection.conn, conversation, reason, identifier)
        self.acknowledged(identifier)

    @handles("ice:refresh")
    async def on_ice_refresh(self, frame: inbound.IceRefresh) -> None:
        party = self.attached_party()
        # A running call that has to restart is worth more than the count: without the store it goes uncounted.
        with suppress(StoreUnavailable):
            await allow_ask(self.hub.bus, party, "ice:refresh")
        # Asked before a restart: a region that just failed shall not be the first to be tried again. Without the store,
        # what was known a moment ago has to do.
        with suppress(StoreUnavailable):
            await self.hub.learn_failing_regions()
        servers = ice_servers(party, self.hub.failing_regions)
        self.connection.send({"type": "ice:servers", "ice_servers": servers, "ice_policy": ice_policy()})

    @handles("call:stats")
    async def on_call_stats(self, frame: inbound.CallStats) -> None:
        party, conversation, payload = self.attached_party(), self.target_conversation(frame), _payload(frame)
        noted = await services.call_stats(self.hub.bus, party, self.connection.conn, conversation, payload)
        if noted.new_region:
            metrics.count_turn_region(frame.get("region") or "")
        metrics.count_turn_faults(noted.faults)

    @handles("call:state")
    async def on_call_state(self, frame: inbound.CallState) -> None:
        metrics.call_states.labels(self.name, frame["state"]).inc()
        party, conversation, payload = self.attached_party(), self.target_conversation(frame), _payload(frame)
        await services.call_state(self.hub.bus, party, self.connection.conn, conversation, payload)

    @handles("metrics:reconnect-attempt")
    async def on_reconnect_attempt(self, frame: inbound.ReconnectAttempt) -> None:
        metrics.reconnect_attempts.labels(self.name).inc()

    @handles("metrics:high-packet-loss")
    async def on_high_packet_loss(self, frame: inbound.HighPacketLoss) -> None:
        metrics.high_packet_loss.labels(self.name).inc()

    @handles("metrics:audio-output")
    async def on_audio_output(self, frame: inbound.AudioOutput) -> None:
        metrics.count_audio_output(frame["device_type"])


def _payload(frame: Any) -> dict[str, Any]:
    return {name: value for name, value in frame.items() if name not in ("type", "ack", "conversation")}
