"""The floor over HTTP: what it shows, what its buttons do, who is written down for it, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.access.permissions import Role
from accounts.access.roles import give_role
from accounts.models import AuditEvent, Operator
from harness.redis_process import RedisProcess
from infra.redis.client import execute
from queueing.history.fairness_models import FairnessEntry
from queueing.history.models import Conversation
from queueing.history.recording import journal
from queueing.live import store
from sites import lookup
from sites.line_models import Line, Member
from tests.queueing.world import Customer, a_call, end_wrap_up, is_available, lease, problems, settle
from tests.queueing.world import Operator as Desk

pytestmark = pytest.mark.django_db(transaction=True)
FLOOR, ACT = "/admin/floor/", "/admin/floor/act/"
Browser = Callable[[Operator], Client]
FIELDS = ("act", "conversation", "operator", "to", "note")
WORDS = (
    "transfer",
    "end",
    "take",
    "claim",
    "break",
    "cid-ada",
    "cid-bora",
    "deniz",
    "eda",
    "sema",
    "|sales",
    "|default",
    "",
    "\x00",
    "a" * 70,
)


@pytest.fixture(autouse=True)
def _running(redis_server: str) -> None:
    lease()
    settle()


@pytest.fixture
def sema(browser: Browser) -> Client:
    operator = Operator.objects.create_user("sema", name="Sema")
    give_role(operator, Role.SUPERVISOR)
    return browser(operator)


def said(answer: HttpResponse) -> str:
    assert answer.status_code == 302
    return " ".join(str(one) for one in get_messages(answer.wsgi_request))  # type: ignore[attr-defined]


def connected(name: str) -> Desk:
    desk = Desk(name)
    desk.connect()
    return desk


def test_it_shows_who_talks_who_waits_and_what_operators_do(sema: Client) -> None:
    ada, deniz = a_call()
    bora = Customer("bora")
    bora.join(name="<b>Bora</b>", topic="Fatura")
    execute(store.report(ada.party, ada.conn, "call:stats", None, {"quality": 1.2}))
    execute(store.report(deniz.party, deniz.conn, "call:stats", None, {"quality": 4.5}))
    for path in (FLOOR, FLOOR + "live/"):
        page = sema.get(path).content.decode()
        assert "with <bdi>Deniz</bdi>" in page
        assert 'data-tone="bad" title="customer: bad, operator: good"' in page
        assert "&lt;b&gt;Bora&lt;/b&gt;" in page
        assert "Fatura" in page
        assert "in a conversation" in page
    assert sema.get(FLOOR)["Cache-Control"].startswith("max-age=0")


def test_each_step_is_done_and_written_down(sema: Client) -> None:
    ada, deniz = a_call()
    eda = connected("eda")
    eda.available()
    passed = {
        "act": "transfer",
        "conversation": ada.cid,
        "operator": "deniz",
        "to": "eda",
        "note": "speaks\u202e German",
    }
    assert "Done" in said(sema.post(ACT, passed))
    assert eda.serving == ada.cid
    assert "changed meanwhile" in said(sema.post(ACT, passed))
    connected("sema")
    assert "Done" in said(sema.post(ACT, {"act": "take", "conversation": ada.cid, "operator": "eda"}))
    assert execute(store.operator_state("sema")).conversation == ada.cid
    assert "Done" in said(sema.post(ACT, {"act": "end", "conversation": ada.cid, "operator": "sema"}))
    bora = Customer("bora")
    deniz.available(False)
    eda.available()
    assert "Done" in said(sema.post(ACT, {"act": "break", "operator": "eda"}))
    assert not is_available("eda")
    bora.join()
    assert "Done" in said(sema.post(ACT, {"act": "claim", "conversation": bora.cid}))
    trail = AuditEvent.objects.filter(kind="floor_step", actor="sema").order_by("id")
    assert [event.detail["act"] for event in trail] == ["transfer", "take", "end", "break", "claim"]
    journal.record()
    kept = FairnessEntry.objects.filter(kind="supervised").order_by("id")
    assert [(row.act, row.admin_id, row.to) for row in kept] == [
        ("transfer", "sema", "Eda"), ("take", "sema", "Sema"), ("end", "sema", "")
    ]  # fmt: skip
    assert FairnessEntry.objects.get(kind="transferred", admin_id="deniz").note == "speaks German"
    page = sema.get(f"/admin/queueing/conversation/{ada.cid}/change/").content.decode()
    assert "Sema, a supervisor, takes it over" in page
    assert Conversation.objects.get(pk=ada.cid).reason == "removed"
    assert problems() == []


def test_where_nobody_is_passed_on_it_offers_to_take_over_alone(sema: Client, settings: Any) -> None:
    ada, _deniz = a_call()
    connected("sema")
    assert "Pass on" in sema.get(FLOOR).content.decode()
    settings.TRANSFER_HOLD_SECS = 0
    page = sema.get(FLOOR).content.decode()
    assert "Pass on" not in page
    assert "Take over" in page
    passed = {"act": "transfer", "conversation": ada.cid, "operator": "deniz"}
    assert "cannot be passed on here" in said(sema.post(ACT, passed))
    assert "Done" in said(sema.post(ACT, {**passed, "act": "take"}))
    assert execute(store.operator_state("sema")).conversation == ada.cid
    assert problems() == []


def test_it_says_of_which_department_somebody_is_and_passes_on_to_one(sema: Client) -> None:
    ece = Operator.objects.create_user("ece", name="Ece")
    page = sema.get(FLOOR).content.decode()
    assert "|" not in page
    Member.objects.create(line=Line.objects.create(key="sales", names={"en": "Sales"}), operator=ece)
    lookup.sites.clear()
    ada, _deniz = a_call()
    Customer("bora").join(line="sales", line_name="Sales")
    page = sema.get(FLOOR).content.decode()
    assert '<option value="|sales">Sales – department</option>' in page
    assert page.count("<bdi>Sales</bdi>") == 1
    assert "<bdi>no department</bdi>" in page
    passed = {"act": "transfer", "conversation": ada.cid, "operator": "deniz", "to": "|sales"}
    assert "Nobody else of this department" in said(sema.post(ACT, passed))
    assert "no such department" in said(sema.post(ACT, passed | {"to": "|nosuch"}))
    expert = Desk("ece", lines="sales=1")
    expert.connect()
    expert.available()
    expert.end()
    assert "Done" in said(sema.post(ACT, passed))
    end_wrap_up(expert)
    assert expert.serving == ada.cid
    assert sema.get(FLOOR).content.decode().count("<bdi>Sales</bdi>") == 2
    journal.record()
    assert Conversation.objects.get(pk=ada.cid).line == "sales"
    assert FairnessEntry.objects.get(kind="supervised").to == "Sales"
    assert problems() == []


def test_who_supervises_nobody_sees_none_of_it(deniz: Operator, browser: Browser) -> None:
    ada, _desk = a_call()
    client = browser(deniz)
    assert [client.get(path).status_code for path in (FLOOR, FLOOR + "live/")] == [403, 403]
    step = {"act": "end", "conversation": ada.cid, "operator": "deniz"}
    assert client.post(ACT, step).status_code == 403
    assert Client().post(ACT, step).status_code in (302, 403)
    assert "admin/floor" not in client.get("/admin/").content.decode()
    assert execute(store.operator_state("deniz")).conversation == ada.cid


def test_without_redis_the_page_says_so_and_its_rows_are_late(sema: Client, redis_process: RedisProcess) -> None:
    assert sema.get(FLOOR + "live/").status_code == 200
    redis_process.kill()
    assert sema.get(FLOOR + "live/").status_code in (302, 503)


@given(given_=st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(WORDS) | st.text(max_size=600), min_size=1))
@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_sent_is_a_step_or_none(given_: dict[str, str]) -> None:
    supervisor, new = Operator.objects.get_or_create(username="sema", defaults={"name": "Sema"})
    if new:
        give_role(supervisor, Role.SUPERVISOR)
    client = Client(raise_request_exception=True)
    client.force_login(supervisor)
    ada, _deniz = a_call()
    assert client.post(ACT, given_).status_code in (302, 400)
    assert client.get(FLOOR).status_code == 200
    assert problems() == []
    execute(store.remove(ada.cid))
