"""Departments in the admin: who may edit them, what is refused, who serves them, and what a form says of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEvent, Operator
from infra.redis.client import client as redis
from infra.redis.client import execute
from infra.redis.scripts import key
from queueing import staffing
from queueing.live import store
from sites import lookup
from sites.line_models import Line, Member
from sites.lines import DEFAULT_LINE, Lines
from sites.models import Site

LIST, ADD = "/admin/sites/line/", "/admin/sites/line/add/"


def save(client: Client, url: str = ADD, members: dict[int, int] | None = None, **fields: Any) -> Any:
    """`members`: operator's primary key → level."""
    rows = list((members or {}).items())
    form = {
        "key": "sales", "names_tr": "Satış", "names_en": "Sales", "position": 0, "priority": 0, "wrap_up_secs": "",
        "members-TOTAL_FORMS": len(rows), "members-INITIAL_FORMS": 0,
    }  # fmt: skip
    for number, (operator, level) in enumerate(rows):
        form |= {f"members-{number}-operator": operator, f"members-{number}-level": level}
    return client.post(url, form | fields)


def test_only_whom_somebody_has_given_it_may_edit_departments(owner: Client, deniz: Client, client: Client) -> None:
    for address in (LIST, ADD):
        assert client.get(address).status_code == 302
        assert deniz.get(address).status_code == 403
        assert owner.get(address).status_code == 200
    assert save(deniz).status_code == 403
    assert not Line.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_who_serves_a_department_counts_at_once(owner: Client) -> None:
    ece = Operator.objects.create_user("ece", name="Ece")
    execute(store.attach("o:ece", "p1|1", None, None, "Ece"))
    assert save(owner, members={ece.pk: 2}, priority=1, wrap_up_secs=5).status_code == 302
    assert redis().hget(key("operator"), "ece:lines") == "sales=2"
    snapshot = lookup.current()
    line = snapshot.lines.find("sales")
    assert (line.of_record("tr"), line.priority) == ({"line": "sales", "line_name": "Satış", "wrap_up": 5000}, 1)
    assert (snapshot.lines.served_by("ece"), snapshot.lines.served_by("deniz")) == ("sales=2", store.DEFAULT_LINE)
    made = AuditEvent.objects.get(kind="line_created")
    assert (made.actor, made.detail["members"]) == ("owner", {"ece": 2})
    Member.objects.all().delete()
    assert redis().hget(key("operator"), "ece:lines") is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("key", "Sales"), ("key", ""), ("key", "a b"), ("key", "a/b"), ("key", "x" * 33), ("priority", 4),
     ("priority", -1), ("wrap_up_secs", 3601), ("names_tr", "x" * 81)],
)  # fmt: skip
def test_what_is_no_department_is_refused(owner: Client, field: str, value: Any) -> None:
    assert save(owner, **{field: value}).status_code == 200
    assert not Line.objects.exists()


def test_the_form_asks_for_it_once_there_are_any_and_says_where_nobody_is(owner: Client, client: Client) -> None:
    site = Site.objects.get(key="")
    assert "ask_line" not in owner.get(f"/admin/sites/site/{site.pk}/change/").content.decode()
    assert 'data-question="line"' not in client.get("/").content.decode()
    save(owner)
    assert "ask_line" in owner.get(f"/admin/sites/site/{site.pk}/change/").content.decode()
    Site.objects.update(ask_line="required")
    lookup.sites.clear()
    page = client.get("/", headers={"Accept-Language": "en"}).content.decode()
    assert 'data-question="line"' in page
    assert '<option value="Satış" data-t="asked.line.0">Sales</option>' in page
    assert "Nobody is in this department at the moment: Sales." in page
    ece = Operator.objects.create_user("ece", name="Ece")
    Member.objects.create(line=Line.objects.get(), operator=ece)
    execute(store.attach("o:ece", "p1|1", None, None, "Ece", "sales=1"))
    execute(store.available("ece", "p1|1", True))
    assert staffing.unserved(["sales", DEFAULT_LINE]) == [DEFAULT_LINE]
    assert "Nobody is in this department" not in client.get("/", headers={"Accept-Language": "en"}).content.decode()


def test_a_page_takes_only_a_key_that_there_is(owner: Client, client: Client) -> None:
    save(owner)
    for asked, expected in (("sales", True), ("nosuch", False), ('"><script>', False)):
        page = client.get("/widget/", {"line": asked}).content.decode()
        assert ('"line": "sales"' in page or '"line":"sales"' in page) is expected


def test_without_departments_nobody_asks_redis_for_them(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(staffing, "unserved", asked.append)
    lookup.sites.clear()
    assert client.get("/").status_code == 200
    assert asked == []


def test_a_default_line_is_served_by_whoever_serves_no_other() -> None:
    assert json.dumps(Lines().served) == "{}"
    assert Lines().served_by("ada") == store.DEFAULT_LINE
