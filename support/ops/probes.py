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
    """Runs `ask` in a thread of its own. One that hangs costs one thread: it is joined, not started again."""

    def __init__(self, name: str, ask: Callable[[], T]) -> None:
        self.name = name
        self._ask = ask
        self._lock = threading.Lock()
        self._running: Future[tuple[T, float]] | None = None

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
    running = {probe.name: probe.start() for probe in probes}
    answers: dict[str, Answer[T]] = {}
    for name, future in running.items():
        left = max(0.0, start + bound_secs - monotonic())
        try:
            value, took_ms = future.result(left)
            answers[name] = Answer(value, None, took_ms)
        except FutureTimeout:
            answers[name] = Answer(None, f"no answer in {bound_secs:g} s", _ms_since(start))
        except Exception as error:
            log.warning("probe %s failed: %s", name, error)
            answers[name] = Answer(None, type(error).__name__, _ms_since(start))
    return answers


def _ms_since(start: float) -> float:
    return round((monotonic() - start) * 1000, 1)
