"""The same traceback is told once a minute: in an outage every task fails in the same place, again and again."""

from __future__ import annotations

import logging
from collections import OrderedDict

from infra.clock import monotonic

QUIET_SECS = 60.0
PLACES_MOST = 200


class RepeatedTracebacks(logging.Filter):
    """For handlers. Every record stays; a traceback that came within the last minute is left out and counted."""

    def __init__(self) -> None:
        super().__init__()
        self._told: OrderedDict[tuple[str, str, int], tuple[float, int]] = OrderedDict()

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        # A record passes every handler; the first one has judged it.
        if error is None or hasattr(record, "told_before"):
            return True
        place = _place(error)
        now = monotonic()
        told_at, left_out = self._told.pop(place, (-QUIET_SECS, 0))
        if now - told_at < QUIET_SECS:
            left_out += 1
            record.exc_info = record.exc_text = None
            record.fault = type(error).__name__
            record.told_before = left_out
        else:
            told_at, left_out = now, 0
        self._told[place] = (told_at, left_out)
        if len(self._told) > PLACES_MOST:
            self._told.popitem(last=False)
        return True


def _place(error: BaseException) -> tuple[str, str, int]:
    """What was raised, and where it came from: the innermost frame."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return type(error).__name__, "", 0
    return type(error).__name__, trace.tb_frame.f_code.co_filename, trace.tb_lineno
