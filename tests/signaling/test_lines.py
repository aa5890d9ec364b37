"""The department of a conversation: from the page's tag, the form or the site to whoever serves it, into history."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import sync_to_async

from accounts.models import Operator
from infra.redis.client import client, execute
from queueing import staffing, tokens
from queueing.history.models import Conversation
from queueing.live import store
from queueing.tasks import record
from sites import lookup
from sites.line_models import Line, Member
from sites.models import Site as Website
from tests.signaling.client import Site


async def line(key: str, name: str, *members: str, **fields: Any) -> Line:
    """`members`: ids of operators who serve it."""
    made = await Line.objects.acreate(key=key, names={"tr": name}, **fields)
    for admin_id in members:
        await Member.objects.acreate(line=made, operator=await Operator.objects.aget(username=admin_id))
    await sync_to_async(staffing.tell)()
    lookup.sites.clear()
    return made


async def test_a_customer_waits_for_whoever_serves_the_department(site: Site, make_session: Any) -> None:
    expert_session, session = await make_session("ece"), await make_session("deniz")
    await line("sales", "Satış", "ece", wrap_up_secs=7)
    customer = await site.customer()
    joined = await customer.join("Ada", line="sales")
    assert (joined["position"], joined["staffed"]) == (1, False)
    operator = await site.operator(session)
    board = await operator.expect("board", waiting_total=1)
    assert board["waiting"][0]["line"] == "Satış"
    assert board["lines"] == [{"key": "sales", "name": "Satış"}]
    await operator.send("operator:available", available=True)
    expert = await site.operator(expert_session)
    await expert.send("operator:available", available=True)
    peer = (await expert.expect("queue:ready"))["peer"]
    assert peer["line"] == "Satış"
    await sync_to_async(record)()
    row = await Conversation.objects.aget(pk=joined["conversation"])
    assert (row.line, row.admin_id) == ("sales", "ece")


async def test_each_operator_reads_how_many_wait_for_the_departments_it_serves(site: Site, make_session: Any) -> None:
    expert_session, session = await make_session("ece"), await make_session("deniz")
    await line("sales", "Satış", "ece")
    expert, operator = await site.operator(expert_session), await site.operator(session)
    await (await site.customer()).join("Ada", line="sales")
    assert (await expert.expect("board", waiting_total=1))["waiting_mine"] == 1
    assert (await operator.expect("board", waiting_total=1))["waiting_mine"] == 0
    await (await site.customer()).join("Bora")
    assert (await expert.expect("board", waiting_total=2))["waiting_mine"] == 1
    assert (await operator.expect("board", waiting_total=2))["waiting_mine"] == 1


async def test_the_form_comes_before_the_page_and_the_page_before_the_site(site: Site) -> None:
    own = await line("sales", "Satış")
    await line("tech", "Teknik")
    await line("billing", "Fatura")
    website = await Website.objects.acreate(name="Shop", line=own, ask_line="optional")
    lookup.sites.clear()
    for said, expected in (
        ({}, "sales"),
        ({"line": "tech"}, "tech"),
        ({"line": "nosuch"}, "sales"),
        ({"line": "tech", "answers": {"line": "Fatura"}}, "billing"),
    ):
        customer = await site.customer()
        joined = await customer.join("Ada", site=website.key, **said)
        assert tokens.read(joined["token"]).line == expected
    customer = await site.customer()
    joined = await customer.join("Ada")
    assert tokens.read(joined["token"]).line == ""


@pytest.mark.parametrize("key", ["x" * 33, "\x00", "no such line", "Sales", "ş", 7, "a/b"])
async def test_what_can_be_no_key_is_named(site: Site, key: Any) -> None:
    customer = await site.customer()
    await customer.send("queue:join", name="Ada", media="chat", line=key)
    assert "line" in (await customer.error("bad_frame"))["fields"]
    assert (await customer.join("Ada"))["position"] == 1


async def test_the_department_outlives_a_wiped_redis(site: Site) -> None:
    await line("sales", "Satış", priority=2)
    customer = await site.customer()
    joined = await customer.join("Ada", line="sales")
    assert (tokens.read(joined["token"]).line, tokens.read(joined["token"]).priority) == ("sales", 2)
    client().flushall()
    await site.customer(resume={"token": joined["token"]})
    status = await sync_to_async(execute)(store.status())
    assert status["lines"]["sales"]["waiting"] == 1
    assert await sync_to_async(execute)(store.check(fix=False)) == []


async def test_an_operator_passes_a_customer_on_to_a_department(site: Site, make_session: Any) -> None:
    session, expert_session = await make_session("deniz"), await make_session("ece")
    await line("tech", "Teknik", "ece")
    operator, expert = await site.operator(session), await site.operator(expert_session)
    for one in (operator, expert):
        await one.send("operator:available", available=True)
    customer = await site.customer()
    joined = await customer.join("Ada")
    await operator.expect("queue:ready")
    await operator.send("call:transfer", id=1, conversation=joined["conversation"], to_line="nosuch")
    await operator.error("line_unknown")
    await operator.send("call:transfer", id=2, conversation=joined["conversation"], to_line="tech", note="Modem")
    peer = (await expert.expect("queue:ready"))["peer"]
    assert (peer["line"], peer["transfer"]["note"]) == ("Teknik", "Modem")
    await sync_to_async(record)()
    assert (await Conversation.objects.aget(pk=joined["conversation"])).line == "tech"


def test_a_token_says_nothing_of_the_default_line() -> None:
    plain = tokens.Ticket("c" * 16, "1", "Ada", "chat", "tr", "", "", False)
    assert tokens.read(tokens.sign(plain)) == plain
    named = tokens.Ticket("c" * 16, "1", "Ada", "chat", "tr", "", "", False, line="sales", priority=3)
    assert tokens.read(tokens.sign(named)) == named


async def test_places_follow_whichever_line_changes(site: Site) -> None:
    await line("sales", "Satış")
    await line("tech", "Teknik")
    peers = {}
    for name, where in (("ada", "tech"), ("bora", "tech"), ("cem", "sales"), ("deniz", "sales"), ("ece", "")):
        peers[name] = await site.customer()
        await peers[name].join(name, **({"line": where} if where else {}))
    await peers["ada"].send("queue:leave")
    await peers["bora"].expect("queue:position", position=1, waiting=1)
    await peers["cem"].send("queue:leave")
    await peers["deniz"].expect("queue:position", position=1, waiting=1)
    late = await site.customer()
    await late.join("fatma", line="tech")
    await peers["bora"].expect("queue:position", position=1, waiting=2)
    await peers["bora"].send("queue:leave")
    await late.expect("queue:position", position=1, waiting=1)
