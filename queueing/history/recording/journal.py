"""Drains the journal (a Redis stream) into the database, at least once and without doubles.

A batch is one transaction; it is acknowledged only after the commit. An entry that came before is recognised by its
id. An entry that cannot be recorded is set aside (`set_aside.py`) and the journal goes on; a database that is out sets
nothing aside. The stream is trimmed only behind what the group has acknowledged: nothing unread is dropped.

Key: `journal` (stream), consumer group `recorder`.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction

from infra.redis.client import ResponseError, client, key
from queueing.history.recording import lifecycle_log, set_aside
from queueing.history.recording.recorder import Entry

GROUP = "recorder"
CONSUMER = "worker"
"""One name for all workers: a batch that a killed worker had read is simply read again by the next."""
BATCH = 500


def record(limit: int = 5_000) -> int:
    """Records up to `limit` entries; answers how many were new. Raises when Redis or the database is out."""
    recorded = 0
    if not client().xlen(key("journal")):
        return 0  # as mostly, once a second: what is neither read nor acknowledged is still in the stream
    _ensure_group()
    for start in ("0", ">"):  # first what was read but not acknowledged
        while recorded < limit:
            entries = _read(start)
            if not entries:
                break
            recorded += _write(entries)
            client().xack(key("journal"), GROUP, *(entry_id for entry_id, _fields in entries))
    _trim()
    return recorded


def lag() -> int:
    """Entries that are not in the database yet. Before Redis 7, which counts them, the stream's length: it is trimmed
    with every batch, so little else is in it."""
    connection = client()
    try:
        groups: Any = connection.xinfo_groups(key("journal"))
    except ResponseError:  # no stream yet
        return 0
    for group in groups:
        if group["name"] == GROUP and group.get("lag") is not None:
            return int(group["lag"]) + int(group["pending"])
    length: Any = connection.xlen(key("journal"))
    return int(length)


def oldest_age_s() -> float:
    """How long the oldest entry that is not in the database yet has waited, by Redis' clock; 0 when there is none."""
    connection = client()
    start = "-"
    try:
        pending: Any = connection.xpending(key("journal"), GROUP)
        groups: Any = connection.xinfo_groups(key("journal"))
    except ResponseError:  # neither stream nor group yet
        pending, groups = {"min": None}, []
    for group in groups:
        if group["name"] == GROUP:
            start = pending["min"] or f"({group['last-delivered-id']}"
    first: Any = connection.xrange(key("journal"), min=start, count=1)
    if not first:
        return 0.0
    seconds, micros = connection.time()  # type: ignore[misc]
    return float(max(0.0, seconds + micros / 1_000_000 - int(first[0][0].split("-")[0]) / 1000))


def _ensure_group() -> None:
    try:
        client().xgroup_create(key("journal"), GROUP, id="0", mkstream=True)
    except ResponseError as error:
        if "BUSYGROUP" not in str(error):
            raise


def _read(start: str) -> list[Entry]:
    reply: Any = client().xreadgroup(GROUP, CONSUMER, {key("journal"): start}, count=BATCH)
    return reply[0][1] if reply else []


def _trim() -> None:
    """Everything before the oldest entry that is not acknowledged goes."""
    connection = client()
    pending: Any = connection.xpending(key("journal"), GROUP)
    oldest = pending["min"]
    if oldest is None:
        groups: Any = connection.xinfo_groups(key("journal"))
        delivered = next(group["last-delivered-id"] for group in groups if group["name"] == GROUP)
        time_ms, number = delivered.split("-")
        oldest = f"{time_ms}-{int(number) + 1}"
    connection.xtrim(key("journal"), minid=oldest, approximate=False)


def _write(entries: list[Entry]) -> int:
    with transaction.atomic():
        fresh = set_aside.write(entries)
    # Only now: a batch that was rolled back is read again, and told then.
    for _entry_id, fields in fresh:
        lifecycle_log.tell(fields)
    return len(fresh)
