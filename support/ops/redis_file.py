"""The append-only file of the Redis that REDIS_URL names: workers see to it. The launcher sees to its own Redis."""

from __future__ import annotations

import threading
from typing import Any

from infra.errors import StoreUnavailable
from infra.redis.client import guarded
from infra.redis.persistence import AofWatch

LOOK_SECS = 2.0
"""A Redis that ends between its disk's recovery and this look starts with a hole in its file."""


def start() -> threading.Event:
    """Looks in a thread of its own, since a broker that refuses writes brings no task. The event ends it."""
    stopping = threading.Event()
    threading.Thread(target=watch, args=(stopping,), name="redis-file", daemon=True).start()
    return stopping


def watch(stopping: threading.Event) -> None:
    """Until `stopping`. Several that watch do no harm: Redis rewrites once at a time.

    A worker may end of the full disk itself, and be started again when all is well.
    """
    aof = AofWatch(rewrite)
    caught_up = False
    while not stopping.wait(LOOK_SECS):
        try:
            with guarded() as connection:
                fields: Any = connection.info("persistence")
                refusals: Any = {} if caught_up else connection.info("errorstats")
            if not caught_up:
                aof.catch_up(refusals)
                caught_up = True
            aof.look(fields)
        except StoreUnavailable:
            continue  # whoever needs Redis says so


def rewrite() -> None:
    with guarded() as connection:
        connection.bgrewriteaof()  # type: ignore[no-untyped-call]
