"""The torments, one function each: it does harm, waits as long as the harm lasts, and mends what it broke.

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
from bench.chaos.stage import Stage
from bench.chaos.traffic import Traffic
from harness.fakes.telegram import Fault
from harness.programs import Program, Web

SKEW = 45
SUPERVISED_EVERY_SECS = 3.0
LATE_END_SECS = 15.0
"""A worker whose broker took nothing may end some seconds after it takes everything again."""


@dataclass(frozen=True)
class Torment:
    """`alert`: the rule of deploy/monitoring/alerts.yml that tells ops of it when it lasts."""

    name: str
    title: str
    act: Callable[[Stage, Traffic, float], Awaitable[str]]
    secs: float
    alert: str = ""
    quick_secs: float | None = None
    """How long it lasts in the short run; None: it is not in it."""


async def redis_killed(stage: Stage, traffic: Traffic, secs: float) -> str:
    await asyncio.to_thread(stage.kill_redis)
    await asyncio.sleep(secs)
    away = traffic.away()
    await asyncio.to_thread(stage.stack.redis.start)
    return f"SIGKILL, back after {secs:g} s; {away} pages were out"


async def redis_wiped(stage: Stage, traffic: Traffic, secs: float) -> str:
    await asyncio.to_thread(stage.wipe_redis)
    await asyncio.sleep(secs)
    status = await asyncio.to_thread(stage.stack.manage, "queue", "status", "--json")
    return f"FLUSHALL; {status['stats'].get('restored', 0)} conversations came back by their tokens"


async def redis_killed_and_wiped(stage: Stage, traffic: Traffic, secs: float) -> str:
    await asyncio.to_thread(stage.wipe_redis)
    await asyncio.to_thread(stage.kill_redis)
    shutil.rmtree(stage.stack.folder / "redis", ignore_errors=True)
    await asyncio.sleep(secs)
    await asyncio.to_thread(stage.stack.redis.start)
    return f"SIGKILL, its files deleted, back after {secs:g} s"


async def worker_killed(stage: Stage, traffic: Traffic, secs: float) -> str:
    """While Telegram holds an answer back: the delivery was begun and nobody knows how it ended."""
    began = stage.telegram.started
    stage.telegram.script(Fault.hang(120))
    await asyncio.to_thread(stage.telegram.wait_for_arrivals, began + 1, 30)
    await asyncio.to_thread(stage.worker.kill)
    await asyncio.sleep(secs)
    held = await asyncio.to_thread(stage.under_way)
    stage.worker.start()
    return f"SIGKILL in the middle of a send, {held} deliveries under way; back after {secs:g} s"


async def web_killed(stage: Stage, traffic: Traffic, secs: float) -> str:
    victim = stage.stack.webs[0]
    await asyncio.to_thread(victim.kill)
    await asyncio.sleep(secs)
    away = traffic.away()
    await restart(victim)
    return f"SIGKILL, back after {secs:g} s; {away} pages were out then"


async def telegram_fails(stage: Stage, traffic: Traffic, secs: float) -> str:
    faults = [
        Fault.retry_after(2), Fault.status(500), Fault.status(500), Fault.hang(20), Fault.reset(), Fault.garbage(),
        Fault.blocked(), Fault.status(502), Fault.retry_after(1), Fault.hang(20), Fault.blocked(),
    ]  # fmt: skip
    before = len(stage.telegram.calls)
    stage.telegram.script(*faults)
    await asyncio.to_thread(stage.telegram.wait_for_calls, before + len(faults), 120)
    answers = [call.status for call in stage.telegram.calls[before:]][: len(faults)]
    return f"answered {', '.join(str(status) if status else 'nothing' for status in answers)}"


async def database_locked(stage: Stage, traffic: Traffic, secs: float) -> str:
    def hold() -> None:
        with stage.database() as connection:
            connection.execute("BEGIN EXCLUSIVE")
            time.sleep(secs)
            connection.execute("ROLLBACK")

    await asyncio.to_thread(hold)
    return f"BEGIN EXCLUSIVE for {secs:g} s"


async def clocks_apart(stage: Stage, traffic: Traffic, secs: float) -> str:
    """One web process ahead, the worker behind, by libfaketime; the monotonic clock stays true, as on real machines
    (shifted, it would let waits on Python's locks hang)."""
    web, worker = stage.stack.webs[1], stage.worker
    for program, skew in ((web, SKEW), (worker, -SKEW)):
        await asyncio.to_thread(program.close)
        await restart(program, skew)
    await asyncio.sleep(secs)
    for program in (web, worker):
        await asyncio.to_thread(program.close)
        await restart(program)
    return f"a web process {SKEW} s ahead, the worker {SKEW} s behind, for {secs:g} s"


async def worker_ahead(stage: Stage, traffic: Traffic, secs: float) -> str:
    """Sweeps of beat look old to it, but not so old that they are dropped."""
    await asyncio.to_thread(stage.worker.close)
    await restart(stage.worker, SKEW)
    await asyncio.sleep(secs)
    await asyncio.to_thread(stage.worker.close)
    await restart(stage.worker)
    return f"the worker {SKEW} s ahead of beat, for {secs:g} s"


async def broker_wiped(stage: Stage, traffic: Traffic, secs: float) -> str:
    count = await asyncio.to_thread(stage.wipe_broker)
    await asyncio.sleep(secs)
    return f"{count} keys of Celery deleted"


async def redis_full(stage: Stage, traffic: Traffic, secs: float) -> str:
    """Redis answers every question and takes nothing more."""
    async with supervised(stage):
        await asyncio.to_thread(stage.limit_memory, True)
        try:
            await asyncio.sleep(secs)
            away = traffic.away()
        finally:
            await asyncio.to_thread(stage.limit_memory, False)
    return f"no memory left for {secs:g} s; {away} pages were out, {stage.restarts} restarts of worker and beat so far"


async def disk_full(stage: Stage, traffic: Traffic, secs: float) -> str:
    """Redis can write nothing down for a while; later it is killed and has to start from its file."""
    async with supervised(stage):
        with await asyncio.to_thread(SmallDisk, stage.stack.redis) as disk:
            await asyncio.to_thread(disk.fill)
            await asyncio.sleep(secs)
            refused = await asyncio.to_thread(stage.cannot_write)
            await asyncio.to_thread(disk.free)
            await asyncio.to_thread(stage.await_rewritten)
            await asyncio.to_thread(stage.kill_redis)
            await asyncio.to_thread(stage.stack.redis.start)
            broken = disk.broken()
            await asyncio.to_thread(disk.close)
    if not refused:
        raise RuntimeError("the disk was never full for Redis")
    if broken:
        raise RuntimeError("there was a hole in the file from which Redis started")
    return f"no room for {secs:g} s, then SIGKILL and a start from the file"


@asynccontextmanager
async def supervised(stage: Stage) -> AsyncIterator[None]:
    """As the launcher and systemd do: a worker or beat that ends of it is started again."""

    async def look() -> None:
        while True:
            await asyncio.sleep(SUPERVISED_EVERY_SECS)
            stage.restart_ended()

    looking = asyncio.create_task(look())
    try:
        yield
        await asyncio.sleep(LATE_END_SECS)
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)


