"""Questions to other systems that are answered in bounded time, whatever hangs."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db import connections

from infra.clock import monotonic

T = TypeVar("T")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer(Generic[T]):
    """`value` when it came in time; otherwise `fault` says why not, without addresses or secrets."""

    value: T | None
    fault: str | None
    took_ms: float

    @property
    def ok(self) -> bool:
        return self.fault is None


class Probe(Generic[T]):
    """Runs `ask` in a thread of its own. One that hangs costs one thread: it is joined, not started again.

    What a joined thread fails with is an answer to an earlier question, of a system that may be well again by now.
    """

    def __init__(self, name: str, ask: Callable[[], T]) -> None:
        self.name = name
        self._ask = ask
        self._lock = threading.Lock()
        self._running: Future[tuple[T, float]] | None = None

    @property
    def is_running(self) -> bool:
        running = self._running
        return running is not None and not running.done()

    def start(self) -> "Future[tuple[T, float]]":
        """The answer and the milliseconds that it took."""
        with self._lock:
            if self._running is not None and not self._running.done():
                return self._running
            future: Future[tuple[T, float]] = Future()
            self._running = future
        threading.Thread(target=self._run, args=(future,), name=f"probe-{self.name}", daemon=True).start()
        return future

    def _run(self, future: "Future[tuple[T, float]]") -> None:
        start = monotonic()
        try:
            value = self._ask()
            future.set_result((value, _ms_since(start)))
        except BaseException as error:
            future.set_exception(error)
        finally:
            connections.close_all()  # those of this thread, which ends here


def ask_all(probes: list[Probe[T]], bound_secs: float = 1.0) -> dict[str, Answer[T]]:
    """All probes at once; the whole call takes at most `bound_secs`."""
    start = monotonic()
    deadline = start + bound_secs
    joined = {probe.name for probe in probes if probe.is_running}
    running = {probe: probe.start() for probe in probes}
    answers: dict[str, Answer[T]] = {}
    for probe, future in running.items():
        try:
            if probe.name in joined and _failed(future, deadline):
                future = probe.start()
            value, took_ms = future.result(_left(deadline))
            answers[probe.name] = Answer(value, None, took_ms)
        except FutureTimeout:
            answers[probe.name] = Answer(None, f"no answer in {bound_secs:g} s", _ms_since(start))
        except Exception as error:
            log.warning("probe %s failed: %s", probe.name, error)
            answers[probe.name] = Answer(None, type(error).__name__, _ms_since(start))
    return answers


def _failed(future: "Future[tuple[T, float]]", deadline: float) -> bool:
    """Raises FutureTimeout when it has not ended by `deadline`."""
    return future.exception(_left(deadline)) is not None


def _left(deadline: float) -> float:
    return max(0.0, deadline - monotonic())


def _ms_since(start: float) -> float:
    return round((monotonic() - start) * 1000, 1)
