"""The life of conversations as log lines: one `info` line per step, from the journal, so exact over all processes.

What people said or are called stays in the database; a line has ids, words from fixed lists and figures.
"""

from __future__ import annotations

import json
import logging
import re
from typing import Any

logger = logging.getLogger(__name__)

STEPS = {
    "joined",
    "restored",
    "claimed",
    "given-back",
    "transferred",
    "hold-over",
    "supervised",
    "call:accept",
    "ended",
}
MEDIA_STATES = {"connected", "reconnecting", "failed"}
FACTS = ("position", "waiting", "waited_ms", "duration_ms", "reason", "by", "from", "setup_ms", "lost_ms", "attempts")

WORD = re.compile(r"[a-z][a-z0-9-]{0,31}", re.ASCII)
"""Reasons are free words of pages; only what looks like one is repeated."""


def ids(fields: dict[str, str]) -> dict[str, str]:
    """What the log lines of a journal entry carry."""
    return {"request_id": fields.get("trace", ""), "conversation": fields["conversation"]}


def tell(fields: dict[str, str]) -> None:
    """One line for an entry that is a step in a conversation's life; the others are at `debug`."""
    kind = fields["type"]
    data: dict[str, Any] = json.loads(fields["data"])
    state = data.get("state") if kind == "call:state" else None
    if state in MEDIA_STATES:
        level, event = logging.INFO, f"call {state}"
    else:
        level, event = logging.INFO if kind in STEPS else logging.DEBUG, f"conversation {kind}"
    if logger.isEnabledFor(level):
        facts = {name: data[name] for name in FACTS if data.get(name) is not None}
        if not WORD.fullmatch(str(facts.get("reason", "other"))):
            facts["reason"] = "other"
        logger.log(level, event, extra={**ids(fields), **facts})
