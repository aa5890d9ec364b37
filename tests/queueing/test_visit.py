"""What is kept of the page on which somebody asked for help: cut, cleaned, never believed and never in the way."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from infra.redis.client import execute
from infra.storable import NOT_STORABLE
from infra.writing.text import clean_line
from queueing import visit
from queueing.admin.page.visit import check_words, facts, local_time
from queueing.history.models import Conversation
from queueing.history.recording import journal
from queueing.live import store
from tests.queueing.world import Customer, Operator

PAGE = "https://shop.example/ürün/5"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://shop.example/a?token=s3cret#part", "https://shop.example/a"),
        ("https://ada:pass@shop.example:8443/a", "https://shop.example:8443/a"),
        ("http://[::1]:8080/", "http://[::1]:8080/"),
        (PAGE, PAGE),
        ("https://shop.example/\u202egnp.exe", "https://shop.example/gnp.exe"),
        ("https://shop.example/" + "x" * 9000, "https://shop.example/" + "x" * 479),
    ],
)
def test_an_address_is_kept_without_what_may_be_secret(given: str, kept: str) -> None:
    assert visit.read({"page": given, "referrer": given}) == ({"page": kept, "referrer": kept}, [])


def test_a_query_is_kept_only_where_that_is_wanted(settings: Any) -> None:
    settings.PAGE_ADDRESS_QUERY = True
    kept, _unread = visit.read({"page": "https://ada@shop.example/a?q=1#part"})
    assert kept == {"page": "https://shop.example/a?q=1"}


@pytest.mark.parametrize(
    "given",
    ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//x.example", "shop", "https://", "http://[x",
     "https://a b.example/", "https://a.example/\x00", 5, True, ["https://a.example"], {"href": "x"}],
)  # fmt: skip
def test_what_is_no_page_is_left_out_and_counted(given: Any) -> None:
    kept, unread = visit.read({"page": given, "title": "Kasa", "time_zone": "Europe/Istanbul"})
    assert kept == {"title": "Kasa", "time_zone": "Europe/Istanbul"}
    assert unread == ["page"]


@pytest.mark.parametrize("given", ["Mars", "Etc/GMT-3", "America/Argentina/Buenos_Aires", "UTC"])
def test_names_of_time_zones_pass(given: str) -> None:
    assert visit.read({"time_zone": given})[0] == {"time_zone": given}


@pytest.mark.parametrize("given", ["../../etc/passwd", "/etc", "Europe/İstanbul", "x" * 65, "a b", "Europe//Rome"])
def test_what_names_no_time_zone_does_not(given: str) -> None:
    assert visit.read({"time_zone": given}) == ({}, ["time_zone"])


@pytest.mark.parametrize(("given", "unread"), [(None, []), ("x", ["visit"]), (7, ["visit"]), ([], ["visit"]), ({}, [])])
def test_nothing_of_a_shape_of_its_own_is_a_visit(given: Any, unread: list[str]) -> None:
    assert visit.read(given) == ({}, unread)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
address = st.builds(str.__add__, st.sampled_from(["https://", "http://a@", "https://x.example/", "ftp://"]), st.text())


@examples(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from([*visit.FIELDS, "extra"]), anything | address))
def test_whatever_comes_is_harmless_afterwards(given: dict[str, Any]) -> None:
    kept, unread = visit.read(given)
    assert set(kept) <= set(visit.FIELDS) - {"visit"}
    assert set(unread) <= set(visit.FIELDS)
    assert not set(kept) & set(unread)
    for name, value in kept.items():
        assert 0 < len(value) <= visit.ADDRESS_MOST
        assert value == clean_line(value)
        assert not NOT_STORABLE.search(value)
        if name in ("page", "referrer"):
            assert value.startswith(("http://", "https://"))
            assert not set("?#") & set(value)
    # Settled: what is kept once is kept so again.
    assert visit.read(kept) == (kept, [])


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("running")
def test_from_the_join_to_the_operator_and_into_the_history() -> None:
    seen = {"page": PAGE, "title": "Kasa", "browser": "Chrome 128"}
    check = {"microphone": "ok", "camera": "denied", "turn": []}
    ada, deniz = Customer("Ada"), Operator("deniz")
    ada.join(visit=json.dumps(seen))
    execute(store.report(ada.party, ada.conn, "device:check", None, check))
    deniz.connect()
    deniz.available()
    peers = [json.loads(frame)["peer"] for _seq, _conversation, frame in deniz.box()]
    assert [(peer["visit"], peer["device_check"]) for peer in peers] == [(seen, check)]
    assert "visit" not in str(ada.box())
    # A console that was loaded anew.
    state = deniz.connect().state
    assert state is not None
    assert (state["customer"]["visit"], state["customer"]["device_check"]) == (seen, check)
    journal.record()
    row = Conversation.objects.get()
    assert (row.visit, row.device_check, row.person) == (seen, check, "")


def test_the_page_of_a_conversation_says_it_in_words() -> None:
    row = Conversation(
        joined_at=timezone.now(),
        visit={"page": PAGE, "time_zone": "Nowhere/Land", "browser": "Firefox 130", "system": "Linux", "title": 5},
        device_check={"microphone": "quiet", "camera": "missing", "turn": [{"ok": False}]},
    )
    shown = {fact.label: fact.value for fact in facts(row)}
    assert set(shown.values()) >= {PAGE, "Nowhere/Land", "Firefox 130 · Linux"}
    assert [fact.link for fact in facts(row) if fact.value == PAGE] == [True]
    assert facts(Conversation(joined_at=timezone.now())) == []


def test_the_customers_time_of_day() -> None:
    moment = datetime.fromisoformat("2026-01-02T12:30:00+00:00")
    assert local_time(moment, "Asia/Tokyo") == "21:30 · Asia/Tokyo"
    assert [local_time(moment, zone) for zone in ("", "../x", "Nowhere/Land")] == ["", "../x", "Nowhere/Land"]


def test_a_device_check_in_words() -> None:
    assert check_words({}) == ""
    assert check_words({"microphone": "ok", "camera": "skipped", "turn": []}) != ""
    assert check_words({"microphone": True}) == check_words({"microphone": "ok", "turn": [{"ok": True}]})
    assert "," in check_words({"microphone": "denied", "camera": False, "turn": "?"})
