"""What is done to a call, one function each. The common figures are computed afterwards by `runner`."""

from __future__ import annotations

import signal
import time

from bench.call_lab.calls import Call, now_ms
from bench.call_lab.context import Context
from bench.call_lab.measure import handover
from bench.call_lab.namespaces import signal_all
from bench.call_lab.server import COLLEAGUE

SETTLE_SECS = 8.0
LOSS_SECS = 30.0
RATE_SETTLE_SECS = 15.0
RATE_SECS = 20.0
NARROW_TALK_MS = 4000
GLARES = 200
GLARE_SECS = 15.0


# ---- set-up ----------------------------------------------------------------------------------------------------------


def setup(context: Context) -> None:
    context.topology.reset(delay_ms=0)
    context.ready_call().begin()


def udp_blocked(context: Context) -> None:
    context.topology.reset(block_udp=True)
    call = context.ready_call()
    call.begin()
    context.figures["pair"] = call.pair()


def tls_only(context: Context) -> None:
    """A firewall that knows only the web and TLS."""
    context.topology.reset(block_udp=True, block_tcp_ports=[3478])
    call = context.ready_call()
    call.begin()
    context.figures["pair"] = call.pair()


# ---- the network -----------------------------------------------------------------------------------------------------


def _blackhole(context: Context, seconds: float) -> None:
    call = context.running_call()
    with call.link.under(down=True):
        call.fault()
        call.wait(seconds)
    call.healed()
    call.await_media(call.healed_at)
    call.settle(SETTLE_SECS)


def blackhole_3(context: Context) -> None:
    _blackhole(context, 3)


def blackhole_20(context: Context) -> None:
    _blackhole(context, 20)


def address_change(context: Context) -> None:
    call = context.running_call()
    call.fault()
    context.topology.change_customer_address()
    call.healed()
    call.wait(1)
    call.await_media(now_ms())
    call.settle(SETTLE_SECS)


def _lossy(context: Context, percent: float) -> None:
    call = context.running_call()
    with call.link.under(loss_pct=percent):
        call.fault()
        call.wait(3)
        start = now_ms()
        call.wait(LOSS_SECS)
        context.window = (start, now_ms())
    call.healed()


def loss_10(context: Context) -> None:
    _lossy(context, 10)


def loss_20(context: Context) -> None:
    _lossy(context, 20)


def loss_30(context: Context) -> None:
    _lossy(context, 30)


def _narrow(context: Context, kbps: float) -> None:
    """The ladder has some seconds to find its rung; what counts is how it sounds then. People type as people do: five
    lines a second, there and back with their acknowledgements, would fill such a line by themselves.
    """
    call = context.running_call()
    for person in call.people.values():
        person.talk(every_ms=NARROW_TALK_MS)
    with call.link.under(rate_kbps=kbps):
        call.fault()
        call.wait(RATE_SETTLE_SECS)
        start = now_ms()
        call.wait(RATE_SECS)
        context.window = (start, now_ms())
    call.healed()
    call.await_media(call.healed_at)


def rate_150(context: Context) -> None:
    _narrow(context, 150)


def rate_100(context: Context) -> None:
    _narrow(context, 100)


def rate_40(context: Context) -> None:
    _narrow(context, 40)


def rate_20(context: Context) -> None:
    _narrow(context, 20)


# ---- relays ----------------------------------------------------------------------------------------------------------


def turn_killed(context: Context) -> None:
    context.topology.direct(False)
    call = context.running_call()
    pair = context.figures["pair"] = call.pair()
    selected = [turn for turn in context.topology.turns if turn.address in pair]
    if not selected:
        raise RuntimeError(f"no relay is in use: {pair}")
    call.fault()
    selected[0].kill()
    call.healed()
    call.wait(1)
    call.await_media(now_ms())
    call.settle(SETTLE_SECS)
    context.figures["pair_after"] = call.pair()


def turn_expired(context: Context) -> None:
    """Credentials of 10 s, a call of 15 s, and then a restart that needs a relay."""
    context.topology.server.reconfigure(TURN_TTL_SECS="10")
    try:
        context.topology.direct(False)
        call = context.running_call()
        call.wait(12)
        call.fault()
        context.topology.change_customer_address()
        call.healed()
        call.wait(1)
        call.await_media(now_ms())
        call.settle(SETTLE_SECS)
        context.figures["pair_after"] = call.pair()
    finally:
        context.topology.server.reconfigure()


