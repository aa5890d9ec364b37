"""The frames that customer and operator share once they are attached: relay to the peer, call reports, counters."""

from __future__ import annotations

import logging
from contextlib import suppress
from functools import partial
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from infra.bus import failure
from infra.errors import DomainError, StoreUnavailable
from queueing import services
from signaling import metrics
from signaling.connection.connection import Letter
from signaling.ice.masking import shape
from signaling.ice.relay_only import filtered
from signaling.ice.servers import ice_policy, ice_servers
from signaling.roles.endpoint import BaseConsumer, Handler, QuickHandler
from signaling.roles.ratelimit import allow_ask
from signaling.wire import inbound
from signaling.wire.parse import ROUTING, ROUTING_AND_ID, encode, forwarded

logger = logging.getLogger(__name__)

READY = b'{"type":"queue:ready"'
ENDINGS = (b'{"type":"call:ended"', b'{"type":"queue:left"')


class PeerConsumer(BaseConsumer):
    """A party of a conversation. The store knows which one is current and refuses what is not."""

    __slots__ = ()

    def attached_party(self) -> str:
        """The party this socket speaks for; DomainError `not_attached` before there is one."""
        if self.party is None:
            raise DomainError("not_attached", _("You are not in a conversation."))
        return self.party

    def on_ack(self, frame: inbound.AckFrame) -> None:
        self.acknowledge(frame["seq"])

    def on_ping(self, frame: inbound.Ping) -> None:
        self.send({"type": "pong", "t": frame.get("t")})

    def on_pong(self, frame: inbound.Pong) -> None:
        pass  # any frame is a sign of life

    def on_relay(self, frame: Any) -> None:
        """A numbered frame for the peer; the next one has its turn when this one is durable."""
        identifier, kind = frame["id"], frame["type"]
        if kind != "chat:message" and logger.isEnabledFor(logging.DEBUG):
            logger.debug("frame relayed", extra={**shape(frame), "conversation": self.conversation})
        party, conversation = self.party or self.attached_party(), self.meant(frame)
        body = forwarded(frame, ROUTING if kind == "chat:message" else ROUTING_AND_ID)
        gen = frame.get("gen")
        done = partial(self._relayed, identifier)
        services.begin_relay(self.hub.bus, done, party, self.conn, conversation, identifier, kind, body, gen)
        self.busy = True

    def on_relay_only(self, frame: Any) -> None:
        """The same where neither side may learn the other's address. What must not be seen counts as delivered."""
        try:
            shown = filtered(frame)
        except LookupError:
            self.attached_party()
            self.meant(frame)
            metrics.candidates_withheld.inc()
            self.write(b'{"type":"ack","id":%d}' % frame["id"])
        else:
            self.on_relay(shown)

    def quick_handlers(self) -> dict[str, QuickHandler]:
        return {**self.quick, **RELAY_ONLY} if settings.ICE_TRANSPORT_POLICY == "relay" else self.quick

    def _relayed(self, identifier: int, reply: Any) -> None:
        if reply.__class__ is int:
            metrics.relayed.n += 1
            self.write(b'{"type":"ack","id":%d}' % identifier)
        else:
            with self.in_own_language():
                self.failed(failure(reply) or TypeError(f"relay answered {reply!r}"), identifier)
        self.proceed()

    async def on_signal(self, frame: Any) -> None:
        """An un-numbered frame for the peer: the newest wins, a lost one does not matter."""
        await services.signal(self.hub.bus, self.attached_party(), self.conn, self.meant(frame), forwarded(frame))

    async def on_call_end(self, frame: inbound.CallEnd) -> None:
        identifier = frame.get("id")
        await services.end_call(
            self.hub.bus,
            self.attached_party(),
            self.conn,
            self.meant(frame),
            frame.get("reason") or "hangup",
            identifier,
        )
        if identifier is not None:
            self.write(b'{"type":"ack","id":%d}' % identifier)

    async def on_ice_refresh(self, frame: inbound.IceRefresh) -> None:
        party = self.attached_party()
        # A running call that has to restart is worth more than the count: without the store it goes uncounted.
        with suppress(StoreUnavailable):
            await allow_ask(self.hub.bus, party, "ice:refresh")
        # Asked before a restart: a region that just failed shall not be the first to be tried again. Without the store,
        # what was known a moment ago has to do.
        with suppress(StoreUnavailable):
            self.hub.failing_regions = await services.failing_regions(self.hub.bus)
        servers = ice_servers(party, self.hub.failing_regions)
        self.send({"type": "ice:servers", "ice_servers": servers, "ice_policy": ice_policy()})

    async def on_call_stats(self, frame: inbound.CallStats) -> None:
        payload = _payload(frame)
        noted = await services.call_stats(self.hub.bus, self.attached_party(), self.conn, self.meant(frame), payload)
        if noted.new_region:
            metrics.count_turn_region(frame.get("region") or "")
        metrics.count_turn_faults(noted.faults)

    async def on_call_state(self, frame: inbound.CallState) -> None:
        metrics.call_states.labels(self.role, frame["state"]).inc()
        payload = _payload(frame)
        await services.call_state(self.hub.bus, self.attached_party(), self.conn, self.meant(frame), payload)

    async def on_reconnect_attempt(self, frame: inbound.ReconnectAttempt) -> None:
        metrics.reconnect_attempts.labels(self.role).inc()

    async def on_high_packet_loss(self, frame: inbound.HighPacketLoss) -> None:
        metrics.high_packet_loss.labels(self.role).inc()

    async def on_audio_output(self, frame: inbound.AudioOutput) -> None:
        metrics.count_audio_output(frame["device_type"])

    def meant(self, frame: Any) -> str | None:
        """The conversation that a frame is about; None: the current one."""
        named: str | None = frame.get("conversation")
        return named

    def addressed(self, letter: Letter) -> bytes:
        text = super().addressed(letter)
        if letter.seq:
            metrics.delivered.n += 1
            if letter.frame.startswith(READY):
                return self.ready(letter, text)
            if letter.frame.startswith(ENDINGS):
                self.ended(letter)
        return text

    def ready(self, letter: Letter, text: bytes) -> bytes:
        """`queue:ready` with what must be fresh: credentials."""
        assert self.party is not None
        servers = ice_servers(self.party, self.hub.failing_regions)
        return b'%b,"ice_servers":%b,"ice_policy":"%b"}' % (text[:-1], encode(servers), ice_policy().encode())

    def ended(self, letter: Letter) -> None:
        """The conversation of this letter is over."""
        raise NotImplementedError


