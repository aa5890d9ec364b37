"""Redis or everybody was away: nobody is given up for what ran out meanwhile."""

from collections.abc import Iterator

import pytest
from django.conf import settings

from harness.redis_process import RedisProcess
from infra.redis.client import boot_command, client
from infra.redis.scripts import key
from tests.queueing.world import (
    Customer,
    Operator,
    a_call,
    contents,
    end_hold,
    lease,
    status,
    tick,
)

pytestmark = pytest.mark.usefixtures("running")


@pytest.fixture
def restart(redis_process: RedisProcess) -> Iterator[None]:
    """Redis may be restarted with its data by `restarted`; what it wrote is removed at the end."""
    yield
    (redis_process.folder / "dump.rdb").unlink(missing_ok=True)


def restarted(process: RedisProcess) -> None:
    client().save()
    process.kill()
    process.start()
    client().connection_pool.disconnect()


def now_ms() -> float:
    seconds, micros = client().time()  # type: ignore[misc]
    return float(seconds * 1000 + micros / 1000)


def meta(field: str) -> float:
    return float(client().hget(key("meta"), field) or 0)  # type: ignore[arg-type]


def everybody_slept(secs: float) -> None:
    """As if the last tick of any process, and all deadlines, lay `secs` further back."""
    connection = client()
    connection.hincrbyfloat(key("meta"), "last_tick", -secs * 1000)
    for name in ("grace", "lease"):
        for member in connection.zrange(key(name), 0, -1):  # type: ignore[union-attr]
            connection.zincrby(key(name), -secs * 1000, member)


def seconds_pass(secs: float) -> None:
    """Every deadline and remembered moment lies `secs` further back, while ticks went on."""
    connection = client()
    for name in ("reachable_at", "hold_until", "lease_hold"):
        connection.hincrbyfloat(key("meta"), name, -secs * 1000)
    for member in connection.zrange(key("grace"), 0, -1):  # type: ignore[union-attr]
        connection.zincrby(key("grace"), -secs * 1000, member)


def longest_grace() -> float:
    return float(max(settings.QUEUE_GRACE_SECS, settings.QUEUE_GRACE_MOBILE_SECS, settings.CALL_GRACE_SECS)) * 1000


def test_the_reaper_ends_nothing_until_a_full_grace_after_its_own_sleep() -> None:
    ada, deniz = a_call()
    ada.disconnect()
    end_hold()
    tick()
    everybody_slept(600)
    tick()
    assert deniz.serving == ada.cid
    assert meta("hold_until") - now_ms() > longest_grace() - 1_000
    tick()  # nor does the next tick, which did not sleep
    assert deniz.serving == ada.cid


def test_who_was_lost_before_an_outage_gets_a_whole_grace_of_its_own_after_it() -> None:
    ada, deniz = a_call()
    ada.disconnect()
    end_hold()
    tick()
    everybody_slept(600)
    tick()
    seconds_pass(settings.CALL_GRACE_SECS - 2)
    tick()
    assert deniz.serving == ada.cid
    seconds_pass(3)
    tick()
    assert deniz.serving is None


def test_who_is_lost_after_an_outage_is_given_up_after_the_usual_grace() -> None:
    ada, deniz = a_call()
    tick()
    everybody_slept(600)
    tick()
    deniz.disconnect()
    seconds_pass(settings.CALL_GRACE_SECS - 2)
    tick()
    assert deniz.serving == ada.cid
    seconds_pass(3)
    tick()
    assert deniz.serving is None
    assert '"operator-lost"' in ada.box()[-1][2].decode()


def test_many_who_were_lost_before_an_outage_keep_nobody_else_waiting() -> None:
    _ada, deniz = a_call()
    tick()
    gone = [Customer(f"gone{number}") for number in range(250)]
    for one in gone:
        one.join(mobile=True)
        one.disconnect()
    everybody_slept(600)
    tick()
    deniz.disconnect()
    seconds_pass(settings.CALL_GRACE_SECS + 1)
    tick()
    tick()
    assert deniz.serving is None
    assert status()["waiting"] == len(gone)


