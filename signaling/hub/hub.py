"""Everything of one process that is not one connection: its parts are wired here, ticked, and given what arrives.

One ticker and one subscription serve all connections; none has a task or a timer of its own here.
"""

from __future__ import annotations

import asyncio
import logging
import random
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

from django.conf import settings
from pydantic_core import from_json

from infra.errors import StoreUnavailable
from infra.redis import push
from infra.redis.bus import Bus, get_bus
from infra.redis.client import key
from infra.redis.outage import redis_outage
from queueing import services
from signaling import metrics
from signaling.connection.connection import Connection
from signaling.connection.registry import Registry
from signaling.hub.address_limits import AddressLimits
from signaling.hub.background import Background
from signaling.hub.broadcast import Broadcast
from signaling.hub.departures import Departures
from signaling.hub.heartbeat import Heartbeat
from signaling.hub.repair import Repair
from signaling.hub.shutdown import Shutdown
from signaling.wire.envelope import CONTROL, OTHER, Envelope, kind_of

logger = logging.getLogger(__name__)

TICK_SECS = 1.0
FIRST_WAIT_SECS = 5.0
CHECK_EVERY_TICKS = 5
MAIL_LINES = 6
"""party, seq, epoch, conversation, kind, frame: what Redis tells of each."""


class Hub:
    """What one event loop serves. Use :func:`get_hub`.

    `failing_regions`: TURN regions that pages could not reach lately, as far as this process has heard.
    """

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.now = asyncio.get_running_loop().time
        self._background = Background()
        self.spawn = spawn = self._background.spawn
        self.addresses = AddressLimits()
        self.registry = registry = Registry(bus.process_id)
        self.heartbeat = Heartbeat(registry)
        self.repair = Repair(bus, registry, spawn)
        self.broadcast = Broadcast(bus, registry, spawn)
        self.departures = Departures(bus, spawn)
        self.relays = services.RelayBatch(bus)
        self.shutdown = Shutdown(bus, registry, self.broadcast.is_waiting)
        self.failing_regions: frozenset[str] = frozenset()
        self._ticks = 0

    def start(self) -> None:
        bus = self.bus
        bus.subscribe(key(f"b:{bus.process_id}"), self.on_mails)
        bus.subscribe(key(f"m:{bus.process_id}"), self.on_mail)
        bus.subscribe(key(f"p:{bus.process_id}"), self.on_unmarked_mail)
        bus.subscribe(key("all"), self.on_notice)
        bus.on_down(self.shutdown.store_gone)
        bus.on_up(self._store_back)
        bus.on_gap(self._may_have_missed)
        self._stop_listening = push.listen(self.on_push)
        self.spawn(push.ensure_receiver())
        self.spawn(self._tick_forever())

    async def close(self) -> None:
        """Ends the background work and the bus: process shutdown, tests."""
        self._stop_listening()
        await self._background.close()
        await self.bus.close()

    # -- connections ---------------------------------------------------------------------------------------------

    def opened(self, connection: Connection) -> None:
        """A connection was accepted."""
        self.registry.opened(connection)
        self.heartbeat.watch(connection)

    def attach(self, connection: Connection, party: str) -> None:
        """From now on it speaks for `party`. Call inside `registry.attaching`."""
        left = self.registry.attach(connection, party)
        if left is not None:
            self.spawn(self.departures.tell(left, connection.conn))

    def catch_up(self, connection: Connection) -> None:
        """Delivers what came during its attach. Call inside `registry.attaching`, after the replay."""
        for envelope in self.registry.drain(connection):
            self._give(connection, envelope)

    async def closed(self, connection: Connection) -> None:
        """The connection is gone: its party's grace starts, unless a newer one took over or is about to."""
        self.repair.forget(connection)
        self.broadcast.forget(connection)
        party = self.registry.closed(connection)
        if party is not None and not connection.replaced and not self.shutdown.moving:
            await self.departures.tell(party, connection.conn)

    async def learn_failing_regions(self) -> None:
        """Asks the store at once, rather than with a later tick."""
        self.failing_regions = await services.failing_regions(self.bus)

    # -- what arrives --------------------------------------------------------------------------------------------

    def on_mails(self, payload: bytes) -> None:
        """Several frames for parties here: six lines each, since a frame's JSON has none."""
        lines = payload.split(b"\n")
        for at in range(0, len(lines), MAIL_LINES):
            try:
                self._arrived(*lines[at : at + MAIL_LINES])
            except Exception:
                # The next frame is somebody else's.
                logger.exception("a frame could not be handed on")

    def on_mail(self, payload: bytes) -> None:
        """A frame for a party whose connection is here, or a word about it."""
        self._arrived(*payload.split(b"\n", MAIL_LINES - 1))

    def _arrived(self, party: bytes, seq: bytes, epoch: bytes, conversation: bytes, kind: bytes, frame: bytes) -> None:
        connection, is_attaching = self.registry.speaker(party), self.registry.is_attaching
        number = int(seq)
        if (
            connection is not None
            and kind == OTHER
            and not is_attaching
            and connection.pass_on(number, epoch, conversation, frame)
        ):
            return
        envelope = Envelope(number, epoch, conversation.decode(), kind, frame)
        if is_attaching:
            self.registry.keep(party, envelope)
        if connection is not None:
            self._give(connection, envelope)

    def on_unmarked_mail(self, payload: bytes) -> None:
        """The same from a process of the release before, whose scripts know no kinds."""
        party, seq, epoch, conversation, frame = payload.split(b"\n", 4)
        seq, kind = (b"0", CONTROL) if seq == b"x" else (seq, kind_of(frame))
        self._arrived(party, seq, epoch, conversation, kind, frame)

    def _give(self, connection: Connection, envelope: Envelope) -> None:
        if envelope.kind == CONTROL:
            self._control(connection, envelope.frame)
        else:
            connection.deliver(envelope)

    def _control(self, connection: Connection, word: bytes) -> None:
        control = from_json(word)
        kind = control.get("kind")
        if kind == "replaced":
            # Named is the one that lost the party: an even newer one may be registered here already.
            if control.get("conn") == connection.conn:
                self.registry.forget(connection)
                connection.close_replaced()
        elif kind == "resync":
            self.spawn(connection.side.redraw())

    def on_notice(self, payload: bytes) -> None:
        """One word for all processes."""
        self.broadcast.changed(payload.decode())

    def on_push(self, event: dict[str, Any]) -> None:
        """A rare event for all processes."""
        for connection in list(self.registry.connections):
            connection.side.on_push(event)

    # -- time ----------------------------------------------------------------------------------------------------

    async def _tick_forever(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                await self._tick()
            except StoreUnavailable:
                pass
            except Exception:
                logger.exception("tick failed")
            pause = TICK_SECS - (loop.time() - began) + random.uniform(-0.1, 0.1)  # noqa: S311 - jitter
            await asyncio.sleep(max(0.05, pause))

    async def _tick(self) -> None:
        self.heartbeat.sweep(self.now())
        self.repair.flush_acks()
        self._ticks += 1
        if self._ticks % CHECK_EVERY_TICKS == 0:
            await self.repair.look_for_losses()
            if len(settings.TURN_SERVERS) > 1:
                await self.learn_failing_regions()
        await self._renew_lease()

    async def _renew_lease(self) -> None:
        if self.shutdown.moving:
            return
        began = self.now()
        tick = await services.tick(self.bus)
        metrics.store_latency.observe(self.now() - began)
        if tick.lapsed:
            self.shutdown.lease_lost()

    # -- the store's health --------------------------------------------------------------------------------------

    def _store_back(self) -> None:
        redis_outage.answered()
        # At once, before anybody attaches: a process that holds sockets must be known to have held a lease.
        self.spawn(self._come_back())
        self.spawn(self.broadcast.read_maintenance())
        self.departures.store_back()

    async def _come_back(self) -> None:
        with suppress(StoreUnavailable):
            await self._renew_lease()

    def _may_have_missed(self) -> None:
        self.repair.check_all()
        self.broadcast.changed("line")
        self.broadcast.changed("maintenance")


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def get_hub() -> Hub:
    """The hub of the running event loop; the first call starts it."""
    loop = asyncio.get_running_loop()
    hub = _hubs.get(loop)
    if hub is None:
        hub = _hubs[loop] = Hub(get_bus())
        hub.start()
    return hub


async def open_hub() -> None:
    """Starts the hub and gives Redis a moment, so that the first sockets are served."""
    with suppress(StoreUnavailable):
        await get_hub().bus.wait_up(FIRST_WAIT_SECS)


async def move_hub() -> None:
    """Sends this loop's sockets to another process, since this one ends. Bounded to a few seconds."""
    hub = _hubs.get(asyncio.get_running_loop())
    if hub is not None:
        await hub.shutdown.move()


async def close_hub() -> None:
    """Ends this loop's hub, if it has one."""
    hub = _hubs.pop(asyncio.get_running_loop(), None)
    if hub is not None:
        await hub.close()
