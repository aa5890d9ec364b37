"""Redis' append-only file after a disk that was full.

While Redis cannot append it refuses writes. Once it can again, what it could not finish may stand in the middle of
the file, and the next start would refuse it as a whole. A file written anew has no such place, so that is asked for at
once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

logger = logging.getLogger(__name__)


def aof_writes(fields: Mapping[str, object]) -> bool | None:
    """Whether the last append went well, by the fields of `INFO persistence`; None without an append-only file."""
    if str(fields.get("aof_enabled", 0)) != "1":
        return None
    return fields.get("aof_last_write_status", "ok") == "ok"


class AofWatch:
    """Asked again and again by one owner per Redis; `rewrite` is called when appending came back, and once more for
    each time that the rewriting failed: the disk may have been full again by then."""

    def __init__(self, rewrite: Callable[[], object]) -> None:
        self._rewrite = rewrite
        self._failing = False
        self._rewriting = False

    def catch_up(self, fields: Mapping[str, object]) -> None:
        """For a watch that begins while Redis runs. `fields`: those of `INFO errorstats`, which tell of every refused
        write since Redis' start. Its disk may have been full and be well again, and nobody was there to see it."""
        if "errorstat_MISCONF" in fields:
            self._failing = True

    def look(self, fields: Mapping[str, object]) -> None:
        """`fields`: those of `INFO persistence`; none of them when Redis gave no answer."""
        writes = aof_writes(fields)
        if writes is False and not self._failing:
            self._failing = True
            logger.error("redis cannot write its append-only file: is the disk full? Writes are refused meanwhile")
        elif writes and self._failing:
            self._rewrite()
            self._failing, self._rewriting = False, True
            logger.warning("redis writes its append-only file again; it is written anew, so that no hole stays in it")
        elif writes and self._rewriting and not _under_way(fields):
            self._rewriting = fields.get("aof_last_bgrewrite_status", "ok") != "ok"
            if self._rewriting:
                self._rewrite()


def _under_way(fields: Mapping[str, object]) -> bool:
    return any(str(fields.get(name, 0)) == "1" for name in ("aof_rewrite_in_progress", "aof_rewrite_scheduled"))
