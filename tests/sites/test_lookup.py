"""The snapshot of all sites: fresh after a change, cheap for hostile keys, and never in the way of support."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import OperationalError
from hypothesis import given
from hypothesis import strategies as st

from infra.redis import push
from sites import lookup, models
from sites.lookup import TTL_SECS, Sites
from sites.models import Site
from sites.profile import Profile, Snapshot

KNOWN = Snapshot({"": Profile(name="Default"), "shopshopshopshop": Profile("shopshopshopshop", "Shop")})
HOSTILE = [
    "\x00",
    "\ud800",
    "a" * 100_000,
    "\u202e",
    "'; DROP TABLE sites_site; --",
    "__proto__",
    "default",
    "../..",
    "0",
]


class Source:
    """What the database would say, and how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.answer: Snapshot | Exception = KNOWN

    def __call__(self) -> Snapshot:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Clock:
    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@given(st.one_of(st.text(), st.sampled_from(HOSTILE)))
def test_a_made_up_key_is_the_default_site_and_costs_no_query(key: str) -> None:
    source = Source()
    sites = Sites(source)
    sites.now()
    for _ in range(3):
        found = sites.now().find(key)
        assert found.known == (key in KNOWN.sites)
        assert found.site == KNOWN.sites.get(key, KNOWN.default)
    assert source.asked == 1
    assert sites.now().name_of(key) == (KNOWN.sites[key].name if key in KNOWN.sites else key)


def test_it_is_read_again_after_a_while_and_at_once_after_a_change() -> None:
    source, clock = Source(), Clock()
    sites = Sites(source, clock)
    assert sites.now().find("new").known is False
    source.answer = Snapshot({"new": Profile("new", "New")})
    assert sites.now().find("new").known is False
    clock.at += TTL_SECS
    assert sites.now().find("new").known is True
    source.answer = KNOWN
    sites.forget()
    assert sites.now().find("new").known is False
    assert source.asked == 3


def test_a_change_while_it_is_read_is_not_overlooked() -> None:
    source = Source()
    sites = Sites(source)

    def read() -> Snapshot:
        sites.forget()  # somebody saves, after this has looked
        return source()

    sites.read = read
    sites.now()
    sites.read = source
    sites.now()
    assert source.asked == 2


@pytest.mark.parametrize("fault", [OperationalError("gone"), RuntimeError("anything")])
def test_a_database_that_is_out_changes_nothing(fault: Exception) -> None:
    source, clock = Source(), Clock()
    sites = Sites(source, clock)
    source.answer = fault
    assert sites.now().find("shopshopshopshop").site == Profile()  # nothing known yet: as it came
    source.answer = KNOWN
    clock.at += TTL_SECS
    assert sites.now().find("shopshopshopshop").site.name == "Shop"
    source.answer = fault
    clock.at += TTL_SECS
    assert sites.now().find("shopshopshopshop").site.name == "Shop"
    assert sites.now().find("shopshopshopshop").known
    assert source.asked == 3


def test_one_thread_reads_and_the_others_take_what_there_is() -> None:
    clock, reading, go_on = Clock(), threading.Event(), threading.Event()
    source = Source()
    sites = Sites(source, clock)
    sites.now()

    def slow() -> Snapshot:
        reading.set()
        assert go_on.wait(30)
        return source()

    sites.read = slow
    clock.at += TTL_SECS
    thread = threading.Thread(target=sites.now)
    thread.start()
    assert reading.wait(30)
    assert sites.now() == KNOWN
    go_on.set()
    thread.join()
    assert source.asked == 2


@pytest.mark.django_db
async def test_an_event_loop_never_waits_for_a_slow_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "PATIENCE_SECS", 0.01)
    source, clock, go_on = Source(), Clock(), threading.Event()

    def slow() -> Snapshot:
        assert go_on.wait(30)
        return source()

    sites = Sites(slow, clock)
    assert (await sites.soon()) == Snapshot()
    go_on.set()
    assert sites._refreshing is not None
    await sites._refreshing
    assert (await sites.soon()) == KNOWN
    clock.at += TTL_SECS
    source.answer = Snapshot()
    assert (await sites.soon()) == KNOWN
    assert sites._refreshing is not None
    await sites._refreshing
    assert (await sites.soon()) == Snapshot()


@pytest.mark.django_db
def test_every_process_hears_of_a_saved_site(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    heard: list[Any] = []
    monkeypatch.setattr(push, "broadcast", heard.append)
    assert lookup.current().several is False
    with django_capture_on_commit_callbacks(execute=True):
        site = Site.objects.create(name="Shop")
    assert lookup.find(site.key).site.name == "Shop"
    assert lookup.current().several is True
    assert heard == [{"kind": lookup.CHANGED}]
    Site.objects.filter(pk=site.pk).update(name="Store")
    lookup.on_push({"kind": "something else"})
    assert lookup.find(site.key).site.name == "Shop"
    lookup.on_push(heard[0])
    assert lookup.find(site.key).site.name == "Store"


@pytest.mark.django_db(transaction=True)
def test_the_default_site_survives_tables_that_are_emptied() -> None:
    call_command("flush", interactive=False, verbosity=0)
    assert list(Site.objects.values_list("key", flat=True)) == [""]
    Site.objects.all().delete()  # past every check of ours
    lookup.sites.clear()
    found = lookup.find("")
    assert (found.known, found.site) == (True, Profile())
    call_command("migrate", verbosity=0)
    assert Site.objects.count() == 1


@pytest.mark.django_db
def test_there_is_one_default_site_and_no_end_of_them() -> None:
    default = Site.objects.get(key="")
    with pytest.raises(ValidationError):
        default.delete()
    default.full_clean()
    for name in ("", " \u200b ", "\x00"):
        with pytest.raises(ValidationError):
            Site(name=name).full_clean()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(models, "SITES_MOST", 2)
        Site.objects.create(name="one")
        with pytest.raises(ValidationError, match="2"):
            Site(name="one more").full_clean()


@pytest.mark.django_db
def test_keys_are_random_words_for_any_address() -> None:
    keys = {Site.objects.create(name="Shop").key for _ in range(20)}
    assert len(keys) == 20
    assert all(key.isascii() and key.isalnum() and len(key) == models.KEY_LENGTH for key in keys)


@pytest.mark.django_db
@pytest.mark.parametrize("broken", [None, 7, "https://shop.example", {"a": 1}, [None, 7, ["x"]]])
def test_a_row_that_is_not_of_its_form_is_read_as_far_as_it_goes(broken: Any) -> None:
    site = Site.objects.create(name="Shop")
    Site.objects.filter(pk=site.pk).update(origins=broken, languages=broken) if broken is not None else None
    assert lookup.find(site.key).site == Profile(site.key, "Shop")


@pytest.mark.django_db(transaction=True)  # its thread looks after the connections it may have
async def test_joins_that_come_while_the_database_is_slow_share_one_reading() -> None:
    """Whoever joins meanwhile gets what there is, and leaves nothing behind that waits as well."""
    reading, may_end = threading.Event(), threading.Event()

    def slow() -> Snapshot:
        reading.set()
        may_end.wait(30)
        return KNOWN

    clock = Clock()
    site = Sites(lambda: KNOWN, clock)
    site.now()
    site.read = slow
    clock.at += TTL_SECS
    readings = set()
    try:
        for _ in range(100):
            assert (await site.soon()) is KNOWN
            readings.add(site._refreshing)
        assert await asyncio.to_thread(reading.wait, 30)
    finally:
        may_end.set()
    [refresh] = readings
    assert refresh is not None
    await refresh
    assert (await site.soon()) is KNOWN
