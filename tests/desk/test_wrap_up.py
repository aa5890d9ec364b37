"""What came of a conversation: given in the console by whom the customer talked with, counted in the admin."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from urllib.parse import quote

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Operator
from desk.models import Outcome, Tag, WrapUp
from desk.wrap_up import keeping, labels
from desk.wrap_up import models as limits
from infra.errors import StoreUnavailable
from infra.redis.client import execute
from infra.spreadsheet import BOM, Sheet, dialect_of
from queueing.history.privacy import personal_data
from queueing.live import store
from queueing.models import Conversation
from queueing.reports import csv_file
from queueing.reports.periods import Period
from tests.desk.test_replies_admin import hostile
from tests.queueing.world import a_call, lease
from tests.queueing.world import settle as settled

pytestmark = pytest.mark.django_db
NOBODYS = 2**62


def outcome(name: str = "Çözüldü", model: Any = Outcome, **fields: Any) -> Any:
    return model.objects.create(names={"tr": name}, **fields)


def tag(name: str = "Fatura", **fields: Any) -> Any:
    return outcome(name, Tag, **fields)


def conversation(pk: str = "c1", *, by: str = "deniz", **fields: Any) -> Conversation:
    now = timezone.now()
    times = {"joined_at": now, "claimed_at": now, "ended_at": now}
    return Conversation.objects.create(pk=pk, **{"status": "ended", "admin_id": by, **times, **fields})


def url(pk: str = "c1") -> str:
    return f"/admin/console/wrap-up/{pk}/"


def give(client: Client, outcome: Any = None, tags: Any = (), version: Any = 0, pk: str = "c1") -> Any:
    body = {"outcome": outcome, "tags": list(tags) if isinstance(tags, tuple) else tags, "version": version}
    return client.post(url(pk), json.dumps(body), content_type="application/json")


def test_it_is_given_and_read_again(browser: Any, deniz: Operator) -> None:
    conversation()
    done, bill, late = outcome(), tag(), tag("Teslimat")
    client = browser(deniz)
    shown = client.get(url()).json()
    assert shown["recorded"] is True
    assert shown["required"] is False
    assert shown["outcomes"] == [{"id": done.pk, "name": "Çözüldü"}]
    assert [one["name"] for one in shown["tags"]] == ["Fatura", "Teslimat"]
    assert shown["given"] == {"version": 0, "outcome": None, "tags": []}
    answer = give(client, done.pk, (late.pk, bill.pk))
    assert answer.status_code == 200
    assert answer["Cache-Control"].count("no-store") == 1
    kept = answer.json()["given"]
    assert kept == {
        "version": 1,
        "outcome": {"id": done.pk, "name": "Çözüldü"},
        "tags": [{"id": bill.pk, "name": "Fatura"}, {"id": late.pk, "name": "Teslimat"}],
    }
    assert client.get(url()).json()["given"] == kept
    assert give(client, None, (late.pk,), 1).json()["given"]["outcome"] is None
    assert WrapUp.objects.get().by == deniz


def test_the_same_again_is_no_change(browser: Any, deniz: Operator) -> None:
    conversation()
    done = outcome()
    client = browser(deniz)
    for version in (0, 0, 1, 7):
        answer = give(client, done.pk, version=version).json()
        assert (answer["saved"], answer["given"]["version"]) == (True, 1)


def test_of_two_tabs_the_second_reads_what_the_first_has_given(browser: Any, deniz: Operator) -> None:
    conversation()
    done, open_ = outcome(), outcome("Açık kaldı")
    client = browser(deniz)
    assert give(client, done.pk, version=0).json()["saved"] is True
    late = give(client, open_.pk, version=0).json()
    assert (late["saved"], late["given"]["outcome"]["id"], late["given"]["version"]) == (False, done.pk, 1)
    # Having seen it, the last one who gives it wins.
    assert give(client, open_.pk, version=1).json()["given"]["outcome"]["id"] == open_.pk


def test_who_asks_before_the_history_knows_is_told_so_calmly(browser: Any, deniz: Operator) -> None:
    done = outcome()
    client = browser(deniz)
    for row in (None, {"status": "waiting", "claimed_at": None, "ended_at": None, "admin_id": ""}):
        if row:
            conversation(**row)
        early = client.get(url())
        assert (early.status_code, early.json()["recorded"]) == (200, False)
        assert early.json()["outcomes"] != []
        answer = give(client, done.pk)
        assert (answer.status_code, answer.json()) == (200, {"recorded": False})
    assert not WrapUp.objects.exists()


def test_another_operators_conversation_is_none_of_theirs(browser: Any, deniz: Operator, efe: Operator) -> None:
    conversation(by="efe")
    done = outcome()
    client = browser(deniz)
    for answer in (client.get(url()), give(client, done.pk)):
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_yours")
    assert not WrapUp.objects.exists()
    assert give(browser(efe), done.pk).json()["saved"] is True


def test_strangers_are_told_nothing(client: Client, browser: Any, deniz: Operator) -> None:
    conversation()
    signed_in = browser(deniz)
    Operator.objects.filter(pk=deniz.pk).update(is_staff=False)
    for asker in (client, signed_in):
        assert asker.get(url()).status_code == 401
        assert give(asker).status_code == 401
    guarded = Client(enforce_csrf_checks=True)
    guarded.force_login(deniz)
    assert give(guarded).status_code == 403


def test_what_was_put_away_stays_where_it_was_chosen(browser: Any, deniz: Operator) -> None:
    conversation()
    conversation("c2")
    done, bill = outcome(), tag()
    client = browser(deniz)
    assert give(client, done.pk, (bill.pk,)).json()["saved"]
    Outcome.objects.update(active=False)
    Tag.objects.update(active=False)
    fresh = tag("Yeni")
    assert client.get(url()).json()["outcomes"] == []
    assert give(client, done.pk, (bill.pk, fresh.pk), 1).json()["saved"] is True
    refused = give(client, done.pk, (bill.pk,), pk="c2")
    assert refused.status_code == 400
    assert set(refused.json()["error"]["fields"]) == {"outcome", "tags"}


@pytest.mark.parametrize(
    "body",
    [
        {}, [], "x", {"outcome": 1}, {"outcome": "1", "tags": [], "version": 0},
        {"outcome": 0, "tags": [], "version": 0},
        {"outcome": None, "tags": None, "version": 0}, {"outcome": None, "tags": [1.5], "version": 0},
        {"outcome": None, "tags": [], "version": -1}, {"outcome": None, "tags": [], "version": 2**70},
        {"outcome": 2**63, "tags": [], "version": 0}, {"outcome": None, "tags": [], "version": 0, "by": "efe"},
        {"outcome": NOBODYS, "tags": [], "version": 0}, {"outcome": None, "tags": [NOBODYS], "version": 0},
        {"outcome": None, "tags": list(range(1, 40)), "version": 0}, {"outcome": True, "tags": [], "version": 0},
    ],
)  # fmt: skip
def test_what_cannot_be_chosen_is_refused(browser: Any, deniz: Operator, body: Any) -> None:
    conversation()
    answer = browser(deniz).post(url(), json.dumps(body), content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "schema")
    assert not WrapUp.objects.exists()


def test_ten_thousand_tags_cost_nothing(browser: Any, deniz: Operator, django_assert_max_num_queries: Any) -> None:
    conversation()
    Tag.objects.bulk_create(Tag(names={"tr": f"etiket {n}"}) for n in range(10_000))
    client = browser(deniz)
    with django_assert_max_num_queries(9):
        assert len(client.get(url()).json()["tags"]) == limits.LABELS_MOST
    pks = list(Tag.objects.values_list("pk", flat=True))
    assert give(client, None, pks).status_code == 413
    assert give(client, None, pks[:21]).status_code == 400
    assert give(client, None, pks[:1] * 20).json()["given"]["tags"] == [{"id": pks[0], "name": "etiket 0"}]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pk=hostile | st.text(max_size=80))
def test_no_id_breaks_it(browser: Any, deniz: Operator, pk: str) -> None:
    path = url(quote(pk, safe="", errors="surrogatepass"))
    client = browser(deniz)
    answer = client.get(path)
    assert answer.status_code == 400 if "\x00" in pk else answer.status_code in (200, 404), pk
    if answer.status_code == 200:
        assert answer.json()["recorded"] is False


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(["tr", "en", "xx"]), hostile | st.text(max_size=90)))
def test_any_name_becomes_one_that_can_be_read(names: dict[str, str]) -> None:
    kept = labels.cleaned(names)
    for name in kept.values():
        assert 0 < len(name) <= labels.NAME_MAX
        assert name == labels.cleaned({"tr": name})["tr"]
        assert not set(name) & set("\n\t\x00\u202e\u200b")
    assert labels.name_in(kept, "tr") in {"", *kept.values()}


# -- the wrap-up waits ------------------------------------------------------------------------------------------------


@pytest.fixture
def call(redis_server: str, settings: Any) -> str:
    """The id of a running call of deniz, where an outcome is required."""
    lease()
    settled()
    settings.OUTCOME_WAIT_SECS, settings.WRAP_UP_SECS = 300, 30
    ada, deniz = a_call()
    conversation(ada.cid, status="active", ended_at=None)
    deniz.end()
    return ada.cid


def left_of_wrap_up() -> float:
    until = execute(store.operator_state("deniz")).wrap_up_until_ms
    assert until is not None
    return until / 1000 - timezone.now().timestamp()


def test_the_wrap_up_waits_until_an_outcome_is_given(browser: Any, deniz: Operator, call: str) -> None:
    done, bill = outcome(), tag()
    client = browser(deniz)
    assert client.get(url(call)).json()["required"] is True
    assert give(client, None, (bill.pk,), pk=call).json()["saved"]
    assert left_of_wrap_up() > 200
    assert give(client, done.pk, (bill.pk,), 1, pk=call).json()["saved"]
    assert left_of_wrap_up() < 60


def test_where_nothing_can_be_chosen_it_waits_for_nothing(browser: Any, deniz: Operator, call: str) -> None:
    assert browser(deniz).get(url(call)).json()["required"] is False
    assert left_of_wrap_up() < 60


def test_without_redis_the_outcome_is_kept_all_the_same(
    browser: Any, deniz: Operator, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def out(_command: Any) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(keeping, "execute", out)
    assert give(browser(deniz), outcome().pk, pk=call).json()["saved"]
    assert WrapUp.objects.exists()


# -- the admin --------------------------------------------------------------------------------------------------------

LIST = "/admin/queueing/conversation/"


def page(pk: str = "c1") -> str:
    return f"{LIST}{pk}/change/"


def test_lists_are_edited_by_who_has_the_right(browser: Any, deniz: Operator, root: Operator) -> None:
    add = "/admin/desk/outcome/add/"
    fields = {"name_tr": " Çözüldü ", "name_en": "Solved", "position": 2, "active": "on"}
    assert browser(deniz).post(add, fields).status_code == 403
    assert browser(root).post(add, fields).status_code == 302
    made = Outcome.objects.get()
    assert made.names == {"tr": "Çözüldü", "en": "Solved"}
    again = browser(root).post(add, {**fields, "name_tr": "", "name_en": "SOLVED"})
    assert "SOLVED" in str(again.context["errors"])
    assert browser(root).post(add, {**fields, "name_tr": "\u200b", "name_en": ""}).status_code == 200
    change = f"/admin/desk/outcome/{made.pk}/change/"
    assert browser(root).post(change, {**fields, "name_en": "<b>Done</b>"}).status_code == 302
    listed = browser(root).get("/admin/desk/outcome/").content.decode()
    assert "<b>Done</b>" not in listed
    assert "&lt;b&gt;Done" in listed


def test_what_was_chosen_cannot_be_deleted(browser: Any, deniz: Operator, root: Operator) -> None:
    conversation()
    done, unused = outcome(), outcome("Boş")
    give(browser(deniz), done.pk)
    delete = "/admin/desk/outcome/{}/delete/"
    assert browser(root).post(delete.format(done.pk), {"post": "yes"}).status_code == 403
    assert browser(root).post(delete.format(unused.pk), {"post": "yes"}).status_code == 302
    chosen = {"action": "delete_selected", "_selected_action": [done.pk], "post": "yes"}
    browser(root).post("/admin/desk/outcome/", chosen)
    assert list(Outcome.objects.all()) == [done]


def test_it_stands_on_the_page_and_others_need_the_right_to_change_it(
    browser: Any, deniz: Operator, efe: Operator
) -> None:
    conversation()
    done, bill = outcome("<b>Bitti</b>"), tag()
    change = "/admin/desk/wrap-up/c1/"
    sent = {"outcome": done.pk, "tags": [bill.pk], "version": 0}
    assert "<form" in section_of(browser(deniz).get(page()))
    assert browser(deniz).post(change, sent).status_code == 302
    shown = section_of(browser(efe).get(page()))
    assert "<form" not in shown
    assert "&lt;b&gt;Bitti" in shown
    assert browser(efe).post(change, {**sent, "version": 1, "outcome": ""}).status_code == 403
    efe.user_permissions.add(Permission.objects.get(codename="change_wrapup"))
    efe = Operator.objects.get(pk=efe.pk)
    assert browser(efe).post(change, {**sent, "version": 0, "outcome": ""}).status_code == 302
    assert WrapUp.objects.get().outcome == done  # it had been changed meanwhile
    assert browser(efe).post(change, {**sent, "version": 1, "outcome": ""}).status_code == 302
    assert WrapUp.objects.get().outcome is None
    for bad in ({"tags": ["x", "9" * 30, "-1"]}, {"outcome": "x"}, {"version": "x"}, {"version": ""}):
        assert browser(efe).post(change, {**sent, "version": 2, **bad}).status_code == 302
    assert WrapUp.objects.get().outcome is None
    assert browser(efe).post("/admin/desk/wrap-up/nobody/", sent).status_code == 404
    assert browser(efe).get(change).status_code == 405


def section_of(response: Any) -> str:
    text = response.content.decode()
    return str(text[text.index('id="wrap-up"') :].split("</section>")[0])


def test_conversations_are_found_by_it(browser: Any, deniz: Operator) -> None:
    for pk in ("c1", "c2", "c3"):
        conversation(pk, name=f"müşteri-{pk}")
    conversation("c4", name="müşteri-c4", claimed_at=None)
    done, bill = outcome(), tag("=1+1")
    client = browser(deniz)
    give(client, done.pk)
    give(client, None, (bill.pk,), pk="c2")

    def found(**query: Any) -> set[str]:
        shown = client.get(LIST, query)
        assert shown.status_code == 200
        return {row.pk for row in shown.context["cl"].result_list}

    assert found(outcome=done.pk) == {"c1"}
    assert found(outcome="none") == {"c2", "c3"}
    assert found(tag=bill.pk) == {"c2"}
    for odd in ("x", "0", "9" * 30, "²"):
        found(outcome=odd, tag=odd)
    assert "Çözüldü" in client.get(LIST).content.decode()


def test_the_list_costs_no_more_with_more_rows(
    browser: Any, deniz: Operator, django_assert_max_num_queries: Any
) -> None:
    done, bill = outcome(), tag()
    client = browser(deniz)
    for number in range(12):
        conversation(f"c{number}")
        give(client, done.pk, (bill.pk,), pk=f"c{number}")
    with django_assert_max_num_queries(20):
        assert client.get(LIST).status_code == 200


def test_reports_count_by_outcome_and_tag(browser: Any, deniz: Operator) -> None:
    client = browser(deniz)
    conversation("c0")
    assert "By outcome" not in client.get("/admin/reports/").content.decode()
    done, bill, late = outcome(), tag(), tag("<i>Geç</i>")
    for number, tags in enumerate([(bill.pk,), (bill.pk, late.pk), ()], 1):
        conversation(f"c{number}")
        give(client, done.pk, tags, pk=f"c{number}")
    shown = client.get("/admin/reports/")
    by = {table.key: table for table in shown.context["tables"]}
    assert [row[:3] for row in by["outcomes"].rows] == [["Çözüldü", "3", "75%"], ["without outcome", "1", "25%"]]
    assert [row[:2] for row in by["tags"].rows] == [["Fatura", "2"], ["<i>Geç</i>", "1"]]
    assert "<i>Geç" not in shown.content.decode()


@pytest.mark.parametrize("separator", ["comma", "semicolon", "tab"])
@pytest.mark.django_db(transaction=True)
def test_no_name_computes_in_a_file(browser: Any, deniz: Operator, separator: str) -> None:
    conversation()
    client = browser(deniz)
    give(client, outcome("=1+1").pk, (tag("x").pk, tag("@A1;=2+2\t=3").pk))
    sheet = Sheet(dialect_of("tr", separator))

    async def written() -> str:
        return "".join([part async for part in csv_file.conversations(Period.of_days(1), sheet)])

    text = async_to_sync(written)().removeprefix(BOM)
    head, first = csv.reader(io.StringIO(text), delimiter=sheet.dialect.separator)
    row = dict(zip(head, first, strict=True))
    assert row["outcome"] == "'=1+1"
    # Cut apart by any other separator, no piece begins a formula.
    for piece in row["tags"].replace(";", ",").replace("\t", ",").split(","):
        assert piece.strip()[0] not in "=@"
    assert head.index("outcome") > head.index("mean_quality")


@pytest.mark.django_db(transaction=True)
def test_a_persons_export_names_it_and_figures_outlive_the_erasure(browser: Any, deniz: Operator) -> None:
    lease()
    settled()
    conversation(attributes={"identity": {"sub": "ada"}})
    give(browser(deniz), outcome().pk, (tag().pk,))
    found = personal_data.export("ada", None, by="test")
    assert [(row["conversation"], row["outcome"], row["tags"]) for row in found["wrap_ups"]] == [
        ("c1", "Çözüldü", ["Fatura"])
    ]
    assert "wrap_up" not in found["conversations"][0]
    json.dumps(found)
    whole = browser(deniz).get(f"{LIST}c1/export.json").json()
    assert whole["wrap_up"]["outcome"] == "Çözüldü"
    personal_data.erase("ada", None, by="test")
    assert WrapUp.objects.get().outcome is not None


def test_whoever_was_passed_on_a_moment_ago_is_one_s_own_before_the_history_knows(
    redis_server: str, client: Client
) -> None:
    lease()
    settled()
    ada, deniz = a_call()
    eda = Operator.objects.create_user("eda", name="Eda", is_staff=True)
    eda.user_permissions.add(Permission.objects.get(codename="view_conversation"))
    client.force_login(eda)
    conversation(ada.cid, status="active", ended_at=None)
    assert client.get(url(ada.cid)).status_code == 403
    execute(store.attach("o:eda", "p1|eda", None, None, "Eda"))
    execute(store.available("eda", "p1|eda", on=True))
    assert execute(store.transfer("deniz", deniz.conn, None, 1, "eda")) == "claimed"
    assert client.get(url(ada.cid)).json()["recorded"] is False
