"""What the widget says of its page comes with the join, to the operator alone; a mistake in it costs nothing."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from prometheus_client import REGISTRY

from accounts.devices import browser_of, system_of
from queueing.history.models import Conversation
from queueing.tasks import record
from tests.signaling.client import Site

SEEN = {"page": "https://shop.example/kasa", "title": "Kasa", "time_zone": "Europe/Istanbul"}


def unread(field: str) -> float:
    return REGISTRY.get_sample_value("visit_facts_unread_total", {"field": field}) or 0.0


async def test_the_operator_sees_it_and_the_customer_does_not(site: Site, make_session: Any) -> None:
    operator = await site.operator(await make_session())
    await operator.send("operator:available", available=True)
    customer = await site.customer()
    joined = await customer.join("Ada", visit={**SEEN, "page": f"{SEEN['page']}?token=1", "extra": "x"})
    peer = (await operator.expect("queue:ready"))["peer"]
    assert {name: peer["visit"][name] for name in SEEN} == SEEN
    assert "visit" not in (await customer.expect("queue:ready"))["peer"]
    await sync_to_async(record)()
    row = await Conversation.objects.aget(pk=joined["conversation"])
    assert row.visit == peer["visit"]


@pytest.mark.parametrize(
    ("visit", "field"),
    [
        ("x", "visit"), ([1], "visit"), ({"page": {"a": 1}}, "page"), ({"title": 5}, "title"),
        ({"time_zone": "x" * 9000}, "time_zone"), ({"referrer": "javascript:x"}, "referrer"),
    ],
)  # fmt: skip
async def test_what_cannot_be_read_is_counted_and_keeps_nobody_out(site: Site, visit: Any, field: str) -> None:
    before = unread(field)
    customer = await site.customer()
    assert (await customer.join("Ada", visit=visit))["position"] == 1
    assert unread(field) == before + 1


@pytest.mark.parametrize(
    ("agent", "browser", "system"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/128.0.0.0 Safari/537.36",
         "Chrome 128", "Windows"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/128.0.0.0 Safari/537.36 Edg/127.0.0.0",
         "Edge 127", "Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Safari/604.1",
         "Safari 17", "iPhone"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) EdgiOS/125.0.2535.60 Version/17.0 Safari/605.1.15",
         "Edge 125", "iPhone"),
        ("Mozilla/5.0 (Linux; Android 14; SM-S911B) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36",
         "Samsung Internet 25", "Android"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox 130", "Linux"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/12345.0 Safari", "Chrome 1234", "macOS"),
        ("curl/8.5.0", "", ""), ("", "", ""), ("Chrome", "Chrome", ""), ("Safari", "Safari", ""),
        ("Edg" * 200, "Edge", ""),
    ],
)  # fmt: skip
def test_browsers_in_words(agent: str, browser: str, system: str) -> None:
    assert (browser_of(agent), system_of(agent)) == (browser, system)
