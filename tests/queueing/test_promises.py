"""What came of the waits that customers were told of: judged in the claim, kept, counted, compared in the history."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from infra.redis.client import client, execute
from infra.redis.scripts import key
from queueing import metrics
from queueing.history.models import Conversation
from queueing.history.recording import journal
from queueing.live import store
from queueing.live.estimate import Forecast
from queueing.live.promises import EVERY_MS, KEPT, MIN_JUDGED, UNTRIED, Estimate, Judged, margins
from tests.queueing.world import Customer, Operator, a_call, contents, end_wrap_up, redis_now_ms, tick

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("running")]
TOLD = {"promised": {"low_s": 60, "high_s": 180}, "expected": "80 100 150"}


def waited(customer: Customer, seconds: int) -> None:
    """Moves the join that far back."""
    record = json.loads(client().hget(key("conv"), customer.cid) or "")  # type: ignore[arg-type]
    record["joined_at"] = redis_now_ms() - seconds * 1000
    client().hset(key("conv"), customer.cid, json.dumps(record))


def served_after(seconds: int, operator: Operator, name: str = "bora", **fields: Any) -> Customer:
    """By an operator who has a call: it ends, and so does the wrap-up."""
    customer = Customer(name)
    customer.join(**fields)
    waited(customer, seconds)
    operator.end()
    end_wrap_up(operator)
    assert operator.serving == customer.cid
    return customer


def counted() -> dict[str, int]:
    stats = execute(store.status())["stats"]
    return {outcome: stats.get(f"promise:{outcome}", 0) for outcome in ("earlier", "within", "later")}


def figures() -> dict[str, Any]:
    return {family.name: family for family in metrics.collect()}


@pytest.mark.parametrize(("seconds", "outcome"), [(30, "earlier"), (60, "within"), (170, "within"), (600, "later")])
def test_a_promise_is_judged_when_the_operator_comes(seconds: int, outcome: str) -> None:
    _ada, deniz = a_call()
    served_after(seconds, deniz, **TOLD)
    assert counted() == {"earlier": 0, "within": 0, "later": 0} | {outcome: 1}
    [judged] = execute(store.judged_promises())
    assert (judged.forecast, judged.told) == (Forecast(80, 100, 150), Estimate(60, 180))
    assert judged.waited == pytest.approx(seconds, abs=2)
    [ratio] = figures()["wait_promises_held_ratio"].samples
    assert ratio.value == (outcome == "within")


def test_who_did_not_have_to_wait_or_was_told_nothing_is_not_judged() -> None:
    _ada, deniz = a_call()
    served_after(300, deniz)
    deniz.end()
    end_wrap_up(deniz)
    Customer("can").join(**TOLD)
    assert deniz.serving is not None
    assert sum(counted().values()) == 0
    assert execute(store.judged_promises()) == []


def test_a_customer_is_judged_once() -> None:
    """Whom nobody answered waits again; what was told is over."""
    _ada, deniz = a_call()
    bora = served_after(100, deniz, **TOLD)
    assert "expected" not in json.loads(client().hget(key("conv"), bora.cid) or "")  # type: ignore[arg-type]


def test_promises_are_kept_some_time_apart_and_not_without_end() -> None:
    _ada, deniz = a_call()
    served_after(100, deniz, **TOLD)
    served_after(200, deniz, "can", **TOLD)
    assert len(execute(store.judged_promises())) == 1
    assert sum(counted().values()) == 2
    old = redis_now_ms() - EVERY_MS - 1000
    client().delete(key("promises"))
    client().rpush(key("promises"), *[f"{old} 80 100 150 60 180 100"] * KEPT)
    served_after(300, deniz, "ece", **TOLD)
    kept = execute(store.judged_promises())
    assert (len(kept), kept[0].waited >= 300) == (KEPT, True)


def test_what_was_measured_moves_what_the_next_one_is_told() -> None:
    _ada, deniz = a_call()
    client().rpush(key("samples"), *[60, 120, 180, 240, 300])
    before = execute(store.positions([])).joined
    assert before.margins == UNTRIED
    client().rpush(key("promises"), *["1700000000000 80 100 150 60 180 300"] * KEPT)
    after = execute(store.positions([])).joined
    first, then = before.estimate_at(3), after.estimate_at(3)
    assert first is not None
    assert then is not None
    assert then["low_s"] > first["low_s"]
    assert then["high_s"] > first["high_s"]
    assert deniz.serving is not None


def test_a_department_goes_by_its_own_waits_once_there_are_enough() -> None:
    late, early = "1700000000000 80 100 150 60 180 600 sales", "1700000000000 80 100 150 60 180 40"
    client().rpush(key("promises"), *[late] * MIN_JUDGED, *[early] * (KEPT - MIN_JUDGED))
    of_sales, of_tech, of_none = (execute(store.positions([], line)).joined.margins for line in ("sales", "tech", ""))
    assert of_sales.middle == 4
    assert of_none.middle < 1
    assert of_tech == margins([Judged.parse(line.encode()) for line in [late] * MIN_JUDGED + [early] * 100])


def test_promises_of_each_department_are_kept_apart() -> None:
    """A busy one beside it keeps none of theirs out."""
    deniz = Operator("deniz", lines="=1 sales=1")
    deniz.connect()
    deniz.available()
    Customer("ada").join()
    for name, more in (("bora", {}), ("can", {"line": "sales"}), ("derya", {}), ("ece", {"line": "sales"})):
        served_after(100, deniz, name, **TOLD, **more)
    assert [text.split()[7:] for text in client().lrange(key("promises"), 0, -1)] == [["sales"], []]


def test_a_wrap_up_is_kept_as_long_as_it_took() -> None:
    _ada, deniz = a_call()
    deniz.end()
    client().hset(key("operator"), "deniz:wraps", redis_now_ms() - 20_000)
    [wrap] = execute(store.positions([])).joined.load.wrapping
    assert wrap.taken in (20, 21)
    deniz.available()
    [taken] = execute(store.positions([])).joined.load.wrap_ups
    assert taken in (20, 21)
    assert "deniz:wraps" not in json.dumps(contents())


def test_a_wrap_up_that_ends_in_a_break_says_nothing() -> None:
    _ada, deniz = a_call()
    deniz.end()
    deniz.available(on=False)
    deniz.available()
    tick()
    assert execute(store.positions([])).joined.load.wrap_ups == []


def test_without_a_wrap_up_it_takes_nothing(settings: Any) -> None:
    settings.WRAP_UP_SECS = 0
    _ada, deniz = a_call()
    deniz.end()
    assert execute(store.positions([])).joined.load.wrap_ups == [0]


def run(*words: str) -> str:
    out = StringIO()
    call_command("estimate", *words, stdout=out)
    return out.getvalue()


def test_the_command_compares_what_was_told_with_what_came() -> None:
    _ada, deniz = a_call()
    for seconds, name in ((30, "bora"), (120, "can"), (400, "ece")):
        served_after(seconds, deniz, name, **TOLD)
    served_after(300, deniz, "filiz")
    journal.record()
    for row in Conversation.objects.exclude(claimed_at=None):  # the journal has the moments of the test
        if row.name in ("bora", "can", "ece"):
            row.joined_at = row.claimed_at.fromtimestamp(  # type: ignore[union-attr]
                row.claimed_at.timestamp() - {"bora": 30, "can": 120, "ece": 400}[row.name],  # type: ignore[union-attr]
                row.claimed_at.tzinfo,  # type: ignore[union-attr]
            )
            row.save()
    found = json.loads(run("--json"))
    whole, short, middling, long = found["rows"]
    assert (whole["waits"], whole["held"], whole["earlier"], whole["later"]) == (3, 0.3333, 0.3333, 0.3333)
    assert whole["error"] == pytest.approx(0.7, abs=0.01)
    assert (short["waits"], middling["waits"], long["waits"]) == (0, 3, 0)
    assert found["factors"] == {"judged": 1, "low": 0.7, "middle": 1.0, "high": 1.4}
    assert "all                3    33%" in run()


def test_the_command_says_what_it_takes() -> None:
    for days in ("0", "-1", "99999"):
        with pytest.raises(CommandError, match="1 to 3660"):
            run("--days", days)
    assert "–" in run()


def test_an_error_is_told_in_relation_to_the_wait() -> None:
    told = Estimate(60, 180)
    assert Judged(Forecast(1, 2, 3), told, 240).error == 0.5
    assert Judged(Forecast(1, 2, 3), told, 30).error == 1.5
