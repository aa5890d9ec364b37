"""Probes: an answer in bounded time whatever hangs, and one thread per hanging probe."""

import threading

from support.ops.probes import Probe, ask_all


def test_answers_and_failures() -> None:
    def fails() -> int:
        raise ConnectionError("10.0.0.1:6379 refused")

    answers = ask_all([Probe("good", lambda: 1), Probe("bad", fails)])
    assert answers["good"].value == 1
    assert answers["good"].ok
    assert answers["bad"].fault == "ConnectionError"  # without the address


def test_what_hangs_is_bounded_and_not_started_twice() -> None:
    release = threading.Event()
    calls: list[int] = []

    def hangs() -> int:
        calls.append(1)
        release.wait()
        return 2

    probe = Probe("stuck", hangs)
    answers = [ask_all([probe, Probe("quick", lambda: 1)], bound_secs=0.1) for _ in range(3)]
    assert [answer["stuck"].fault for answer in answers] == ["no answer in 0.1 s"] * 3
    assert all(answer["quick"].ok for answer in answers)
    assert len(calls) == 1
    release.set()
    assert probe.start().result(5)[0] == 2


def test_the_failure_of_a_question_asked_earlier_is_not_the_answer_of_now() -> None:
    release = threading.Event()
    calls: list[int] = []

    def hangs_once() -> int:
        calls.append(1)
        if len(calls) == 1:
            release.wait()
            raise ConnectionError
        return 3

    probe = Probe("stuck", hangs_once)
    assert ask_all([probe], bound_secs=0.1)["stuck"].fault == "no answer in 0.1 s"
    threading.Timer(0.05, release.set).start()
    answer = ask_all([probe], bound_secs=10)["stuck"]
    assert (answer.value, answer.fault) == (3, None)
