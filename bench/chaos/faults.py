"""The faults, one function each: it does harm, waits as long as the harm lasts, and mends what it broke.

Everything else (that the load goes on meanwhile, what /health says, what must hold afterwards) is in `trial`.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.chaos.disk import SmallDisk
from bench.chaos.system import OPERATOR_CHAT, System
from bench.chaos.traffic import Traffic
from harness.fakes.telegram import Fault as BotFault
from harness.programs import Program, Web

SKEW = 45
SUPERVISED_EVERY_SECS = 3.0
LATE_END_SECS = 15.0
"""A worker whose broker took nothing may end some seconds after it takes everything again."""


@dataclass(frozen=True)
class Fault:
    """`alert`: the rule of deploy/monitoring/alerts.yml that tells ops of it when it lasts."""

    name: str
    title: str
    act: Callable[[System, Traffic, float], Awaitable[str]]
    secs: float
    alert: str = ""
    quick_secs: float | None = None
    """How long it lasts in the short run; None: it is not in it."""


async def redis_killed(system: System, traffic: Traffic, secs: float) -> str:
    await asyncio.to_thread(system.kill_redis)
    await asyncio.sleep(secs)
    away = traffic.away()
    await asyncio.to_thread(system.stack.redis.start)
    return f"SIGKILL, back after {secs:g} s; {away} pages were out"


async def redis_wiped(system: System, traffic: Traffic, secs: float) -> str:
    lost = await asyncio.to_thread(system.wipe_redis)
    await asyncio.sleep(secs)
    status = await asyncio.to_thread(system.stack.manage, "queue", "status", "--json")
    restored = status["stats"].get("restored", 0)
    return f"FLUSHALL; {restored} conversations came back by their tokens; {lost} lines lost to the history"


async def redis_killed_and_wiped(system: System, traffic: Traffic, secs: float) -> str:
    lost = await asyncio.to_thread(system.wipe_redis, freeze=True)
    await asyncio.to_thread(system.kill_redis)
    shutil.rmtree(system.stack.folder / "redis", ignore_errors=True)
    await asyncio.sleep(secs)
    await asyncio.to_thread(system.stack.redis.start)
    return f"SIGKILL, its files deleted, back after {secs:g} s; {lost} lines lost to the history"


async def worker_killed(system: System, traffic: Traffic, secs: float) -> str:
    """While Telegram holds an answer back: the delivery was begun and nobody knows how it ended."""
    began = system.telegram.started
    system.telegram.script(BotFault.hang(120))
    await asyncio.to_thread(system.telegram.wait_for_arrivals, began + 1, 30)
    await asyncio.to_thread(system.kill_worker)
    await asyncio.sleep(secs)
    held = await asyncio.to_thread(system.under_way)
    system.worker.start()
    return f"SIGKILL in the middle of a send, {held} deliveries under way; back after {secs:g} s"


async def web_killed(system: System, traffic: Traffic, secs: float) -> str:
    victim = system.stack.webs[0]
    await asyncio.to_thread(victim.kill)
    await asyncio.sleep(secs)
    away = traffic.away()
    await restart(victim)
    return f"SIGKILL, back after {secs:g} s; {away} pages were out then"


async def telegram_fails(system: System, traffic: Traffic, secs: float) -> str:
    """The operator has the bot blocked now and then. The group never has: with nobody left, nobody could be told."""
    blocked = BotFault.blocked().about(OPERATOR_CHAT)
    faults = [
        BotFault.retry_after(2), BotFault.status(500), BotFault.status(500), BotFault.hang(20), BotFault.reset(),
        BotFault.garbage(), blocked, BotFault.status(502), BotFault.retry_after(1), BotFault.hang(20), blocked,
    ]  # fmt: skip
    before = len(system.telegram.calls)
    system.telegram.script(*faults)
    await asyncio.to_thread(system.telegram.wait_until_used, 120)
    await asyncio.to_thread(system.telegram.wait_for_calls, before + len(faults), 60)
    answers = [call.status for call in system.telegram.calls[before:]]
    return f"answered {', '.join(str(status) if status else 'nothing' for status in answers)}"


async def database_locked(system: System, traffic: Traffic, secs: float) -> str:
    def hold() -> None:
        with system.database() as connection:
            connection.execute("BEGIN EXCLUSIVE")
            time.sleep(secs)
            connection.execute("ROLLBACK")

    await asyncio.to_thread(hold)
    return f"BEGIN EXCLUSIVE for {secs:g} s"


async def clocks_apart(system: System, traffic: Traffic, secs: float) -> str:
    """One web process ahead, the worker behind, by libfaketime; the monotonic clock stays true, as on real machines
    (shifted, it would let waits on Python's locks hang)."""
    web, worker = system.stack.webs[1], system.worker
    for program, skew in ((web, SKEW), (worker, -SKEW)):
        await asyncio.to_thread(program.close)
        await restart(program, skew)
    await asyncio.sleep(secs)
    for program in (web, worker):
        await asyncio.to_thread(program.close)
        await restart(program)
    return f"a web process {SKEW} s ahead, the worker {SKEW} s behind, for {secs:g} s"


async def worker_ahead(system: System, traffic: Traffic, secs: float) -> str:
    """Sweeps of beat look old to it, but not so old that they are dropped."""
    await asyncio.to_thread(system.worker.close)
    await restart(system.worker, SKEW)
    await asyncio.sleep(secs)
    await asyncio.to_thread(system.worker.close)
    await restart(system.worker)
    return f"the worker {SKEW} s ahead of beat, for {secs:g} s"


async def broker_wiped(system: System, traffic: Traffic, secs: float) -> str:
    count = await asyncio.to_thread(system.wipe_broker)
    await asyncio.sleep(secs)
    return f"{count} keys of Celery deleted"


async def redis_full(system: System, traffic: Traffic, secs: float) -> str:
    """Redis answers every question and takes nothing more."""
    async with supervised(system):
        await asyncio.to_thread(system.limit_memory, True)
        try:
            await asyncio.sleep(secs)
            away = traffic.away()
        finally:
            await asyncio.to_thread(system.limit_memory, False)
    return f"no memory left for {secs:g} s; {away} pages were out, {system.restarts} restarts of worker and beat so far"


async def disk_full(system: System, traffic: Traffic, secs: float) -> str:
    """Redis can write nothing down for a while; later it is killed and has to start from its file."""
    async with supervised(system):
        with await asyncio.to_thread(SmallDisk, system.stack.redis) as disk:
            await asyncio.to_thread(disk.fill)
            await asyncio.sleep(secs)
            refused = await asyncio.to_thread(system.cannot_write)
            await asyncio.to_thread(disk.free)
            await asyncio.to_thread(system.await_rewritten)
            await asyncio.to_thread(system.kill_redis)
            await asyncio.to_thread(system.stack.redis.start)
            broken = disk.broken()
            await asyncio.to_thread(disk.close)
    if not refused:
        raise RuntimeError("the disk was never full for Redis")
    if broken:
        raise RuntimeError("there was a hole in the file from which Redis started")
    return f"no room for {secs:g} s, then SIGKILL and a start from the file"


@asynccontextmanager
async def supervised(system: System) -> AsyncIterator[None]:
    """As the launcher and systemd do: a worker or beat that ends of it is started again."""

    async def look() -> None:
        while True:
            await asyncio.sleep(SUPERVISED_EVERY_SECS)
            system.restart_ended()

    looking = asyncio.create_task(look())
    try:
        yield
        await asyncio.sleep(LATE_END_SECS)
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)