async def worker_never_starts(stage: Stage, traffic: Traffic, secs: float) -> str:
    """It ends as soon as it is started, again and again."""
    await asyncio.to_thread(stage.worker.kill)
    starts, end = 0, time.monotonic() + secs
    while time.monotonic() < end:
        stage.worker.start(DATABASE_URL="no-database://")
        await asyncio.to_thread(stage.worker.wait)
        starts += 1
    ended = sum(guest.phase == "ended" for guest in traffic.guests)
    stage.worker.start()
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


TORMENTS = (
    Torment("redis-killed", "Redis killed", redis_killed, 10.0, "AdminaraRedisDown", quick_secs=2.0),
    Torment("redis-wiped", "Redis wiped", redis_wiped, 8.0, "AdminaraRedisWiped"),
    Torment("redis-lost", "Redis killed and wiped", redis_killed_and_wiped, 5.0, "AdminaraRedisDown"),
    Torment("redis-full", "Redis out of memory", redis_full, 12.0, "AdminaraRedisDown"),
    Torment("disk-full", "disk full, then a restart", disk_full, 12.0, "AdminaraRedisDown"),
    Torment("worker-never-starts", "worker that never starts", worker_never_starts, 12.0, "AdminaraWorkerSilent"),
    Torment("worker-killed", "worker killed in a send", worker_killed, 5.0, "AdminaraWorkerSilent", quick_secs=1.0),
    Torment("web-killed", "web process killed", web_killed, 6.0, "AdminaraProcessLost", quick_secs=2.0),
    Torment("telegram", "Telegram fails", telegram_fails, 0.0, "AdminaraTelegramFailing"),
    Torment("database", "database locked", database_locked, 10.0, "AdminaraJournalLags"),
    Torment("clocks", "clocks apart", clocks_apart, 12.0, ""),
    Torment("worker-ahead", "worker's clock ahead", worker_ahead, 12.0, ""),
    Torment("broker", "broker wiped", broker_wiped, 8.0),
)
