"""A closed site takes nobody new, decided in the step of the join; who is in already stays in."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from hours.models import OpeningHours
from hours.zones import MINUTE_MS
from infra.redis.bus import Bus
from infra.redis.client import client as redis
from infra.redis.client import execute
from infra.redis.scripts import key
from queueing import services
from queueing.errors import QueueRefused
from queueing.live import store
from queueing.services import JoinRequest
from sites import lookup
from sites.models import Site
from tests.queueing.world import Customer, a_call, redis_now_ms, refused, status
from tests.sites.test_pages import told
from tests.support.test_pages import config_of

HOUR_MS = 60 * MINUTE_MS


def join(customer: Customer, takes: list[tuple[int, int]] | None, **fields: Any) -> None:
    record = {"id": f"cid-{customer.name}", "name": customer.name, "media": "chat", "locale": "tr", "topic": ""}
    customer.last = execute(store.join(customer.conn, {**record, **fields}, None, takes))
    customer.cid = customer.last.conversation


@pytest.mark.usefixtures("running")
def test_the_clock_of_redis_decides_at_the_moment_of_the_join() -> None:
    now = redis_now_ms()
    open_now, past, ahead = (now - HOUR_MS, now + HOUR_MS), (now - HOUR_MS, now - 1), (now + HOUR_MS, now + 2 * HOUR_MS)
    for number, takes in enumerate(([], [past], [ahead], [past, ahead])):
        with refused("closed"):
            join(Customer(f"late-{number}"), takes)
    for number, takes in enumerate((None, [open_now], [past, open_now], [open_now, ahead])):
        join(Customer(f"early-{number}"), takes)
    assert status()["stats"]["refused:closed"] == 4


@pytest.mark.usefixtures("running")
def test_who_was_in_before_stays_in() -> None:
    now = redis_now_ms()
    ada = Customer("ada")
    join(ada, [(now - HOUR_MS, now + HOUR_MS)], join_key="k" * 20)
    # Its answer was lost, the page asks again, and meanwhile it has closed.
    join(ada, [], id="another", join_key="k" * 20)
    assert ada.last is not None
    assert ada.last.existing
    ada.disconnect()
    assert ada.reconnect().status == "waiting"


@pytest.mark.usefixtures("running")
def test_who_lost_a_call_to_the_network_goes_on_after_closing() -> None:
    ada, deniz = a_call()
    execute(store.finish(ada.party, ada.conn, ada.cid, "connection", "customer"))
    deniz.available()
    join(Customer("back"), [], returning_from=ada.cid)
    with refused("closed"):
        join(Customer("again"), [], returning_from=ada.cid)


@pytest.fixture
def hours(redis_server: str, transactional_db: None) -> OpeningHours:
    """Of the default site: closed all week."""
    return OpeningHours.objects.create(site=Site.objects.get(key=""), zone="UTC")


def always(hours: OpeningHours) -> OpeningHours:
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    OpeningHours.objects.filter(pk=hours.pk).update(**dict.fromkeys(days, "00:00–24:00"))
    hours.refresh_from_db()
    hours.save()
    return hours


async def asked() -> QueueRefused | services.Joined:
    bus = Bus()
    await bus.wait_up()
    try:
        return await services.join(bus, f"{bus.process_id}|1", JoinRequest(name="Ada", media="chat"))
    except QueueRefused as found:
        return found
    finally:
        await bus.close()


@pytest.mark.django_db(transaction=True)
async def test_a_save_is_in_force_as_soon_as_it_is_read_and_redis_keeps_nothing_of_it(
    hours: OpeningHours, client: Client
) -> None:
    lookup.sites.forget()
    answer = await asked()
    assert isinstance(answer, QueueRefused)
    assert (answer.code, answer.retryable, answer.opens_at) == ("closed", False, None)
    await sync_to_async(always)(hours)
    await sync_to_async(lookup.current)()
    answer = await asked()
    assert isinstance(answer, services.Joined)
    assert answer.closing is None
    await sync_to_async(hours.delete)()
    await sync_to_async(lookup.current)()
    assert isinstance(await asked(), services.Joined)
    assert not any("hours" in name for name in redis().keys(key("*")))  # type: ignore[union-attr]


@pytest.mark.django_db
def test_pages_hear_of_hours_where_there_are_some(client: Client, hours: OpeningHours) -> None:
    lookup.sites.forget()
    page = client.get("/widget/")
    assert config_of(page)["hours"] == {"zone": "UTC", "opens": None}
    assert " data-closed>" in page.content.decode()
    assert told(client.get("/site.js"))["hours"] == []
    always(hours)
    lookup.sites.forget()
    page = client.get("/widget/")
    assert config_of(page)["hours"] == {"zone": "UTC"}
    assert " data-closed" not in page.content.decode()
    ((opens, closes),) = told(client.get("/site.js"))["hours"]
    assert opens <= redis_now_ms() < closes
    hours.delete()
    lookup.sites.forget()
    assert "hours" not in config_of(client.get("/widget/"))
    assert "hours" not in told(client.get("/site.js"))