def _payload(frame: Any) -> dict[str, Any]:
    return {name: value for name, value in frame.items() if name not in ("type", "ack", "conversation")}


QUICK: dict[str, QuickHandler] = {
    "ack": PeerConsumer.on_ack,
    "ping": PeerConsumer.on_ping,
    "pong": PeerConsumer.on_pong,
    "rtc:description": PeerConsumer.on_relay,
    "rtc:ice:candidate": PeerConsumer.on_relay,
    "chat:message": PeerConsumer.on_relay,
}
RELAY_ONLY: dict[str, QuickHandler] = {
    "rtc:description": PeerConsumer.on_relay_only,
    "rtc:ice:candidate": PeerConsumer.on_relay_only,
}
SHARED: dict[str, Handler] = {
    "chat:typing": PeerConsumer.on_signal,
    "chat:read": PeerConsumer.on_signal,
    "call:stats": PeerConsumer.on_call_stats,
    "call:state": PeerConsumer.on_call_state,
    "call:end": PeerConsumer.on_call_end,
    "ice:refresh": PeerConsumer.on_ice_refresh,
    "metrics:reconnect-attempt": PeerConsumer.on_reconnect_attempt,
    "metrics:high-packet-loss": PeerConsumer.on_high_packet_loss,
    "metrics:audio-output": PeerConsumer.on_audio_output,
}
