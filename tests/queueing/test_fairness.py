"""The fairness log: every exception from the order of the queue, with who and why, and nobody's words for longer than
they are kept elsewhere."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pytest
from asgiref.sync import sync_to_async as sync
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import AsyncClient, Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from infra import spreadsheet
from infra.redis.client import client as redis
from infra.redis.client import execute
from infra.redis.scripts import key
from infra.storable import storable_json
from queueing.history.fairness_models import FairnessEntry
from queueing.history.models import Conversation
from queueing.history.privacy import personal_data
from queueing.history.recording import fairness, journal
from queueing.live import store
from tests.drawn import drawn
from tests.queueing.world import Customer, Operator, absent_since, end_hold, tick

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("running")]
LOG = "/admin/queueing/fairnessentry/"
FORMULA = "=HYPERLINK(1)"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=25) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=40,
)
NAMES = ("operator", "skipped", "kept", "jumped", "passed_on", "to", "note", "after_ms", "returning_from")
FILTERS = ("q", "by", "kind__exact", "at__day", "at__year", "at__gte", "p", "o", "e", "all")
KINDS = ("joined", "claimed", "transferred", "given-back", "hold-over", "ended")


def operator(name: str) -> Operator:
    one = Operator(name)
    one.connect()
    return one


def rows(kind: str) -> list[tuple[Any, ...]]:
    fields = ("conversation_id", "admin_id", "other_id", "to", "places", "note")
    return list(FairnessEntry.objects.filter(kind=kind).order_by("id").values_list(*fields))


def a_day() -> None:
    """Ada is away when her turn comes and Bora is taken; he is passed on to Eda, who has taken Dila out of turn; a
    match that nobody answers goes back; whom nobody fetches is anybody's; who lost a call goes before the others."""
    tick()
    end_hold()
    ada, bora, cem, dila = (Customer(name) for name in ("ada", "bora", "cem", "dila"))
    for one in (ada, bora, cem, dila):
        one.join(name=one.name.title())
    ada.disconnect()
    absent_since(ada.party, 60_000)
    deniz, eda = operator("deniz"), operator("eda")
    execute(store.claim("eda", dila.cid))
    deniz.available()
    assert deniz.serving == bora.cid
    execute(store.transfer("deniz", deniz.conn, None, 900, "eda", FORMULA))
    deniz.available()
    assert deniz.serving == cem.cid
    eda.end()
    eda.available()
    assert eda.serving == bora.cid
    execute(store.transfer("eda", eda.conn, None, 901, "", ""))
    for member in redis().zrange(key("hold"), 0, -1):  # type: ignore[union-attr]
        redis().zadd(key("hold"), {member: 1})
    tick()
    redis().zadd(key("answer"), {cem.cid: 1})
    tick()
    filiz = operator("filiz")
    filiz.available()
    filiz.end("connection")
    Customer("back").join(returning_from=cem.cid if filiz.serving is None else "")
    journal.record()


def test_every_exception_stands_there_with_who_and_why() -> None:
    a_day()
    assert rows("jumped") == [("cid-dila", "eda", None, "", 3, "")]
    assert ("cid-ada", "deniz", "cid-bora", "", None, "") in rows("skipped")
    assert rows("kept") == [("cid-bora", "deniz", "cid-cem", "", None, "")]
    assert rows("transferred") == [
        ("cid-bora", "deniz", None, "Eda", None, FORMULA), ("cid-bora", "eda", None, "", None, "")
    ]  # fmt: skip
    assert rows("taken-on") == [("cid-bora", "eda", None, "", None, "")]
    assert rows("hold-over") == [("cid-bora", "eda", None, "", None, "")]
    assert rows("returned") == [("cid-cem", "deniz", None, "", None, "")]
    assert [row[0] for row in rows("ahead")] == ["cid-back"]
    before = FairnessEntry.objects.count()
    journal.record()
    assert FairnessEntry.objects.count() == before
    assert all(fairness.why(row) for row in FairnessEntry.objects.all())


def test_what_was_before_the_log_is_in_it_as_well() -> None:
    a_day()
    told = set(FairnessEntry.objects.values_list("entry_id", "kind", "conversation", "admin_id", "other", "to", "note"))
    FairnessEntry.objects.all().delete()
    fill = import_module("queueing.migrations.0015_fill_fairness").fill
    fill(apps, None)
    fill(apps, None)
    again = set(
        FairnessEntry.objects.values_list("entry_id", "kind", "conversation", "admin_id", "other", "to", "note")
    )
    assert {row[:3] for row in again} == {row[:3] for row in told}
    assert {row[2:] for row in again if row[1] == "transferred"} == {row[2:] for row in told if row[1] == "transferred"}


def test_a_person_takes_the_words_along_and_leaves_the_line() -> None:
    a_day()
    exported = personal_data.export(None, "cid-bora", by="ops")
    kinds = [line["kind"] for line in exported["conversations"][0]["fairness"]]
    assert {"transferred", "kept", "taken-on"} <= set(kinds)
    personal_data.erase(None, "cid-bora", by="ops")
    assert FORMULA not in str(list(FairnessEntry.objects.values()))
    assert len(rows("transferred")) == 2


