"""What calls leave behind in the figures: regions, success, setup and reconnects."""

from __future__ import annotations

from math import isnan
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from prometheus_client import REGISTRY

from queueing import metrics as queue_metrics
from queueing.live import store
from signaling import metrics
from signaling.wire.error_codes import CLOSES, ERRORS
from tests.signaling.client import Site


async def live(name: str) -> float:
    """A figure that is read from Redis at the scrape."""
    for family in await sync_to_async(lambda: list(queue_metrics.collect()))():
        for sample in family.samples:
            if sample.name == name:
                return float(sample.value)
    raise AssertionError(f"no such figure: {name}")


def counted(name: str, **labels: str) -> float:
    value = REGISTRY.get_sample_value(name, labels)
    assert value is not None, f"{name}{labels} is not at 0 from the start"
    return value


@pytest.fixture
def _eu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "known_regions", set())
    metrics.know_turn_regions(["eu"])


@pytest.mark.usefixtures("_eu")
async def test_a_turn_region_counts_once_per_call_and_party(site: Site, make_session: Any) -> None:
    customer, operator, _ = await site.call(await make_session())
    before = {region: counted("turn_selected_region_total", region=region) for region in ("eu", "other")}
    for peer in (customer, customer, operator, operator):
        await peer.send("call:stats", region="eu", rtt_ms=20)
        await peer.send("call:stats", region=None)
    await operator.send("call:stats", region="made-up")
    await customer.alive()
    await operator.alive()
    assert counted("turn_selected_region_total", region="eu") - before["eu"] == 2
    assert counted("turn_selected_region_total", region="other") - before["other"] == 1
    assert {stats["from"] for stats in operator.came("call:stats")} == {"customer", "operator"}


async def test_the_share_of_connected_calls(site: Site, make_session: Any) -> None:
    assert isnan(await live("webrtc_call_success_ratio"))
    session = await make_session()
    customer, operator, _ = await site.call(session)
    for peer in (customer, operator):
        for state in ("connecting", "connected", "reconnecting", "connected"):
            await peer.send("call:state", state=state)
        await peer.alive()
    assert await live("webrtc_call_success_ratio") == 1.0
    assert await live("webrtc_call_setup_seconds_count") == 1
    assert await live("webrtc_reconnect_seconds_count") == 2
    assert await live("queue_wait_seconds_count") == 1
    await operator.send("call:end")
    await customer.expect("call:ended")
    await customer.send("call:state", state="failed")  # late, and no attempt
    await customer.join("Ada")
    await operator.expect("queue:ready")
    for state in ("connecting", "failed"):
        await customer.send("call:state", state=state)
    await customer.alive()
    assert await live("webrtc_call_success_ratio") == 0.5
    assert await live("webrtc_calls_attempted_last_hour") == 2
    assert await live("handling_seconds_count") == 1


async def test_stats_and_states_of_another_conversation_are_refused(site: Site, make_session: Any) -> None:
    _customer, operator, _ = await site.call(await make_session())
    for kind, fields in (("call:stats", {}), ("call:state", {"state": "failed"}), ("chat:typing", {"on": True})):
        await operator.send(kind, conversation="that of before", **fields)
        await operator.error("wrong_conversation", ref=kind)
    assert operator.came("call:stats") == []


async def test_replays_and_resyncs_are_counted(site: Site, make_session: Any) -> None:
    customer, operator, joined = await site.call(await make_session())
    memory = {"token": joined["token"], "epoch": joined["epoch"], "last_seq": 0}
    await customer.cut()
    again = await site.customer(resume=memory)
    assert (await live("mailbox_replays_total"), await live("mailbox_replayed_frames_total")) == (1, 1)
    await again.cut()
    await site.customer(resume={**memory, "epoch": 1})
    assert await live("mailbox_resyncs_total") == 1
    await operator.alive()


def test_known_labels_are_there_from_the_start() -> None:
    for role in metrics.ROLES:
        counted("socket_connections_total", role=role)
        for state in metrics.CALL_STATES:
            counted("webrtc_call_state_total", role=role, state=state)
    for device_type in metrics.DEVICE_TYPES:
        counted("audio_output_selection_total", device_type=device_type)
    for code in CLOSES:
        counted("socket_closes_total", code=str(code))
    for error in ERRORS:
        counted("socket_frame_errors_total", code=error)
    counted("turn_selected_region_total", region="other")


async def test_every_histogram_ends_with_everything(site: Site) -> None:
    families = {family.name: family for family in await sync_to_async(lambda: list(queue_metrics.collect()))()}
    for name in queue_metrics.HISTOGRAMS:
        buckets = [sample for sample in families[name].samples if sample.name == f"{name}_bucket"]
        assert buckets[-1].labels == {"le": "+Inf"}
        assert len(buckets) == len(queue_metrics.BUCKET_SECS) + 1
    assert f"local BUCKETS = {len(queue_metrics.BUCKET_SECS)}\n" in (store.LUA / "lib/state.lua").read_text()
