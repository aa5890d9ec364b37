"""`python -m bench.history`: how fast the journal becomes history, and with how many queries.

On a redis-server and a SQLite file of its own (`--database postgresql`: a private cluster of the tests): conversations
join, are claimed, chat and end, straight into the stream, as the scripts write them; then it is drained. Prints a line.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.queue import configure

AT_ONCE = 1_000


def fill(lines: int, conversations: int) -> int:
    """Writes `lines` lines of chat, and what belongs to their conversations, into the journal; how many entries."""
    from infra.redis.client import client
    from infra.redis.scripts import key

    now = int(time.time() * 1000)
    pipeline, written = client().pipeline(transaction=False), 0

    def add(kind: str, cid: str, **data: Any) -> None:
        nonlocal written
        pipeline.xadd(key("journal"), {"type": kind, "conversation": cid, "at": now, "data": json.dumps(data)})
        written += 1
        if written % AT_ONCE == 0:
            pipeline.execute()

    ids = [f"bench{number:011d}" for number in range(conversations)]
    for cid in ids:
        add("joined", cid, name="Ada", topic="iade", media="chat", locale="tr", ticket=str(now * 1000))
        add("claimed", cid, operator="bench", waited_ms=1_000)
    for number in range(lines):
        sender = ("customer", "operator")[number % 2]
        add("chat", ids[number % conversations], id=number + 1, text=f"satır {number} – merhaba", **{"from": sender})
    for cid in ids:
        add("ended", cid, reason="hangup", by="customer", operator="bench", duration_ms=60_000)
    pipeline.execute()
    return written


def drain(entries: int) -> dict[str, Any]:
    """Records everything; seconds, entries per second, queries."""
    from django.db import connection

    from queueing.history.models import ChatMessage
    from queueing.history.recording import journal

    queries = 0

    def count(execute: Any, *arguments: Any) -> Any:
        nonlocal queries
        queries += 1
        return execute(*arguments)

    began = time.perf_counter()
    with connection.execute_wrapper(count):
        while journal.lag():
            journal.record()
    took = time.perf_counter() - began
    return {
        "entries": entries,
        "lines": ChatMessage.objects.count(),
        "seconds": round(took, 2),
        "entries_per_s": round(entries / took),
        "queries": queries,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=20_000)
    parser.add_argument("--conversations", type=int, default=100)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="adminara-bench-") as folder:
        socket = configure(Path(folder))
        postgres = None
        if options.database == "postgresql":
            from harness.postgres_process import PostgresProcess

            postgres = PostgresProcess()
            os.environ["DATABASE_URL"] = postgres.url
        from support.launcher.redis_server import RedisServer

        if postgres is not None:
            postgres.start()
        server = RedisServer(Path(folder) / "redis", socket, os.environ.get("PATH", ""))
        server.start()
        try:
            import django
            from django.core.management import call_command

            django.setup()
            call_command("migrate", verbosity=0)
            found = drain(fill(options.lines, options.conversations))
            print(json.dumps({"database": options.database, **found}))
        finally:
            server.stop()
            if postgres is not None:
                postgres.stop()


if __name__ == "__main__":
    main()
