"""Lines: who is taken by whom, in which order, and how often somebody may be passed by priority."""

import json
from typing import Any

import pytest

from infra.errors import DomainError
from infra.redis.client import client, execute
from infra.redis.scripts import key
from queueing.live import store
from queueing.live.results import Places
from tests.queueing.world import Customer, Operator, absent_since, end_hold, journal, problems, settle, status, tick

pytestmark = pytest.mark.usefixtures("running")


def customer(name: str, line: str = "", priority: int = 0, **fields: Any) -> Customer:
    joined = Customer(name)
    if line:
        fields |= {"line": line, "line_name": line.title()}
    if priority:
        fields["priority"] = priority
    joined.join(**fields)
    return joined


def operator(name: str, lines: str, *, on: bool = True) -> Operator:
    desk = Operator(name, lines=lines)
    desk.connect()
    if on:
        desk.available()
    return desk


def next_of(desk: Operator) -> str | None:
    """Whom the operator is given after the present call."""
    if desk.serving:
        desk.end()
    desk.available()
    return desk.serving


def place_of(places: Places, cid: str) -> tuple[int, int] | None:
    """Where it stands, and among how many; None where it does not wait."""
    view = places.of(cid)
    position = None if view is None else view.position(cid)
    return None if view is None or position is None else (position, view.waiting)


def claims() -> list[dict[str, Any]]:
    return [json.loads(entry["data"]) for entry in journal() if entry["type"] == "claimed"]


def test_an_operator_takes_whoever_has_waited_longest_over_its_lines_and_nobody_else() -> None:
    ada, bora, cem, derya = (
        customer("ada", "tech"),
        customer("bora", "sales"),
        customer("cem"),
        customer("derya", "tech"),
    )
    deniz = operator("deniz", "sales=1 tech=1")
    assert deniz.serving == ada.cid
    assert [next_of(deniz), next_of(deniz), next_of(deniz)] == [bora.cid, derya.cid, None]
    assert status()["waiting"] == 1
    assert operator("ece", "=1").serving == cem.cid
    assert problems() == []


def test_the_best_level_is_first_and_then_whoever_has_been_idle_longest() -> None:
    second, late, first = operator("a", "tech=2"), operator("b", "tech=1 sales=1"), operator("c", "tech=1")
    for number, desk in enumerate((late, first, second)):
        assert desk.serving is None
        joined = customer(f"c{number}", "tech")
        assert desk.serving == joined.cid
    assert problems() == []


def test_who_comes_free_gives_way_to_a_better_level_and_to_whoever_has_been_idle_longest() -> None:
    """The customer waits although somebody is free: it was away when the others came."""
    ada = customer("ada", "tech")
    ada.disconnect()
    absent_since(ada.party, 6_000)
    first, second = operator("a", "tech=2"), operator("b", "tech=1")
    assert (first.serving, second.serving) == (None, None)
    client().zrem(key("grace"), ada.party)
    third = operator("c", "tech=1 sales=1")
    assert (first.serving, second.serving, third.serving) == (None, ada.cid, None)
    assert client().zscore(key("available"), "c") is not None
    assert problems() == []


def test_who_comes_free_and_serves_the_line_best_takes_the_customer_at_once() -> None:
    ada = customer("ada", "tech")
    ada.disconnect()
    absent_since(ada.party, 6_000)
    first = operator("a", "tech=2")
    client().zrem(key("grace"), ada.party)
    second = operator("b", "tech=1")
    assert (first.serving, second.serving) == (None, ada.cid)
    assert client().zscore(key("available"), "b") is None
    assert problems() == []


def test_the_best_level_is_first_wherever_the_customer_comes_from() -> None:
    """Both are free for the sales line, and who was found first is not who serves the customer's line best."""
    ada = customer("ada", "tech")
    ada.disconnect()
    absent_since(ada.party, 6_000)
    seller, expert = operator("a", "sales=1 tech=2"), operator("b", "tech=1")
    client().hset(key("meta"), "recover_until", 9e15)
    ada.reconnect()
    bora = customer("bora", "sales")
    client().hset(key("meta"), "recover_until", 0)
    seller.available()
    assert (expert.serving, seller.serving) == (ada.cid, bora.cid)


def test_whom_the_best_takes_may_have_waited_longer_elsewhere() -> None:
    """A joins while nobody serves it; the operator who then comes serves both lines and takes A, not the newer B."""
    ada = customer("ada", "sales")
    ada.disconnect()
    absent_since(ada.party, 6_000)
    deniz = operator("deniz", "sales=1 tech=1")
    ada.reconnect()
    assert deniz.serving == ada.cid


