"""Who has chosen a time and whose time has come, as a typed command. The rules are in lua/book.lua."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from infra.redis.scripts import Command, load, text
from queueing.live.callbacks import Bound
from queueing.live.store import config

LUA = Path(__file__).parent / "lua"


def book(record: dict[str, Any], channel: str, bounds: list[Bound], contact: dict[str, Any]) -> Command[str]:
    """The ticket, also of one that waits already; empty where its conversation has gone on. `record`: as a join has it,
    and `booked`: the chosen time (ms). `contact`: how they are reached, for the journal.

    Errors: early, callbacks_full, recovering."""
    callback = {"channel": channel, "who": [bound.who for bound in bounds]}
    told = json.dumps({**contact, "counts_for": callback["who"]})
    argv = (config(), json.dumps(record), json.dumps(callback), told)
    return Command(load(LUA / "book.lua"), argv, text)
