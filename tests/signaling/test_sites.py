"""The site of a conversation: from the join to the console, into history and reports; and what a made-up key is."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import Client
from django.utils import timezone

from accounts.models import Operator
from infra.redis.client import client
from queueing import tokens
from queueing.history.models import Conversation
from queueing.tasks import record
from sites import lookup
from sites.models import Site as Website
from tests.signaling.client import Site


async def shop(name: str = "Shop") -> Website:
    made = await Website.objects.acreate(name=name)
    lookup.sites.clear()
    return made


async def test_an_operator_sees_whose_page_it_is(site: Site, make_session: Any) -> None:
    website = await shop("Mağaza")
    session = await make_session()
    operator = await site.operator(session)
    customer = await site.customer()
    joined = await customer.join("Ada", site=website.key, attributes={"plan": "pro"})
    board = await operator.expect("board", waiting_total=1)
    assert board["waiting"][0]["site"] == "Mağaza"
    await operator.send("operator:available", available=True)
    peer = (await operator.expect("queue:ready"))["peer"]
    assert (peer["site"], peer["attributes"]) == ("Mağaza", {"plan": "pro"})
    # Also on a page of the console that was loaded anew.
    state = (await (await site.operator(session)).expect("resync"))["state"]
    assert (state["peer"]["site"], state["peer"]["attributes"]) == ("Mağaza", {"plan": "pro"})
    assert "site" not in (await customer.expect("queue:ready"))["peer"]
    await sync_to_async(record)()
    row = await Conversation.objects.aget(pk=joined["conversation"])
    assert row.site == website.key


@pytest.mark.parametrize("key", [None, "", "nosuchsite", "x" * 32, "constructor"])
async def test_without_a_site_that_there_is_it_is_the_default_one(
    site: Site, make_session: Any, key: str | None
) -> None:
    await shop()
    operator = await site.operator(await make_session())
    customer = await site.customer()
    joined = await customer.join("Ada", site=key)
    board = await operator.expect("board", waiting_total=1)
    assert "site" not in board["waiting"][0]
    await sync_to_async(record)()
    assert (await Conversation.objects.aget(pk=joined["conversation"])).site == ""


@pytest.mark.parametrize("key", ["x" * 33, "\x00", "no such site", "__proto__", "ş", 7])
async def test_what_can_be_no_key_is_named(site: Site, key: Any) -> None:
    customer = await site.customer()
    await customer.send("queue:join", name="Ada", media="chat", site=key)
    assert "site" in (await customer.error("bad_frame"))["fields"]
    assert (await customer.join("Ada"))["position"] == 1


async def test_the_site_outlives_a_wiped_redis(site: Site, make_session: Any) -> None:
    website = await shop()
    customer = await site.customer()
    joined = await customer.join("Ada", site=website.key)
    assert tokens.read(joined["token"]).site == website.key
    client().flushall()
    await site.customer(resume={"token": joined["token"]})
    operator = await site.operator(await make_session())
    assert (await operator.expect("board", waiting_total=1))["waiting"][0]["site"] == "Shop"
    await sync_to_async(record)()
    assert (await Conversation.objects.aget(pk=joined["conversation"])).site == website.key


def test_a_token_of_the_release_before_is_read() -> None:
    ticket = tokens.Ticket("c" * 16, "1", "Ada", "chat", "tr", "", "", False)
    assert tokens.read(tokens.sign(ticket)) == ticket
    named = tokens.Ticket("c" * 16, "1", "Ada", "chat", "tr", "", "", False, site="s" * 16)
    assert tokens.read(tokens.sign(named)) == named


@pytest.fixture
def operators_browser(redis_server: str, transactional_db: None) -> Client:
    browser = Client(headers={"Accept-Language": "en"})
    browser.force_login(Operator.objects.create_user("ayse", name="Ayşe"))
    return browser


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume asynchronous iterators:Warning")
def test_history_and_reports_can_be_asked_for_one_site(operators_browser: Client) -> None:
    website = Website.objects.create(name="Shop <b>")
    for name, key in {"Ada": website.key, "Bora": "", "Can": "goneGONEgoneGONE"}.items():
        Conversation.objects.create(pk=name.lower(), name=name, joined_at=timezone.now(), site=key)
    order = {"key": "order", "kind": "text", "value": "=1+1", "label": "Order"}
    Conversation.objects.filter(pk="ada").update(answers=[order, {"key": "a", "kind": "consent", "value": True}])
    lookup.sites.clear()

    def names(query: str) -> set[str]:
        page = operators_browser.get(f"/admin/queueing/conversation/{query}").content.decode()
        return set(re.findall(r'ad-conversation-who" dir="auto">(\w+)<', page))

    assert names("") == {"Ada", "Bora", "Can"}
    assert names(f"?site={website.key}") == {"Ada"}
    assert names("?site=default") == {"Bora"}
    assert names("?site=goneGONEgoneGONE") == {"Can"}
    assert operators_browser.get("/admin/queueing/conversation/?site=%00").status_code == 400
    page = operators_browser.get("/admin/queueing/conversation/ada/change/").content.decode()
    assert "Shop &lt;b&gt;" in page
    assert (
        operators_browser.get("/admin/queueing/conversation/ada/export.json").json()["conversation"]["site"]
        == website.key
    )

    page = operators_browser.get(f"/admin/reports/?days=7&site={website.key}").content.decode()
    assert re.search(r"<dt>Customers</dt><dd><strong>1<", page)
    assert f'<option value="{website.key}" selected>Shop &lt;b&gt;</option>' in page
    answer = operators_browser.get("/admin/reports/conversations.csv?days=7&separator=comma")
    table = list(csv.DictReader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))  # type: ignore[arg-type]
    assert {row["name"]: row["site"] for row in table} == {
        "Ada": "Shop <b>", "Bora": "Default site", "Can": "goneGONEgoneGONE",
    }  # fmt: skip
    assert next(row["answers"] for row in table if row["name"] == "Ada") == "Order: =1+1 · A: yes"


def test_with_one_site_no_page_speaks_of_sites(operators_browser: Client) -> None:
    Conversation.objects.create(pk="ada", name="Ada", joined_at=timezone.now())
    for address in (
        "/admin/queueing/conversation/",
        "/admin/queueing/conversation/ada/change/",
        "/admin/reports/?days=7",
    ):
        page = operators_browser.get(address).content.decode()
        assert "Default site" not in page
        assert 'name="site"' not in page
