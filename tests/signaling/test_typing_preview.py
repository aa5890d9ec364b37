"""What a customer is writing: to the operator alone, where the site shows it, and into nothing that is kept."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from queueing.history.models import ChatMessage, ConversationEvent
from queueing.tasks import record
from signaling.wire.fields import PREVIEW_CHARACTERS
from sites import lookup
from sites.models import Site as Website
from tests.queueing.world import contents
from tests.signaling.client import Peer, Site

SECRET = "kart numaram 4242"


async def shop(*, preview: bool, key: str | None = None) -> Website:
    if key is None:
        made = await Website.objects.acreate(name="Shop", typing_preview=preview)
    else:
        made, _new = await Website.objects.aupdate_or_create(key=key, defaults={"typing_preview": preview})
    lookup.sites.clear()
    return made


async def talk(server: Site, make_session: Any, **join: Any) -> tuple[Peer, Peer]:
    customer, operator, _ready = await server.call(await make_session(), **join)
    return customer, operator


async def passed(customer: Peer, operator: Peer) -> list[str]:
    """All previews that came before a line which was sent after them."""
    await customer.numbered("chat:message", text="sent")
    await operator.expect("chat:message", text="sent")
    return [frame["text"] for frame in operator.came("chat:preview")]


async def test_the_operator_sees_it_and_nothing_keeps_it(
    site: Site, make_session: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    website = await shop(preview=True)
    customer, operator = await talk(site, make_session, site=website.key)
    await customer.send("chat:preview", text=f"{SECRET}\u202e")
    shown = await operator.expect("chat:preview")
    assert (shown["text"], "seq" in shown) == (SECRET, False)
    assert SECRET not in str(await sync_to_async(contents)())
    await customer.numbered("chat:message", text="done")
    await operator.expect("chat:message")
    await sync_to_async(record)()
    kept = [str([row async for row in model.objects.values()]) for model in (ChatMessage, ConversationEvent)]
    assert "done" in kept[0]
    # The test's own client and the protocol's library would say at this level what passes; ours never do.
    logged = [
        str(vars(line)) for line in caplog.records if line.name.split(".")[0] in ("signaling", "queueing", "infra")
    ]
    assert logged
    assert not [text for text in (*kept, *logged) if SECRET in text]
    # Who comes back finds the chat, and no more.
    state = (await (await site.operator(await make_session())).expect("resync"))["state"]
    assert SECRET not in str(state)


async def test_without_the_sites_wish_nothing_is_passed_on(site: Site, make_session: Any) -> None:
    website = await shop(preview=False)
    customer, operator = await talk(site, make_session, site=website.key)
    await customer.send("chat:preview", text=SECRET)
    assert await passed(customer, operator) == []
    # It may be switched on and off while somebody talks.
    await shop(preview=True, key=website.key)
    await customer.send("chat:preview", text="now")
    await operator.expect("chat:preview", text="now")
    await shop(preview=False, key=website.key)
    await customer.send("chat:preview", text="again")
    assert await passed(customer, operator) == ["now"]


async def test_the_default_site_has_a_switch_of_its_own(site: Site, make_session: Any) -> None:
    await shop(preview=True, key="")
    customer, operator = await talk(site, make_session)
    await customer.send("chat:preview", text="merhaba")
    await operator.expect("chat:preview", text="merhaba")


async def test_after_a_reload_the_page_is_still_of_its_site(site: Site, make_session: Any) -> None:
    website = await shop(preview=True)
    customer, operator = await talk(site, make_session, site=website.key)
    token = customer.came("queue:joined")[0]["token"]
    reloaded = await site.customer(resume={"token": token})
    await reloaded.expect("resync")
    await reloaded.send("chat:preview", text="yine")
    await operator.expect("chat:preview", text="yine")


async def test_a_flood_is_thinned_out_and_costs_no_socket(site: Site, make_session: Any) -> None:
    website = await shop(preview=True)
    customer, operator = await talk(site, make_session, site=website.key)
    for number in range(40):
        await customer.send("chat:preview", text=f"n{number}")
    texts = await passed(customer, operator)
    assert 4 <= len(texts) <= 8
    await customer.alive()


@pytest.mark.parametrize("text", ["x" * (PREVIEW_CHARACTERS + 1), None, 5, ["x"]])
async def test_what_is_no_preview_is_refused_by_name(site: Site, make_session: Any, text: Any) -> None:
    customer, operator = await talk(site, make_session)
    await customer.send("chat:preview", text=text)
    assert "text" in (await customer.error("bad_frame"))["fields"]
    assert await passed(customer, operator) == []


async def test_only_customers_in_a_call_have_one(site: Site, make_session: Any) -> None:
    website = await shop(preview=True)
    waiting = await site.customer()
    await waiting.send("chat:preview", text="x")
    await waiting.error("not_attached")
    await waiting.join("Ada", site=website.key)
    await waiting.send("chat:preview", text=SECRET)
    await waiting.alive()
    operator = await site.operator(await make_session())
    await operator.send("operator:available", available=True)
    await operator.expect("queue:ready")
    assert operator.came("chat:preview") == []
    await operator.send("chat:preview", text="x")
    await operator.error("not_allowed")
