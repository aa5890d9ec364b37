"""Who serves which line, as the database has it, told to the live state: at once when it changes, and with each hello
of an operator (`queueing.services.attach_operator`), so that a change while Redis is out counts from then on."""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction

from infra.errors import StoreUnavailable
from infra.redis.client import execute
from queueing.live import store
from sites import lookup as sites
from sites.line_models import Line
from sites.lines import DEFAULT_LINE, Lines

logger = logging.getLogger(__name__)


def unserved(lines: list[str]) -> list[str]:
    """Those of them that nobody serves now; none while Redis does not answer."""
    try:
        found = execute(store.served(lines))
    except StoreUnavailable:
        return []
    return [line for line, served in zip(lines, found, strict=True) if not served]


def serves(admin_id: str, line: str) -> bool:
    """Whether this operator serves the line, on shift or not; a line that is gone is served as the default one."""
    lines = sites.current().lines
    known = line if line in lines.lines else DEFAULT_LINE
    return known in lines.keys_of(admin_id)


def changed(**_signal: Any) -> None:
    """A line or one of its members was written or deleted here."""
    transaction.on_commit(tell)


def tell() -> None:
    lines = Lines({row.key: row.line() for row in Line.objects.prefetch_related("members__operator")})
    try:
        execute(store.serve(lines.served, lines.lines))
    except StoreUnavailable:
        logger.warning("who serves which line counts from each operator's next hello on: Redis did not answer")