def supervisor(client: Client) -> Client:
    user = get_user_model().objects.create_user("sema", name="Sema")
    user.user_permissions.add(Permission.objects.get(codename="view_fairnessentry"))
    client.force_login(user)
    return client


def shown(client: Client, **query: str) -> set[tuple[str, str | None]]:
    found = client.get(LOG, query)
    assert found.status_code == 200, found
    return set(found.context["cl"].queryset.values_list("kind", "conversation_id"))


def test_it_is_filtered_by_day_kind_operator_and_number(client: Client) -> None:
    a_day()
    client.force_login(get_user_model().objects.create_user("mert", name="Mert"))
    assert client.get(LOG).status_code == client.get(LOG + "log.csv").status_code == 403
    supervisor(client)
    get_user_model().objects.create_user("deniz", name="Deniz")
    FairnessEntry.objects.filter(kind="hold-over").update(at=datetime(2026, 3, 2, 9, tzinfo=UTC))
    assert shown(client, at__year="2026", at__month="3", at__day="2") == {("hold-over", "cid-bora")}
    assert shown(client, kind__exact="jumped") == {("jumped", "cid-dila")}
    assert {kind for kind, _cid in shown(client, by="deniz")} == {"skipped", "kept", "transferred", "returned"}
    # Also where somebody else was taken instead.
    assert ("skipped", "cid-ada") in shown(client, q="cid-bora")
    assert shown(client, q="cid-back") == {("ahead", "cid-back")}
    text = client.get(LOG, {"q": "cid-bora"}, headers={"Accept-Language": "en"}).content.decode()
    assert "Bora" in text
    assert "/admin/queueing/conversation/cid-bora/change/" in text
    assert client.get(LOG + "log.csv", {"kind__nothing": "1"}).status_code == 400


async def read(user: Any, **query: str) -> list[dict[str, str]]:
    browser = AsyncClient()
    await browser.aforce_login(user)
    answer = await browser.get(LOG + "log.csv", query, headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/csv")
    body = b"".join([part async for part in answer.streaming_content])
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))


async def test_the_file_has_the_same_rows_and_nothing_that_a_spreadsheet_computes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await sync(a_day)()
    await Conversation.objects.filter(pk="cid-bora").aupdate(name="+Bora")
    user = await sync(get_user_model().objects.create_user)("root", name="Root", is_superuser=True)
    found = await read(user, kind__exact="transferred")
    assert [(row["customer"], row["operator"], row["to"]) for row in found] == [
        ("'+Bora", "deniz", "Eda"), ("'+Bora", "eda", "")
    ]  # fmt: skip
    assert found[0]["note"] == f"'{FORMULA}"
    monkeypatch.setattr(spreadsheet, "MAX_ROWS", 2)
    cut = await read(user)
    assert len(cut) == 3
    assert cut[-1]["time"].startswith("# 2 rows at most")


async def test_what_was_recorded_later_stands_where_it_happened() -> None:
    """In one millisecond, of which one entry of the journal had been set aside: the newest first, in the file last."""
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    for number in (1, 9, 10, 2):
        await FairnessEntry.objects.acreate(entry_id=f"1700000000000-{number}", kind="ahead", at=at, places=number)
    user = await sync(get_user_model().objects.create_user)("root", name="Root", is_superuser=True)
    assert [row["customers_passed"] for row in await read(user)] == ["1", "2", "9", "10"]
    browser = AsyncClient()
    await browser.aforce_login(user)
    listed = (await browser.get(LOG)).context["cl"].result_list
    assert [row.places for row in listed] == [10, 9, 2, 1]


@given(kind=st.sampled_from(KINDS), data=st.dictionaries(st.sampled_from(NAMES), JSON, max_size=9))
@settings(max_examples=drawn(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_an_entry_says_is_stored_or_left_out(kind: str, data: dict[str, Any]) -> None:
    made = fairness.entries_of("7-7", kind, "cid-x", datetime.now(UTC), storable_json(json.loads(json.dumps(data))))
    assert len(made) <= 2 * fairness.OTHERS_MAX + 2
    FairnessEntry.objects.all().delete()
    FairnessEntry.objects.bulk_create(made)
    assert all(fairness.why(row) for row in FairnessEntry.objects.all())


@given(query=st.dictionaries(st.sampled_from(FILTERS), st.text(max_size=30)))
@example({"by": "\x00"})
@settings(max_examples=drawn(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_filter_breaks_the_page_or_the_file(query: dict[str, str]) -> None:
    browser = Client(raise_request_exception=True)
    user, _new = get_user_model().objects.get_or_create(username="root", defaults={"name": "R", "is_superuser": True})
    browser.force_login(user)
    assert browser.get(LOG, query).status_code in (200, 302, 400)
    assert browser.get(LOG + "log.csv", query).status_code in (200, 302, 400)
