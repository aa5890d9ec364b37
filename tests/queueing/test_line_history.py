"""Departments in what is read later: reports and their files, the list of conversations, the log, notifications."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Operator as Account
from infra.redis.client import execute
from notifications.models import Card, Tier
from notifications.telling import recipients
from queueing import staffing
from queueing.history.fairness_models import FairnessEntry
from queueing.history.models import Conversation
from queueing.history.recording import fairness, journal
from queueing.live import store
from sites import lookup
from sites.line_models import Line, Member
from tests.drawn import drawn
from tests.queueing.world import Customer, Operator, end_hold, tick

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("running")]
CONVERSATIONS, REPORTS = "/admin/queueing/conversation/", "/admin/reports/"


@pytest.fixture
def sales() -> Iterator[Line]:
    """Served by ece; deniz serves the default line."""
    ece = Account.objects.create_user("ece", name="Ece", chat_id="1002")
    Account.objects.create_user("deniz", name="Deniz", chat_id="1001")
    line = Line.objects.create(key="sales", names={"tr": "Satış", "en": "Sales"})
    Member.objects.create(line=line, operator=ece)
    lookup.sites.clear()
    yield line
    Line.objects.all().delete()
    lookup.sites.clear()


@pytest.fixture
def browser() -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(Account.objects.create_user("sema", name="Sema"))
    return client


def two_rows() -> None:
    for name, line in (("Ada", ""), ("Bora", "sales")):
        Conversation.objects.create(pk=f"cid-{name.lower()}", name=name, line=line, joined_at=timezone.now())


def names_in(page: Any) -> set[str]:
    return {name for name in ("Ada", "Bora") if name in page.content.decode()}


def csv_of(browser: Client, word: str = "") -> str:
    answer = browser.get(REPORTS + "conversations.csv", {"line": word})
    return b"".join(answer).decode()  # type: ignore[arg-type]


def test_lists_and_files_can_be_of_one_department(sales: Line, browser: Client) -> None:
    two_rows()
    for word, expected in (("", {"Ada", "Bora"}), ("sales", {"Bora"}), ("default", {"Ada"}), ("gone", set())):
        assert names_in(browser.get(CONVERSATIONS, {"line": word} if word else {})) == expected
        assert {name for name in ("Ada", "Bora") if name in csv_of(browser, word)} == expected
        page = browser.get(REPORTS, {"line": word})
        assert page.context["report"].whole.joined == len(expected)
    rows = csv_of(browser).splitlines()
    assert any("Bora" in row and "Sales" in row for row in rows)
    assert "of_line" in browser.get(CONVERSATIONS).context["cl"].list_display
    assert '<dd dir="auto">Sales</dd>' in browser.get(f"{CONVERSATIONS}cid-bora/change/").content.decode()
    assert browser.get(f"{CONVERSATIONS}cid-bora/export.json").json()["conversation"]["line"] == "sales"


@settings(max_examples=drawn(15), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(word=st.text(max_size=40) | st.sampled_from(["\x00", "sales\x00", "a" * 200, "default", "%00"]))
def test_no_word_breaks_a_page(sales: Line, browser: Client, word: str) -> None:
    """A null byte is refused in any address (support/http)."""
    expected = 400 if "\x00" in word else 200
    assert browser.get(REPORTS, {"line": word}).status_code == expected
    assert browser.get(CONVERSATIONS, {"line": word}).status_code == expected


def test_without_departments_nothing_speaks_of_them(browser: Client) -> None:
    two_rows()
    for path in (CONVERSATIONS, REPORTS, f"{CONVERSATIONS}cid-ada/change/"):
        assert "epartment" not in browser.get(path).content.decode()


def test_only_who_serves_a_department_is_told_of_its_customers(sales: Line) -> None:
    tick()
    end_hold()
    Customer("ada").join()
    Customer("bora").join(line="sales", line_name="Satış")
    Customer("cem").join(line="gone", line_name="Gone")
    journal.record()
    told = {
        card.conversation: {one.chat_id for one in recipients.of_tier(Tier.OPERATOR, card.context["line"])}
        for card in Card.objects.all()
    }
    assert told == {"cid-ada": {"1001"}, "cid-bora": {"1002"}, "cid-cem": {"1001"}}
    assert Card.objects.get(conversation="cid-bora").context["line_name"] == "Satış"
    assert recipients.of_step(Tier.OPERATOR, "sales") == ["ece"]
    assert set(recipients.of_step(Tier.OPERATOR)) == {"deniz", "ece"}
    assert staffing.serves("nobody", "")
    assert not staffing.serves("nobody", "sales")


def test_a_jump_by_priority_and_a_pass_to_a_department_stand_in_the_log(sales: Line) -> None:
    tick()
    end_hold()
    Customer("ada").join()
    Customer("bora").join(priority=2)
    deniz, ece = Operator("deniz"), Operator("ece", lines="sales=1")
    for one in (ece, deniz):
        one.connect()
        one.available()
    assert deniz.serving == "cid-bora"
    goal = {"line": "sales", "line_name": "Satış"}
    assert execute(store.transfer("deniz", deniz.conn, None, 1, line=goal)) == "claimed"
    journal.record()
    kinds = list(FairnessEntry.objects.order_by("at", "id").values_list("kind", "conversation_id", "to"))
    assert ("urgent", "cid-bora", "") in kinds
    assert ("transferred", "cid-bora", "Satış") in kinds
    assert all(fairness.why(row) for row in FairnessEntry.objects.all())
    assert json.dumps(kinds)
