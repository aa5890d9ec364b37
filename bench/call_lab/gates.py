"""The table: every row's scenario, the figure that counts, and what it may be at most. Nothing else decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from bench.call_lab import scenarios
from bench.call_lab.context import Context


@dataclass(frozen=True)
class Row:
    """`figure` of a run's result is gated by `limit`. `measured` is the figure of one run of plain Chromium code on a
    machine like ours, where there is one. A quick row also runs in the tests."""

    name: str
    title: str
    scenario: Callable[[Context], None]
    figure: str
    limit: float
    unit: str = "ms"
    measured: str = "–"
    quick: bool = False
    runs: int | None = None  # instead of the default
    # Chosen here, by comparison with the other rows, not by an earlier measurement.
    own_gate: bool = False


GAP, RECOVERY, CONCEALED = "audio_gap_ms", "recovery_ms", "concealed_pct"

ROWS = [
    Row("setup", "call set-up, no added delay", scenarios.setup, "setup_ms", 500, measured="310", quick=True),
    Row("blackhole-3", "3 s blackhole", scenarios.blackhole_3, GAP, 3800, measured="3100", quick=True),
    Row("blackhole-20", "20 s blackhole, after link-up", scenarios.blackhole_20, RECOVERY, 1500, measured="700"),
    Row("address-change", "customer's address changes", scenarios.address_change, GAP, 3000, measured="2400"),
    Row("turn-killed", "selected TURN killed", scenarios.turn_killed, GAP, 4500, measured="3800"),
    Row("turn-expired", "TURN credentials expired, then address change", scenarios.turn_expired, GAP, 6000,
        measured="401", own_gate=True),
    Row("loss-10", "10 % loss", scenarios.loss_10, CONCEALED, 1.5, "%", "0.6"),
    Row("loss-20", "20 % loss", scenarios.loss_20, CONCEALED, 5, "%", "3.4"),
    Row("loss-30", "30 % loss", scenarios.loss_30, CONCEALED, 9, "%", "7.3"),
    Row("rate-150", "150 kbit/s", scenarios.rate_150, CONCEALED, 2, "%", "0"),
    Row("rate-100", "100 kbit/s", scenarios.rate_100, CONCEALED, 2, "%", "0"),
    Row("rate-40", "40 kbit/s", scenarios.rate_40, CONCEALED, 2, "%", "0"),
    Row("rate-20", "20 kbit/s", scenarios.rate_20, CONCEALED, 2, "%", "0.75"),
    Row("web-killed", "customer's web process killed", scenarios.web_killed, GAP, 0, quick=True),
    Row("web-killed-offer", "web process killed in mid-offer", scenarios.web_killed_in_offer, GAP, 0),
    Row("redis-killed", "Redis killed for 10 s", scenarios.redis_killed, GAP, 0),
    Row("redis-killed-offer", "Redis killed in mid-offer", scenarios.redis_killed_in_offer, GAP, 0),
    Row("udp-blocked", "UDP blocked: set-up by TURN/TCP", scenarios.udp_blocked, "setup_ms", 3000, own_gate=True),
    Row("tls-only", "only TLS passes: set-up by TURN/TLS", scenarios.tls_only, "setup_ms", 3000, own_gate=True),
    Row("asleep-60", "laptop asleep for 60 s, after waking", scenarios.asleep_60, RECOVERY, 3000, own_gate=True),
    Row("reload-customer", "customer reloads the page", scenarios.reload_customer, RECOVERY, 3000, own_gate=True),
    Row("reload-operator", "operator reloads the console", scenarios.reload_operator, RECOVERY, 4000, own_gate=True),
    Row("reload-both", "both reload at once", scenarios.reload_both, RECOVERY, 5000, own_gate=True),
    Row("transfer", "passed on: from the claim to media with the colleague", scenarios.transfer, "handover_ms", 1500),
    Row("glare-200", "glare: both restart, 200 times; not converged", scenarios.glare_200, "diverged", 0, "", runs=1),
]  # fmt: skip

# What is asked of Firefox unless rows are named: setting up, losing the way, and coming back.
FIREFOX_ROWS = {
    "setup", "blackhole-3", "blackhole-20", "address-change", "turn-killed",
    "reload-customer", "reload-operator", "reload-both",
}  # fmt: skip


def in_firefox(rows: list[Row], sides: list[str], *, every: bool) -> list[Row]:
    """The same rows and gates with Firefox on `sides`, by names of their own such as `setup-firefox-customer`: so each
    miss is listed for itself. Without `every` only those of `FIREFOX_ROWS`.
    """
    suffix = f"firefox-{'both' if len(sides) > 1 else sides[0]}"
    return [replace(row, name=f"{row.name}-{suffix}") for row in rows if every or row.name in FIREFOX_ROWS]
