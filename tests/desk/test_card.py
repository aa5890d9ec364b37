"""The customer card: what is known of the customer, and other conversations of whom the site has signed."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.apps import apps
from django.test import Client
from django.utils import timezone

from accounts.models import Operator
from desk.card import earlier
from desk.models import Note, Rating
from desk.wrap_up import keeping
from infra.spreadsheet import BOM, Sheet, dialect_of
from queueing.history.privacy import personal_data, retention
from queueing.models import Conversation
from queueing.reports import csv_file
from queueing.reports.periods import Period
from tests.desk.test_wrap_up import conversation as plain
from tests.desk.test_wrap_up import outcome, tag

pytestmark = pytest.mark.django_db
ADA = {"identity": {"sub": "ada-1", "name": "Ada"}, "plan": "pro"}
VISIT = {"page": "https://shop.example/kasa", "title": "Kasa <b>", "browser": "Chrome 128", "system": "Windows"}


def conversation(pk: str = "c1", person: str = "ada-1", days_ago: float = 0, **fields: Any) -> Conversation:
    row = plain(pk, person=person, **{"attributes": ADA if person else {}, **fields})
    row.joined_at -= timedelta(days=days_ago)
    row.claimed_at = row.joined_at + timedelta(seconds=10)
    row.ended_at = row.joined_at + timedelta(seconds=75)
    row.save()
    return row


def url(pk: str = "c1") -> str:
    return f"/admin/console/card/{pk}/"


def page(client: Client, pk: str = "c1") -> str:
    return client.get(f"/admin/queueing/conversation/{pk}/change/").content.decode()


def test_the_card_has_what_is_known_and_earlier_conversations(browser: Any, deniz: Operator, efe: Operator) -> None:
    answers = [{"key": "order", "kind": "text", "value": "A-1", "label": "Order"}]
    conversation(visit=VISIT, device_check={"microphone": "ok"}, locale="tr", answers=answers)
    conversation("c2", days_ago=1, by="efe", operator=efe, media="chat")
    conversation("c3", days_ago=2)
    conversation("c4", person="")
    conversation("c5", person="ada-2")
    done, bill = outcome(), tag()
    keeping.give(Conversation.objects.get(pk="c2"), done.pk, [bill.pk], by=efe, seen=0)
    for key in ("a", "b"):
        Note.objects.create(conversation_id="c2", text=key, key=key, admin_id="efe", author=efe)
    Rating.objects.create(conversation_id="c2", score=4)
    found = browser(deniz).get(url()).json()
    assert (found["recorded"], found["total"]) == (True, 2)
    about = {
        "locale": "tr",
        "attributes": ADA,
        "visit": VISIT,
        "device_check": {"microphone": "ok"},
        "answers": answers,
    }
    assert found["about"] == about
    assert [one["id"] for one in found["earlier"]] == ["c2", "c3"]
    assert found["earlier"][0] == {
        "id": "c2", "joined_at": found["earlier"][0]["joined_at"], "status": "ended", "media": "chat",
        "duration_s": 65.0, "operator": "Efe", "outcome": "Çözüldü", "tags": ["Fatura"], "notes": 2, "rating": 4,
        "url": "/admin/queueing/conversation/c2/change/",
    }  # fmt: skip
    assert browser(deniz).get(found["earlier"][0]["url"]).status_code == 200


def test_strangers_are_joined_by_nothing_that_they_say(browser: Any, deniz: Operator) -> None:
    conversation(person="", name="Ada", attributes={"identity": "ada-1", "plan": "pro"})
    conversation("c2", name="Ada")
    found = browser(deniz).get(url()).json()
    assert (found["earlier"], found["total"]) == ([], 0)


def test_early_foreign_and_strange(browser: Any, client: Client, deniz: Operator) -> None:
    early = {"recorded": False, "about": None, "earlier": [], "total": 0}
    assert browser(deniz).get(url()).json() == early
    conversation(by="efe")
    answer = browser(deniz).get(url())
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_yours")
    assert client.get(url()).status_code == 401
    assert browser(deniz).post(url()).status_code == 405


def test_of_very_many_the_newest_are_shown_and_it_costs_as_many_queries(
    browser: Any, deniz: Operator, django_assert_max_num_queries: Any
) -> None:
    conversation()
    now = timezone.now()
    Conversation.objects.bulk_create(
        Conversation(pk=f"old-{n:05d}", person="ada-1", joined_at=now - timedelta(hours=n), status="ended")
        for n in range(1, 3001)
    )
    with django_assert_max_num_queries(4):
        found = earlier.others(Conversation.objects.get(pk="c1"))
        [earlier.as_dict(row) for row in found.rows]
    assert found.total == 3000
    assert [row.pk for row in found.rows[:2]] == ["old-00001", "old-00002"]
    assert len(found.rows) == earlier.SHOWN_MOST
    plan = Conversation.objects.filter(person="ada-1").explain()
    assert "person" in plan, plan


def test_the_page_of_a_conversation_shows_it(browser: Any, root: Operator) -> None:
    conversation(visit=VISIT | {"referrer": "https://search.example/"}, device_check={"camera": "denied"})
    conversation("c2", days_ago=3)
    text = page(browser(root))
    assert "Kasa &lt;b&gt;" in text
    assert 'href="https://shop.example/kasa" target="_blank" rel="noopener nofollow ugc"' in text
    assert "Chrome 128 · Windows" in text
    assert "no camera" in text
    assert "/admin/queueing/conversation/c2/change/" in text
    conversation("c3", person="")
    assert "Other conversations" not in page(browser(root), "c3")


@pytest.mark.parametrize("visit", [{}, {"page": 5}, {"title": None, "time_zone": ["x"]}])
def test_a_record_of_any_shape_is_shown(browser: Any, root: Operator, visit: Any) -> None:
    conversation(visit=visit, device_check={"turn": 7, "microphone": {}})
    assert browser(root).get("/admin/queueing/conversation/c1/change/").status_code == 200


def test_reports_say_from_which_pages_customers_came(browser: Any, deniz: Operator) -> None:
    for number, where in enumerate(("https://shop.example/kasa", "https://shop.example/", "https://shop.example/kasa")):
        conversation(f"c{number}", visit={"page": where})
    conversation("c8", visit={"page": "https://shop.example/kasa"}, status="ended")
    Conversation.objects.filter(pk="c8").update(claimed_at=None)
    conversation("c9")
    tables = browser(deniz).get("/admin/reports/", {"days": "7"}).context["tables"]
    [rows] = [table.rows for table in tables if table.key == "pages"]
    assert rows == [["https://shop.example/kasa", "3", "66%"], ["https://shop.example/", "1", "100%"]]


@pytest.mark.parametrize("separator", ["comma", "semicolon", "tab"])
@pytest.mark.django_db(transaction=True)
def test_the_file_has_it_and_nothing_computes(separator: str) -> None:
    formula = '=HYPERLINK("https://x.example";"x")'
    conversation(visit=VISIT | {"title": f"{formula}\t;{formula},{formula}", "browser": "@SUM(1)"})
    dialect = dialect_of("tr", separator)

    async def written() -> str:
        return "".join([part async for part in csv_file.conversations(Period.of_days(1), Sheet(dialect))])

    text = async_to_sync(written)().removeprefix(BOM)
    [row] = csv.DictReader(io.StringIO(text), delimiter=dialect.separator)
    assert (row["verified"], row["page"], row["system"]) == ("1", VISIT["page"], "Windows")
    assert row["page_title"].startswith("'=")
    assert row["browser"] == "'@SUM(1)"


@pytest.mark.django_db(transaction=True)
def test_it_goes_with_the_person_and_is_in_the_export(settings: Any) -> None:
    conversation(visit=VISIT, device_check={"microphone": "ok"})
    [exported] = personal_data.export("ada-1", None, by="test")["conversations"]
    assert (exported["visit"], exported["device_check"], exported["person"]) == (VISIT, {"microphone": "ok"}, "ada-1")
    settings.RETENTION_DAYS = 30
    Conversation.objects.update(ended_at=timezone.now() - timedelta(days=31))
    retention.anonymise_old()
    row = Conversation.objects.get()
    assert (row.visit, row.device_check, row.person, row.attributes) == ({}, {}, "", {})


def test_conversations_before_the_column_get_it(transactional_db: None) -> None:
    conversation("c1", person="")
    Conversation.objects.filter(pk="c1").update(attributes=ADA)
    conversation("c2", person="", attributes={"identity": {"sub": "x" * 200}})
    conversation("c3", person="", attributes={"plan": "pro"})
    import_module("queueing.migrations.0012_fill_person").fill(apps, None)
    assert dict(Conversation.objects.values_list("pk", "person")) == {"c1": "ada-1", "c2": "", "c3": ""}
