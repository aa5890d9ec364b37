"""Redis lost, Redis back: told once each per process, however many callers notice.

The loss is an `error` line, so that it reaches Sentry as one event per outage and process instead of one per call.
"""

import logging
import threading

from infra.clock import monotonic

log = logging.getLogger(__name__)


class Outage:
    """What one process believes about a store. Thread-safe; `answered` costs one comparison while all is well."""

    def __init__(self, store: str) -> None:
        self.store = store
        self.losses = 0
        """Outages noticed since this process started."""
        self._since: float | None = None
        self._lock = threading.Lock()

    @property
    def lasts(self) -> bool:
        return self._since is not None

    def failed(self, error: BaseException | None = None) -> None:
        """A call got no answer."""
        with self._lock:
            if self._since is not None:
                return
            self._since = monotonic()
            self.losses += 1
        # The exception's text names hosts and never passwords; its traceback says who noticed first.
        log.error("%s lost", self.store, exc_info=error, extra={"fault": type(error).__name__ if error else None})

    def answered(self) -> None:
        """A call got its answer."""
        if self._since is None:
            return
        with self._lock:
            since, self._since = self._since, None
        if since is not None:
            log.info("%s back", self.store, extra={"lost_s": round(monotonic() - since, 1)})


redis_outage = Outage("redis")
