"""Everything of one process that is not one socket: who is connected here, what arrives for them, and when.

One ticker and one subscription serve all sockets; a connection has neither a task nor a timer of its own here.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from weakref import WeakKeyDictionary

from django.conf import settings
from pydantic_core import from_json

from infra import push
from infra.bus import Bus, get_bus
from infra.errors import DomainError, StoreUnavailable
from infra.outage import redis_outage
from infra.redis import key
from queueing import services
from signaling import metrics
from signaling.connection.connection import Letter, Socket
from signaling.hub.address_limits import AddressLimits
from signaling.hub.broadcast import Notices
from signaling.hub.heartbeat import Heartbeat
from signaling.hub.repair import Delivery
from signaling.hub.shutdown import Farewell

logger = logging.getLogger(__name__)

TICK_SECS = 1.0
FIRST_WAIT_SECS = 5.0
RECENT_LETTERS = 5_000
CHECK_EVERY_TICKS = 5


class Hub:
    """The sockets of this process (of one event loop). Use :func:`get_hub`."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.now = asyncio.get_running_loop().time
        self.sockets: set[Socket] = set()
        self.addresses = AddressLimits()
        self.heartbeat = Heartbeat(self)
        self.notices = Notices(self)
        self.farewell = Farewell(self)
        self.delivery = Delivery(self)
        self.failing_regions: frozenset[str] = frozenset()
        self._by_party: dict[bytes, Socket] = {}
        self._attaching = 0
        self._recent: deque[tuple[bytes, Letter | None, bytes]] = deque(maxlen=RECENT_LETTERS)
        self._lost: dict[str, str] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._empty = asyncio.Event()
        self._empty.set()
        self._number = 0
        self._ticks = 0

    def start(self) -> None:
        bus = self.bus
        bus.subscribe(key(f"p:{bus.process_id}"), self.on_letter)
        bus.subscribe(key("all"), self.on_notice)
        bus.on_down(self.farewell.store_gone)
        bus.on_up(self._store_back)
        bus.on_gap(self._may_have_missed)
        self._stop_listening = push.listen(self.on_push)
        self.spawn(push.ensure_receiver())
        self.spawn(self._tick_forever())

    async def close(self) -> None:
        """Ends the background work and the bus: process shutdown, tests."""
        self._stop_listening()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.bus.close()

    def spawn(self, coroutine: Any) -> None:
        """Runs something in the background and keeps it referenced."""
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- sockets -------------------------------------------------------------------------------------------------

    def opened(self, socket: Socket) -> None:
        self._empty.clear()
        self._number += 1
        socket.conn = f"{self.bus.process_id}|{self._number}"
        self.sockets.add(socket)
        self.heartbeat.watch(socket)

    async def emptied(self) -> None:
        """Returns when the last socket is closed."""
        await self._empty.wait()

    def attached(self) -> list[Socket]:
        """The sockets that speak for a party."""
        return list(self._by_party.values())

    @contextmanager
    def attaching(self) -> Iterator[None]:
        """While an attach is on its way, its frames may arrive before its reply: they are kept."""
        self._attaching += 1
        try:
            yield
        finally:
            self._attaching -= 1
            if not self._attaching:
                self._recent.clear()

    def attach(self, socket: Socket, party: str) -> None:
        """From now on `socket` speaks for `party`; an older one here is closed. Call inside `attaching`."""
        name = party.encode()
        if socket.party is not None and socket.party != party:
            self._forget(socket)
            self.spawn(self._detach_all({socket.party: socket.conn}))
        older = self._by_party.get(name)
        self._by_party[name] = socket
        socket.party = party
        if older is not None and older is not socket:
            older.close_replaced()

    def drain(self, socket: Socket) -> None:
        """Delivers what came for the socket's party during its attach. Call inside `attaching`, after the replay."""
        assert socket.party is not None
        name = socket.party.encode()
        for party, letter, control in list(self._recent):
            if party != name:
                continue
            if letter is None:
                self._control(socket, control)
            else:
                socket.deliver(letter)

    def _forget(self, socket: Socket) -> None:
        if socket.party is not None:
            name = socket.party.encode()
            if self._by_party.get(name) is socket:
                del self._by_party[name]

    async def closed(self, socket: Socket) -> None:
        """The connection is gone: its party's grace starts, unless a newer socket took over or is about to."""
        self.sockets.discard(socket)
        self.delivery.forget(socket)
        self.notices.forget(socket)
        self._forget(socket)
        party, socket.party = socket.party, None
        if not self.sockets:
            self._empty.set()
        if party is None or socket.replaced or self.farewell.moving:
            return
        try:
            await services.detach(self.bus, party, socket.conn)
        except StoreUnavailable:
            self._lost[party] = socket.conn
        except DomainError:
            pass  # replaced meanwhile

    # -- what arrives --------------------------------------------------------------------------------------------

    def on_letter(self, payload: bytes) -> None:
        party, seq, epoch, conversation, frame = payload.split(b"\n", 4)
        socket = self._by_party.get(party)
        if seq == b"x":
            if self._attaching:
                self._recent.append((party, None, frame))
            if socket is not None:
                self._control(socket, frame)
            return
        number = int(seq)
        if socket is not None and not self._attaching and socket.pass_on(number, epoch, conversation, frame):
            return
        letter = Letter(number, epoch, conversation.decode(), frame)
        if self._attaching:
            self._recent.append((party, letter, b""))
        if socket is not None:
            socket.deliver(letter)

    def _control(self, socket: Socket, word: bytes) -> None:
        control = from_json(word)
        kind = control.get("kind")
        if kind == "replaced":
            # Named is the one that lost the party: an even newer one may be registered here already.
            if control.get("conn") == socket.conn:
                self._forget(socket)
                socket.close_replaced()
        elif kind == "resync":
            self.spawn(socket.redraw())

    def on_notice(self, payload: bytes) -> None:
        self.notices.changed(payload.decode())

    def on_push(self, event: dict[str, Any]) -> None:
        for socket in list(self.sockets):
            socket.on_push(event)

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
        self.heartbeat.sweep(asyncio.get_running_loop().time())
        await self.delivery.flush_acks()
        self._ticks += 1
        if self._ticks % CHECK_EVERY_TICKS == 0:
            await self.delivery.look_for_losses()
            if len(settings.TURN_SERVERS) > 1:
                self.failing_regions = await services.failing_regions(self.bus)
        await self._renew_lease()

    async def _renew_lease(self) -> None:
        if self.farewell.moving:
            return
        began = asyncio.get_running_loop().time()
        tick = await services.tick(self.bus)
        metrics.store_latency.observe(asyncio.get_running_loop().time() - began)
        if tick.lapsed:
            self.farewell.given_up()

    # -- the store's health --------------------------------------------------------------------------------------

    def _store_back(self) -> None:
        redis_outage.answered()
        # At once, before anybody attaches: a process that holds sockets must be known to have held a lease.
        self.spawn(self._come_back())
        self.spawn(self.notices.read_maintenance())
        lost, self._lost = self._lost, {}
        if lost:
            self.spawn(self._detach_all(lost))

    async def _come_back(self) -> None:
        with suppress(StoreUnavailable):
            await self._renew_lease()

    async def _detach_all(self, lost: dict[str, str]) -> None:
        for party, conn in lost.items():
            try:
                await services.detach(self.bus, party, conn)
            except StoreUnavailable:
                self._lost.setdefault(party, conn)
            except DomainError:
                pass

    def _may_have_missed(self) -> None:
        for socket in self.attached():
            self.delivery.check(socket)
        self.notices.changed("line")
        self.notices.changed("maintenance")


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
        await hub.farewell.move()


async def close_hub() -> None:
    """Ends this loop's hub, if it has one."""
    hub = _hubs.pop(asyncio.get_running_loop(), None)
    if hub is not None:
        await hub.close()