def test_priority_comes_first_but_nobody_is_passed_more_often_than_may_be() -> None:
    ada, bora = customer("ada", "tech"), customer("bora", "sales")
    urgent = [customer(f"u{number}", "tech", 1 + number % 3) for number in range(6)]
    deniz = operator("deniz", "tech=1 sales=1")
    order = [deniz.serving, *(next_of(deniz) for _ in range(7))]
    # Level 3, 3 and 2 have passed; then it is the turn of those who were, and of whoever is urgent still.
    assert order == [one.cid for one in (urgent[2], urgent[5], urgent[1], ada, bora, urgent[0], urgent[4], urgent[3])]
    jumps = [(claim["urgent"], sorted(claim["over"])) for claim in claims() if claim.get("over")]
    assert jumps == [(3, ["sales", "tech"]), (3, ["sales", "tech"]), (2, ["sales", "tech"]), (2, ["tech"])]
    assert problems() == []


def test_being_passed_counts_where_the_operator_could_have_taken_one() -> None:
    """Whoever serves another line alone passes nobody of this one."""
    ada = customer("ada", "tech")
    sold = [customer(f"s{number}", "sales", 3) for number in range(4)]
    seller = operator("ece", "sales=1")
    assert [seller.serving, *(next_of(seller) for _ in range(3))] == [one.cid for one in sold]
    late = customer("u", "tech", 3)
    deniz = operator("deniz", "tech=1")
    assert deniz.serving == late.cid
    assert next_of(deniz) == ada.cid


def test_without_a_pass_nobody_jumps(settings: Any) -> None:
    settings.PRIORITY_MAX_PASSED = 0
    ada, _urgent = customer("ada"), customer("u", priority=3)
    assert operator("deniz", "=1").serving == ada.cid


def test_places_and_staff_are_those_of_the_line() -> None:
    ada, bora, cem = customer("ada", "tech"), customer("bora", "sales"), customer("cem", "tech")
    assert (cem.last and (cem.last.position, cem.last.waiting)) == (2, 2)
    dora = customer("dora")
    operator("deniz", "sales=1", on=True)
    view = execute(store.positions([ada.cid, cem.cid, dora.cid], "sales"))
    assert (view.joined.waiting, view.joined.staffed) == (0, True)
    tech = view.of(cem.cid)
    assert tech is not None
    assert (tech.position(ada.cid), tech.position(cem.cid), tech.waiting, tech.staffed) == (1, 2, 2, False)
    of_none = view.of(dora.cid)
    assert of_none is not None
    assert (of_none.position(dora.cid), of_none.waiting) == (1, 1)
    assert view.of(bora.cid) is None
    assert status()["lines"] == {
        "": {"waiting": 1, "available": 0},
        "tech": {"waiting": 2, "available": 0},
    }


def test_where_nobody_is_about_to_join_only_the_lines_of_those_who_wait_are_told() -> None:
    ada, cem = customer("ada", "tech"), customer("cem", "tech")
    places = execute(store.positions([ada.cid, cem.cid], None))
    [tech] = places.lines
    assert places.of(ada.cid) is tech
    assert (tech.position(ada.cid), tech.position(cem.cid), tech.waiting) == (1, 2, 2)


def test_only_lines_that_have_changed_are_read_again() -> None:
    ada, bora, cem = customer("ada", "tech"), customer("bora", "sales"), customer("cem", "tech")
    cids = [ada.cid, bora.cid, cem.cid]
    known = execute(store.positions(cids, None))
    operator("deniz", "tech=1")
    command = store.positions([*cids, "nobody"], None, known.without({"tech"}))
    assert command.argv == ("/", 1, "sales", ada.cid, cem.cid, "nobody")
    places = execute(command)
    assert [place_of(places, cid) for cid in (*cids, "nobody")] == [None, (1, 1), (1, 1), None]
    operator("ece", "sales=1", on=True)
    left = execute(store.positions([bora.cid], None, places))
    assert [(view.line, view.waiting, view.staffed) for view in left.lines] == [("sales", 1, True)]


def test_places_are_right_however_close_together_those_who_ask_stand() -> None:
    cids = [customer(f"c{number}", "tech" if number % 7 else "").cid for number in range(120)]
    default, tech = cids[::7], [cid for number, cid in enumerate(cids) if number % 7]
    places = {cid: number for line in (default, tech) for number, cid in enumerate(line, 1)}
    for asked in (cids, cids[::-1], cids[40:60], cids[1:2] + cids[100:], cids[::9], sorted(cids)):
        found = execute(store.positions(asked, None))
        for cid in asked:
            assert place_of(found, cid) == (places[cid], len(default if cid in default else tech))


