"""`python -m bench.queue`: what one customer costs while 10, 1,000 or 100,000 others wait.

Measured on a redis-server of its own, through the real scripts: Redis commands per operation (those inside scripts
included), Redis CPU and caller CPU per operation, and how they grow with the line. Prints a table, writes JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

SIZES = (10, 1_000, 100_000)
FILL_BATCH = 1_000
PROCESS = "bench"
FIGURES = ("commands", "redis_us", "caller_us", "clock_us")


def configure(folder: Path) -> Path:
    """The environment of a measuring process; has to come before Django's settings are read. Answers Redis' socket."""
    redis_socket = folder / "redis.sock"
    os.environ.update(
        ENV_FILE=os.devnull,
        DJANGO_SETTINGS_MODULE="support.settings",
        DJANGO_ENV="development",
        SECRET_KEY="of-the-bench-0123456789-0123456789-0123456789-0123456789",
        DATA_DIR=str(folder),
        REDIS_URL=f"unix://{redis_socket}?db=0",
        QUEUE_MAX_LENGTH="1000000",
        QUEUE_MAX_WAIT_SECS="86400",
        RECOVERY_SECS="0",
        WRAP_UP_SECS="0",
        LOG_LEVEL="WARNING",
    )
    return redis_socket


@dataclass(frozen=True)
class Row:
    """Per operation: commands that Redis executed, µs of Redis' CPU, µs of the caller's CPU, µs on the clock."""

    operation: str
    waiting: int
    commands: float
    redis_us: float
    caller_us: float
    clock_us: float


class Bench:
    """One queue of customers, filled to a size and measured there."""

    def __init__(self, lines: int = 0, operators: int = 0) -> None:
        """`lines`: customers join these in turn. `operators`: so many are on shift and free, each for three lines in
        which nobody waits, so that the waiting lines have nobody."""
        from infra.redis.client import client, execute
        from infra.redis.scripts import key
        from queueing.live import store

        self.store, self.execute, self.redis, self.key = store, execute, client(), key
        self.count = 0
        self.lines = [f"line-{number}" for number in range(lines)]
        self.redis.zadd(key("lease"), {PROCESS: (time.time() + 86_400) * 1000})
        for number in range(operators):
            name, served = f"idle{number}", " ".join(f"empty-{(number + more) % 50}=1" for more in range(3))
            self.execute(store.attach(f"o:{name}", f"{PROCESS}|{name}", None, None, name, served))
            self.execute(store.available(name, f"{PROCESS}|{name}", True))

    def fill(self, size: int) -> None:
        """Lets customers join, many to a round trip, until `size` wait."""
        while (missing := size - self.waiting()) > 0:
            pipeline = self.redis.pipeline(transaction=False)
            for _ in range(min(FILL_BATCH, missing)):
                command = self.join_command()
                pipeline.eval(command.script.source, len(command.script.keys), *command.script.keys, *command.argv)
            pipeline.execute()

    def waiting(self) -> int:
        return int(self.redis.zcard(self.key("line")))  # type: ignore[arg-type]

    def join_command(self) -> Any:
        self.count += 1
        cid = f"c{self.count}"
        record = {"id": cid, "name": "Ada", "media": "video", "locale": "tr", "topic": "kargo", "join_key": f"k{cid}",
                  "places": [f"a{self.count}", f"b{self.count // 9}", f"c{self.count // 30}"]}  # fmt: skip
        if self.lines:
            line = self.lines[self.count % len(self.lines)]
            record |= {"line": line, "line_name": line}
        return self.store.join(f"{PROCESS}|{cid}", record)

    def measure(self, operation: str, waiting: int, calls: Iterable[Callable[[], Any]]) -> Row:
        todo = list(calls)
        before, cpu, clock = self._redis_usage(), time.process_time(), time.perf_counter()
        for call in todo:
            call()
        clock, cpu = time.perf_counter() - clock, time.process_time() - cpu
        after = self._redis_usage()
        count = len(todo)
        return Row(
            operation,
            waiting,
            round((after[0] - before[0] - 2) / count, 1),  # the two INFOs are ours
            round((after[1] - before[1]) / count * 1e6, 1),
            round(cpu / count * 1e6, 1),
            round(clock / count * 1e6, 1),
        )

    def _redis_usage(self) -> tuple[int, float]:
        """(commands executed, those inside scripts included; CPU seconds of the main thread)."""
        stats: Any = self.redis.info("commandstats")
        cpu: Any = self.redis.info("cpu")
        calls = sum(int(entry["calls"]) for entry in stats.values())
        seconds = cpu.get("used_cpu_user_main_thread", cpu["used_cpu_user"])
        seconds += cpu.get("used_cpu_sys_main_thread", cpu["used_cpu_sys"])
        return calls, float(seconds)

    def at(self, size: int, count: int) -> list[Row]:
        """All operations with about `size` waiting customers."""
        store, execute = self.store, self.execute
        self.fill(size)
        rows = [self._joins(size, count)]
        line: Any = self.redis.zrange(self.key("line"), -200, -1)
        places = (lambda: execute(store.positions(line, None)) for _ in range(count))
        rows.append(self.measure(f"places of {len(line)}", size, places))
        # What a process reads for its customers when one line has changed; without lines that is everything again.
        read = execute(store.positions(line, None))
        known = read.without({read.lines[0].line})
        command = store.positions(line, None, known)

        def push() -> Any:
            return execute(command)

        rows.append(self.measure(f"push to {len(line)}", size, [push] * count))
        rows.append(self.measure("board", size, (lambda: execute(store.board()) for _ in range(count))))
        rows.append(self.measure("tick", size, (lambda: execute(store.tick(PROCESS, True)) for _ in range(count))))
        rows.append(self._claims(size, count))
        return rows

    def _joins(self, size: int, count: int) -> Row:
        """Each who joins leaves again, so that the queue keeps its size; only the joining is measured."""
        parts = []
        for _ in range(count):
            command = self.join_command()
            parts.append(self.measure("join", size, [lambda command=command: self.execute(command)]))
            cid = f"c{self.count}"
            self.execute(self.store.finish(f"c:{cid}", f"{PROCESS}|{cid}", cid, "left", "customer"))
        mean = {name: round(sum(getattr(part, name) for part in parts) / count, 1) for name in FIGURES}
        return Row("join", size, **mean)

    def _claims(self, size: int, count: int) -> Row:
        """So many operators become free; the queue is topped up first where it is shorter than that."""
        self.fill(size if size >= count else count)
        names = [f"op{size}-{number}" for number in range(count)]
        for name in names:
            self.execute(self.store.attach(f"o:{name}", f"{PROCESS}|{name}", None, None, name, self._served(name)))
        claims = (
            lambda name=name: self.execute(self.store.available(name, f"{PROCESS}|{name}", True)) for name in names
        )
        row = self.measure("claim", size, claims)
        served = sum(1 for name in names if self.execute(self.store.operator_state(name)).conversation)
        if served != count:
            raise RuntimeError(f"{count} operators became free, {served} were given a customer")
        for name in names:  # so that the next size is measured with as few running calls
            self.execute(self.store.available(name, f"{PROCESS}|{name}", False))
            self.execute(self.store.finish(f"o:{name}", f"{PROCESS}|{name}", "", "hangup", "operator"))
        return row

    def _served(self, name: str) -> str:
        """Five of the lines, another five for the next operator."""
        first = int(name.rpartition("-")[2])
        served = {self.lines[(first + more) % len(self.lines)] for more in range(5)} if self.lines else set()
        return " ".join(f"{line}=1" for line in sorted(served)) or self.store.DEFAULT_LINE


def table(rows: list[Row]) -> str:
    heads = ("waiting", 9), ("commands", 10), ("redis µs", 10), ("caller µs", 11), ("clock µs", 10), ("× of 10", 9)
    lines = [f"{'operation':<15}" + "".join(f"{name:>{width}}" for name, width in heads)]
    first = {row.operation: row.redis_us for row in rows if row.waiting == SIZES[0]}
    for row in rows:
        base = next((value for name, value in first.items() if name.split()[0] == row.operation.split()[0]), 0.0)
        growth = f"{row.redis_us / base:.1f}" if base else "–"
        lines.append(
            f"{row.operation:<15}{row.waiting:>9,}{row.commands:>10}{row.redis_us:>10}{row.caller_us:>11}"
            f"{row.clock_us:>10}{growth:>9}"
        )
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.queue", description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="operations per figure (default 200)")
    parser.add_argument("--long", action="store_true", help="2,000 operations per figure")
    parser.add_argument("--lines", type=int, default=0, help="departments that customers wait in (default none)")
    parser.add_argument("--operators", type=int, default=0, help="free ones of other departments (default none)")
    parser.add_argument("--out", default="", help="JSON file (default: in the temporary folder)")
    options = parser.parse_args()
    count = 2_000 if options.long else options.count
    folder = Path(tempfile.mkdtemp(prefix="adminara-bench-queue-"))
    redis_socket = configure(folder)

    import django

    django.setup()
    from support.launcher.redis_server import RedisServer

    server = RedisServer(folder / "redis", redis_socket, os.environ.get("PATH", ""))
    server.start()
    try:
        bench = Bench(options.lines, options.operators)
        rows = [row for size in SIZES for row in bench.at(size, count)]
    finally:
        server.stop()
    print(table(rows))
    out = Path(options.out) if options.out else folder / "queue.json"
    out.write_text(json.dumps([asdict(row) for row in rows], indent=1), encoding="utf-8")
    print(f"JSON in {out}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
