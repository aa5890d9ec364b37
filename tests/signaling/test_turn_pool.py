"""A TURN region that pages cannot reach is passed over: offered last, by every process, until it is reached again."""

from typing import Any

import pytest
from prometheus_client import REGISTRY

from signaling import metrics
from support.config.types import TurnServer
from tests.signaling.client import Peer, Site

REGIONS = ("eu", "us", "asia")


@pytest.fixture(autouse=True)
def _pool(settings: Any) -> None:
    settings.TURN_SECRET = "shared-with-coturn-0123456789"
    settings.TURN_SERVERS = [
        TurnServer(region=region, urls=[f"turn:{region}.example:3478"], priority=number)
        for number, region in enumerate(REGIONS, 1)
    ]
    metrics.know_turn_regions(REGIONS)


async def failing(site: Site, name: str) -> Peer:
    """A customer who waits and reaches every region but `eu`."""
    customer = await site.customer()
    await customer.join(name)
    turn = [{"region": region, "transport": "udp", "ok": region != "eu"} for region in REGIONS]
    await customer.send("device:check", microphone="ok", turn=turn)
    await customer.alive()
    return customer


async def order(peer: Peer) -> list[str]:
    await peer.send("ice:refresh")
    return [server["region"] for server in (await peer.expect("ice:servers"))["ice_servers"]]


def faults(region: str) -> float:
    return REGISTRY.get_sample_value("turn_region_faults_total", {"region": region}) or 0.0


async def test_a_region_that_fails_for_several_is_offered_last(site: Site, make_session: Any) -> None:
    before = faults("eu")
    ada = await failing(site, "Ada")
    assert await order(ada) == ["eu", "us", "asia"]
    bora = await failing(site, "Bora")
    assert await order(ada) == ["us", "asia", "eu"]
    assert await order(bora) == ["us", "asia", "eu"]
    assert faults("eu") == before + 2


async def test_new_calls_begin_with_the_others(site: Site, make_session: Any) -> None:
    ada = await failing(site, "Ada")
    bora = await failing(site, "Bora")
    await order(bora)  # this process knows now, not only at its next look
    operator = await site.operator(await make_session())
    await operator.send("operator:available", available=True)
    for peer in (ada, operator):
        ready = await peer.expect("queue:ready")
        assert [server["region"] for server in ready["ice_servers"]] == ["us", "asia", "eu"]


async def test_fresh_credentials_are_given_at_every_asking(site: Site, make_session: Any) -> None:
    customer, _operator, _ = await site.call(await make_session())
    await customer.send("ice:refresh")
    servers = (await customer.expect("ice:servers"))["ice_servers"]
    assert all(server["username"] and server["credential"] for server in servers)
    assert len({server["username"] for server in servers}) == 1