def test_a_conversation_goes_to_another_line_where_somebody_serves_it() -> None:
    ada = customer("ada", "sales", wrap_up=7_000)
    deniz = operator("deniz", "sales=1")
    tick()
    end_hold()
    goal = {"line": "tech", "line_name": "Tech"}
    with pytest.raises(DomainError) as refused:
        execute(store.transfer("deniz", deniz.conn, None, 1, line=goal))
    assert refused.value.code == "line_offline"
    expert = operator("ece", "tech=1")
    assert execute(store.transfer("deniz", deniz.conn, None, 2, line=goal)) == "claimed"
    assert expert.serving == ada.cid
    assert json.loads(next(e["data"] for e in journal() if e["type"] == "transferred"))["line"] == "tech"
    assert problems() == []


def test_a_line_has_a_wrap_up_of_its_own(settings: Any) -> None:
    settings.WRAP_UP_SECS = 0
    customer("ada", "sales", wrap_up=50_000)
    deniz = operator("deniz", "sales=1")
    deniz.end()
    assert client().zscore(key("wrapup"), "deniz") is not None


def test_a_token_brings_one_back_into_the_line() -> None:
    ada, bora = customer("ada", "tech"), customer("bora", "tech", 2)
    kept = [json.loads(str(client().hget(key("conv"), one.cid))) for one in (ada, bora)]
    client().flushall()
    settle()
    client().zadd(key("lease"), {"p1": 9e15})
    for record in reversed(kept):
        execute(store.restore("p1|again" + record["id"], record, ""))
    view = execute(store.positions([ada.cid, bora.cid], "tech")).joined
    assert (view.position(ada.cid), view.position(bora.cid)) == (1, 2)
    assert operator("deniz", "tech=1").serving == bora.cid
    assert problems() == []


def test_other_lines_count_from_the_next_hello_on() -> None:
    deniz = operator("deniz", "sales=1")
    ada = customer("ada", "tech")
    assert deniz.serving is None
    deniz.lines = "tech=1"
    deniz.connect()
    assert deniz.serving == ada.cid
    assert problems() == []


def test_other_lines_count_at_once_for_who_is_free() -> None:
    deniz = operator("deniz", "sales=1")
    execute(store.serve({"deniz": "tech=1"}, ["sales", "tech"]))
    ada = customer("ada", "tech")
    assert deniz.serving == ada.cid
    assert problems() == []


def test_whoever_waits_is_found_among_lines_that_have_only_one_of_both() -> None:
    waiting = {line: customer(f"{line}-customer", line) for line in ("a", "c", "d", "f", "h")}
    desks = {line: operator(f"{line}-desk", f"{line}=1") for line in ("b", "e", "g", "i")}
    assert tick().matched == 0
    served = {"b-desk": "d=1", "e-desk": "e=1", "g-desk": "h=1 z=1", "i-desk": "i=1"}
    execute(store.serve(served, ["a", "c", "d", "f", "h"]))
    assert [desks[line].serving for line in desks] == [waiting["d"].cid, None, waiting["h"].cid, None]
    assert problems() == []


def test_who_waits_in_a_line_that_is_gone_waits_in_the_default_one() -> None:
    ada, bora = customer("ada", "tech", 1), customer("bora", "sales")
    deniz = operator("deniz", "=1")
    assert deniz.serving is None
    execute(store.serve({}, ["sales"]))
    assert deniz.serving == ada.cid
    execute(store.serve({}, ["sales"]))
    assert next_of(deniz) is None
    execute(store.serve({"deniz": "sales=1"}, ["sales"]))
    assert deniz.serving == bora.cid
    assert problems() == []


def test_whom_a_process_of_the_release_before_let_in_is_found_by_the_next_tick() -> None:
    ada = customer("ada", "tech")
    for name in ("lines", "line_of", "free", "offered"):
        client().delete(key(name))
    deniz = operator("deniz", "tech=1")
    assert deniz.serving is None
    tick()
    assert deniz.serving == ada.cid
    assert problems() == []


def test_a_misplaced_customer_is_found_and_put_right() -> None:
    ada = customer("ada", "tech", 2)
    client().hset(key("line_of"), ada.cid, "sales")
    client().delete(key("urgent"))
    assert set(problems()) == {f"not_in_its_line {ada.cid}"}
    execute(store.check(fix=True))
    assert problems() == []
    assert operator("deniz", "tech=1").serving == ada.cid
