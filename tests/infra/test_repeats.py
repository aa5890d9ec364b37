"""In an outage the same traceback is told once a minute; every line stays."""

from __future__ import annotations

import logging

import pytest

from infra.logs import repeats
from infra.logs.repeats import PLACES_MOST, RepeatedTracebacks


def failing(reason: str) -> logging.LogRecord:
    try:
        raise ValueError(reason)
    except ValueError as error:
        info = (type(error), error, error.__traceback__)
    return logging.LogRecord("a", logging.ERROR, __file__, 1, "failed", (), info)


def test_the_second_time_the_line_stays_and_the_traceback_goes() -> None:
    judge = RepeatedTracebacks()
    first, second = failing("x"), failing("y")
    assert judge.filter(first)
    assert judge.filter(second)
    assert first.exc_info is not None
    assert second.exc_info is None
    assert (second.__dict__["fault"], second.__dict__["told_before"]) == ("ValueError", 1)
    assert judge.filter(logging.LogRecord("a", logging.INFO, __file__, 1, "fine", (), None))


def test_after_a_minute_it_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(repeats, "monotonic", lambda: now)
    judge = RepeatedTracebacks()
    for age, told in ((0.0, True), (30.0, False), (59.0, False), (61.0, True)):
        now = 1000.0 + age
        record = failing("x")
        judge.filter(record)
        assert (record.exc_info is not None) is told, age


def test_two_handlers_do_not_count_one_record_twice() -> None:
    judge, other = RepeatedTracebacks(), RepeatedTracebacks()
    judge.filter(failing("x"))
    record = failing("x")
    judge.filter(record)
    other.filter(record)
    assert record.exc_info is None


def test_what_it_remembers_has_a_bound() -> None:
    judge = RepeatedTracebacks()
    for number in range(PLACES_MOST + 50):
        namespace: dict[str, object] = {}
        exec(compile("\n" * number + "def fail(): raise ValueError", f"file{number}", "exec"), namespace)
        try:
            namespace["fail"]()  # type: ignore[operator]
        except ValueError as error:
            judge.filter(
                logging.LogRecord("a", logging.ERROR, "", 1, "x", (), (ValueError, error, error.__traceback__))
            )
    assert len(judge._told) == PLACES_MOST