# ---- our own processes -----------------------------------------------------------------------------------------------


def _kill_web(context: Context, call: Call) -> None:
    call.fault()
    context.topology.server.kill_web(0)
    call.wait(6)  # a call that did not outlive it would end within these
    call.healed()
    call.await_media(call.healed_at)


def web_killed(context: Context) -> None:
    _kill_web(context, context.running_call())


def web_killed_in_offer(context: Context) -> None:
    call = context.running_call()
    call.operator.restart_connection()
    _kill_web(context, call)


def _kill_redis(context: Context, call: Call) -> None:
    call.fault()
    context.topology.server.kill_redis()
    call.wait(10)
    context.topology.server.heal()
    call.healed()
    call.wait(6)
    call.await_media(now_ms())


def redis_killed(context: Context) -> None:
    _kill_redis(context, context.running_call())


def redis_killed_in_offer(context: Context) -> None:
    call = context.running_call()
    call.operator.restart_connection()
    _kill_redis(context, call)


# ---- the pages -------------------------------------------------------------------------------------------------------


def asleep_60(context: Context) -> None:
    """Every process of the customer's browser stops; the network stays."""
    call = context.running_call()
    namespace = context.topology.namespaces["customer"]
    call.fault()
    signal_all(namespace, signal.SIGSTOP)
    try:
        call.wait(60)
    finally:
        signal_all(namespace, signal.SIGCONT)
    call.healed()
    call.await_media(call.healed_at)
    call.settle(SETTLE_SECS)


def _reload(context: Context, *sides: str) -> None:
    call = context.running_call()
    call.wait(2)
    call.fault()
    for side in sides:
        # Not `page.reload`, which waits: both have to happen at once.
        call.people[side].page.evaluate("() => void setTimeout(() => location.reload(), 0)")
    call.healed()
    call.wait(1.5)
    call.await_media(now_ms())
    call.settle(SETTLE_SECS)


def reload_customer(context: Context) -> None:
    _reload(context, "customer")


def reload_operator(context: Context) -> None:
    _reload(context, "operator")


def reload_both(context: Context) -> None:
    _reload(context, "customer", "operator")


# ---- another operator ------------------------------------------------------------------------------------------------


def transfer(context: Context) -> None:
    """To a colleague who is free. From the claim, as the customer's page reads of it, to sound on both sides."""
    call = context.running_call()
    colleague = context.studio.colleague()
    call.pass_on(colleague, COLLEAGUE)
    call.await_that(lambda: handover(call.records(), call.fault_at) is not None, "media with the colleague")
    call.healed()
    colleague.talk()
    call.settle(SETTLE_SECS)
    context.figures["handover_ms"] = handover(call.records(), call.fault_at)


# ---- glare -----------------------------------------------------------------------------------------------------------


def glare_200(context: Context) -> None:
    """Both sides restart together: by turns through the console's button (it restarts both) and at the same moment by
    the browsers' own restartIce. Converged: both are stable and connected on new paths, and audio arrives.
    """
    call = context.running_call()
    call.fault()
    diverged = 0
    slowest = 0.0
    for turn in range(GLARES):
        started = time.monotonic()
        before = [_fragments(call, side) for side in call.people]
        if turn % 2:
            for person in call.people.values():
                person.page.evaluate("() => void window.lab.open().at(-1).restartIce()")
        else:
            call.operator.restart_connection()
        try:
            call.await_that(lambda before=before: _converged(call, before), "convergence", GLARE_SECS)  # type: ignore[misc]
        except RuntimeError:
            diverged += 1
        slowest = max(slowest, (time.monotonic() - started) * 1000)
    call.healed()
    call.await_media(now_ms())
    context.figures.update(diverged=diverged, slowest_ms=slowest, glares=GLARES)


def _fragments(call: Call, side: str) -> set[str]:
    return {connection["fragment"] for connection in call.people[side].connections()}


def _converged(call: Call, before: list[set[str]]) -> bool:
    for side, old in zip(call.people, before, strict=True):
        open_ones = call.people[side].connections()
        if len(open_ones) != 1 or open_ones[0]["signaling"] != "stable":
            return False
        if open_ones[0]["connection"] != "connected" or open_ones[0]["fragment"] in old:
            return False
    return True