async def worker_never_starts(system: System, traffic: Traffic, secs: float) -> str:
    """It ends as soon as it is started, again and again."""
    await asyncio.to_thread(system.kill_worker)
    starts, end = 0, time.monotonic() + secs
    while time.monotonic() < end:
        system.worker.start(DATABASE_URL="no-database://")
        await asyncio.to_thread(system.worker.wait)
        starts += 1
    ended = sum(guest.phase == "ended" for guest in traffic.guests)
    system.worker.start()
    return f"{starts} starts in vain in {secs:g} s; {ended} customers had been served by then"


async def restart(program: Program, skew: int = 0) -> None:
    """`skew`: seconds by which its clock is wrong."""
    # Loaded as `faketime` would, but without that process in between: signals are for the program itself.
    fake = {"LD_PRELOAD": libfaketime(), "FAKETIME": f"{skew:+d}s", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    program.start(**(fake if skew else {}))
    if isinstance(program, Web):
        await asyncio.to_thread(program.wait_ready)


def libfaketime() -> str:
    """The library of Debian's package, for programs with threads."""
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not found:
        raise RuntimeError("libfaketime is missing: `make test-packages` installs it")
    return str(found[0])


FAULTS = (
    Fault("redis-killed", "Redis killed", redis_killed, 10.0, "AdminaraRedisDown", quick_secs=2.0),
    Fault("redis-wiped", "Redis wiped", redis_wiped, 8.0, "AdminaraRedisWiped"),
    Fault("redis-lost", "Redis killed and wiped", redis_killed_and_wiped, 5.0, "AdminaraRedisDown"),
    Fault("redis-full", "Redis out of memory", redis_full, 12.0, "AdminaraRedisDown"),
    Fault("disk-full", "disk full, then a restart", disk_full, 12.0, "AdminaraRedisDown"),
    Fault("worker-never-starts", "worker that never starts", worker_never_starts, 12.0, "AdminaraWorkerSilent"),
    Fault("worker-killed", "worker killed in a send", worker_killed, 5.0, "AdminaraWorkerSilent", quick_secs=1.0),
    Fault("web-killed", "web process killed", web_killed, 6.0, "AdminaraProcessLost", quick_secs=2.0),
    Fault("telegram", "Telegram fails", telegram_fails, 0.0, "AdminaraTelegramFailing"),
    Fault("database", "database locked", database_locked, 10.0, "AdminaraJournalLags"),
    Fault("clocks", "clocks apart", clocks_apart, 12.0, ""),
    Fault("worker-ahead", "worker's clock ahead", worker_ahead, 12.0, ""),
    Fault("broker", "broker wiped", broker_wiped, 8.0),
)
