"""A message leaves when it is written, not with the next beat: whoever puts one into the outbox asks for a sweep.

After the commit, so that the sweep finds the row. A burst makes few sweeps: at most one is on its way that has not
begun to look, and it will find whatever was committed before. A thread speaks to the broker, so that one that is out
fails and delays nobody; beat's sweep, a second later, is the net under all of this.

Key: `notify:sweep-asked` (string, "1"; a minute): a sweep was asked for and has not begun.
"""

import logging
import threading
from collections.abc import Callable

from celery import current_app
from django.db import transaction

from infra.clock import monotonic
from infra.errors import StoreUnavailable
from infra.redis.client import guarded, key

log = logging.getLogger(__name__)

SWEEP = "notifications.sweep"
ASKED_SECS = 60
"""A sweep that did not begin by then is lost, and so is its question. Any sweep answers the question, also beat's, so
that a lost one costs a second; and while there is no worker, one task a minute is put into its queue, not more."""
QUIET_SECS = 60.0
"""A broker that does not answer is told of in the log this often."""


class Starter:
    """Calls `start` in a thread, once for all who asked since the last call began. At most one thread at a time."""

    def __init__(self, start: Callable[[], None]) -> None:
        self._start = start
        self._lock = threading.Lock()
        self._asked = False
        self._thread: threading.Thread | None = None

    def ask(self) -> None:
        """Returns at once; a call of `start` that has not begun yet will follow."""
        with self._lock:
            self._asked = True
            if self._thread is None:
                thread = threading.Thread(target=self._run, name="sweep-starter")
                thread.start()
                self._thread = thread

    def join(self) -> None:
        """Blocks until nobody's question is open."""
        thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._asked:
                    self._thread = None
                    return
                self._asked = False
            self._start()


class Broker:
    """Hands a sweep to the worker, unless one is on its way. Raises nothing: nobody listens."""

    def __init__(self) -> None:
        self._quiet_until = 0.0

    def start_sweep(self) -> None:
        try:
            with guarded() as connection:
                first = connection.set(_asked(), "1", nx=True, ex=ASKED_SECS)
            if first:
                current_app.send_task(SWEEP, expires=ASKED_SECS, retry=False)
        except Exception as error:  # Redis', kombu's, the network's
            self._tell(error)

    def _tell(self, error: Exception) -> None:
        now = monotonic()
        if now >= self._quiet_until:
            self._quiet_until = now + QUIET_SECS
            log.warning("sweep not started, beat's will follow", extra={"fault": type(error).__name__})


starter = Starter(Broker().start_sweep)


def sweep_on_commit() -> None:
    """Asks for a sweep once this transaction is committed; at once outside one."""
    transaction.on_commit(starter.ask, robust=True)


def sweep_begins() -> None:
    """Called by a sweep before it looks: what is committed from now on needs another one."""
    try:
        with guarded() as connection:
            connection.delete(_asked())
    except StoreUnavailable:
        log.debug("the next sweep is asked for a second later")


def _asked() -> str:
    return key("notify:sweep-asked")