def test_processes_are_not_given_up_for_the_time_in_which_everybody_slept() -> None:
    lease("p2", ms=9_000)
    deniz = Operator("deniz", "p2")
    deniz.connect()
    deniz.available()
    end_hold()
    tick()
    everybody_slept(600)
    tick()
    assert client().hget(key("conn"), deniz.party) == deniz.conn
    Customer("ada").join()
    assert deniz.serving == "cid-ada"


def test_a_short_gap_between_ticks_is_no_sleep() -> None:
    end_hold()
    tick()
    client().hincrbyfloat(key("meta"), "last_tick", -settings.PROCESS_LEASE_SECS * 1000 / 2 + 500)
    tick()
    assert meta("hold_until") == 0


def test_the_longest_wait_is_not_held_against_anyone_during_the_pause() -> None:
    ada = Customer("ada")
    ada.join()
    client().zadd(key("line"), {ada.cid: 1})
    tick()
    assert status()["waiting"] == 1
    end_hold()
    tick()
    assert status()["waiting"] == 0


def test_the_reaper_ends_nothing_until_a_full_grace_after_redis_restarted(
    restart: None, redis_process: RedisProcess
) -> None:
    ada, deniz = a_call()
    ada.disconnect()
    client().zadd(key("grace"), {ada.party: 1})
    end_hold()
    restarted(redis_process)
    tick()
    assert deniz.serving == ada.cid
    assert meta("hold_until") - now_ms() > longest_grace() - 2_000
    assert meta("lease_hold") > now_ms()


def test_who_is_lost_after_redis_restarted_is_given_up_after_the_usual_grace(
    restart: None, redis_process: RedisProcess
) -> None:
    ada, deniz = a_call()
    tick()
    restarted(redis_process)
    deniz.connect()
    deniz.disconnect()
    seconds_pass(settings.CALL_GRACE_SECS + 1)
    tick()
    assert deniz.serving is None
    assert ada.reconnect().status == "ended"


def test_a_restart_of_redis_makes_every_resume_a_resync(restart: None, redis_process: RedisProcess) -> None:
    """Its last second may be forgotten, and with it numbers that the page has seen."""
    ada, deniz = a_call()
    assert deniz.attached is not None
    desk = deniz.attached.epoch
    ada.say("merhaba")
    seen = len(deniz.box())
    before = deniz.connect(desk, seen)
    assert before.resumed
    assert ada.last is not None
    restarted(redis_process)
    after = deniz.connect(desk, seen)
    assert (after.resumed, after.seq) == (False, 0)
    assert after.epoch > desk
    assert after.state is not None
    assert [line["text"] for line in after.state["transcript"]] == ["merhaba"]
    page = ada.reconnect(ada.last.attached.epoch, 1)
    assert not page.resumed
    assert page.epoch > ada.last.attached.epoch
    assert deniz.serving == ada.cid


def test_a_restart_is_no_wipe_claims_go_on(restart: None, redis_process: RedisProcess) -> None:
    ada, deniz = Customer("ada"), Operator("deniz")
    ada.join()
    restarted(redis_process)
    assert not status()["recovering"]
    deniz.connect()
    deniz.available()
    assert deniz.serving == ada.cid


def test_a_second_connection_to_the_same_redis_changes_nothing() -> None:
    before = contents()
    client().eval(*boot_command())
    assert contents() == before


def test_a_process_whose_lease_ran_out_is_still_there_right_after_a_restart(
    restart: None, redis_process: RedisProcess
) -> None:
    lease("p2", ms=1)
    deniz = Operator("deniz", "p2")
    deniz.connect()
    deniz.available()
    lease("p2", ms=-5_000)
    end_hold()
    restarted(redis_process)
    tick()
    Customer("ada").join()
    assert deniz.serving == "cid-ada"
