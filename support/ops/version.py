"""Which release this is, and since when this process runs."""

import tomllib

from infra.clock import monotonic
from support.config.schema import BASE_DIR

VERSION = str(tomllib.loads((BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])
_STARTED = monotonic()


def uptime_secs() -> float:
    """Seconds since this module was loaded, which is when the process set up Django."""
    return monotonic() - _STARTED
