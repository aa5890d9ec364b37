"""A script of ours that failed: no outage, which passes by itself, but a fault that somebody has to look at.

Redis answers both with an error. What it says of its own state means that it cannot serve us now; everything else was
raised inside a script.
"""

from __future__ import annotations

import logging
import re

from prometheus_client import Counter

logger = logging.getLogger(__name__)

errors = Counter("redis_script_errors_total", "Scripts that failed inside Redis, by script", ["script"])

# As Redis 7 says it at the beginning, and Redis 6 behind the dash of what the script called.
_OUT = re.compile(
    r"(?:^|-)(?:LOADING|BUSY|MASTERDOWN|READONLY|OOM|MISCONF|NOREPLICAS|NOAUTH|WRONGPASS|NOPERM|CLUSTERDOWN|TRYAGAIN"
    r"|NOSCRIPT|ERR max number of clients)\b"
)
_SHA = re.compile(r"\b(?:f_)?([0-9a-f]{40})\b")
_names: dict[str, str] = {}


def known(sha: str, name: str) -> None:
    """Tells the name of a script that was loaded, so that its errors can name it."""
    _names[sha] = name


def is_outage(reply: str) -> bool:
    """Whether an error reply says that Redis cannot serve us now."""
    return _OUT.search(reply) is not None


def failed(reply: str) -> None:
    """Logs and counts an error reply that was raised inside a script."""
    sha = _SHA.search(reply)
    name = _names.get(sha[1], "unknown") if sha else "unknown"
    errors.labels(name).inc()
    logger.error("script failed", extra={"script": name, "reply": reply[:500]})
