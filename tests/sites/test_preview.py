"""The preview beside the form: who sees it, that it shows what is typed, and that nothing of it is kept."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from sites.models import Logo, OwnQuestion, Site
from tests.desk.files import samples
from tests.drawn import drawn
from tests.sites.form import filled
from tests.sites.test_questions import ORDER, REASON, TERMS, hostile
from tests.support.test_pages import config_of, policy

PREVIEW = "/admin/sites/site/preview/"


def shown(browser: Client, *own: dict[str, Any], query: str = "", **fields: Any) -> HttpResponse:
    return browser.post(f"{PREVIEW}?site={query}&locale=en", filled(*own, **fields))  # type: ignore[return-value]


def test_only_whoever_may_edit_sites_sees_it(owner: Client, deniz: Client, client: Client) -> None:
    assert client.post(PREVIEW, filled()).status_code == 302
    assert shown(deniz).status_code == 403
    assert owner.get(PREVIEW).status_code == 405
    assert shown(owner).status_code == 200
    for query in ("0", "999999", "-1", "x", "9" * 40, "\u0661"):
        assert shown(owner, query=query).status_code == 404
    assert Client(enforce_csrf_checks=True).post(PREVIEW, filled()).status_code == 403


def test_it_shows_what_stands_in_the_form_and_keeps_nothing(owner: Client) -> None:
    page = shown(
        owner, {**REASON, "position": 2}, {**ORDER, "position": 1}, TERMS,
        title_en="Hello <b>", colour="#c2185b", brand="Leather", ask_email="optional",
    )  # fmt: skip
    html = page.content.decode()
    assert "Hello &lt;b&gt;" in html
    assert "/colours/c2185b-" in html
    assert "<bdi>Leather</bdi>" in html
    asked = re.findall(r'data-question="(\w+)"', html)
    assert asked == ["name", "email", "topic", "siparis_numarasi", "neden", "onayliyorum"]
    assert policy(page)["frame-ancestors"] == ["'self'"]
    assert page["X-Frame-Options"] == "SAMEORIGIN"
    assert "no-store" in page["Cache-Control"]
    assert "data-preview" in html
    assert "js/preview.js" in html
    assert "customer.part.js" not in html
    assert config_of(page)["locale"] == "en"
    assert Site.objects.count() == 1
    assert not OwnQuestion.objects.exists()


def test_what_is_wrong_stays_as_it_was(owner: Client) -> None:
    site = Site.objects.get(key="")
    Site.objects.filter(pk=site.pk).update(colour="#0b1f4d", brand="Before")
    own = OwnQuestion.objects.create(site=site, kind="text", key="order", labels={"en": "Order"}, ask="optional")
    page = shown(
        owner, {**ORDER, "id": own.pk, "labels_en": "Number"}, {**ORDER, "labels_tr": "", "labels_en": ""},
        before=1, query=str(site.pk), colour="#ffcc00", brand="After", name="",
    ).content.decode()  # fmt: skip
    assert "/colours/0b1f4d-" in page
    assert "<bdi>After</bdi>" in page
    assert "Number" in page
    # Taken out, not yet saved.
    page = shown(owner, {**ORDER, "id": own.pk, "DELETE": "on"}, before=1, query=str(site.pk), name="").content.decode()
    assert re.findall(r'data-question="(\w+)"', page) == ["name", "topic"]
    own.refresh_from_db()
    site.refresh_from_db()
    assert (own.labels, site.brand) == ({"en": "Order"}, "Before")


def test_it_follows_every_step_of_typing(owner: Client) -> None:
    """Of a new site, whose questions are right one after the other."""
    empty = dict.fromkeys(("labels_tr", "labels_en", "choices_tr", "choices_en"), "")
    steps: list[tuple[list[dict[str, Any]], list[str]]] = [
        ([], []),
        ([{"kind": "text", "ask": "required"}], []),
        ([ORDER], ["siparis_numarasi"]),
        ([ORDER, {"kind": "choice", "labels_en": "Reason"}], ["siparis_numarasi"]),
        ([ORDER, {"kind": "choice", "labels_en": "Reason", "choices_en": "a\nb"}], ["siparis_numarasi", "reason"]),
    ]
    for own, asked in steps:
        page = shown(owner, *({**empty, **one} for one in own), name="Leather <b>", colour="#ffcc00", title_en="Ask")
        assert page.status_code == 200
        assert re.findall(r'data-question="(\w+)"', page.content.decode()) == ["name", "topic", *asked]
        assert "/colours/" not in page.content.decode()


def test_a_logo_is_shown_before_it_is_kept(owner: Client) -> None:
    sent = {**filled(brand="Shop"), "logo": SimpleUploadedFile("logo.png", samples.picture())}
    page = owner.post(f"{PREVIEW}?site=", sent)
    assert 'class="ad-logo" src="data:image/webp;base64,' in page.content.decode()
    assert "data:" in policy(page)["img-src"]
    assert not Logo.objects.exists()
    bad = {**filled(), "logo": SimpleUploadedFile("logo.svg", b"<svg onload=alert(1)>")}
    assert "<svg onload" not in owner.post(f"{PREVIEW}?site=", bad).content.decode()


@examples(max_examples=drawn(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(st.sampled_from(sorted(filled(ORDER))), hostile, max_size=8),
    st.dictionaries(st.sampled_from(["title_en", "end_tr", "topics_en", "own_questions-0-labels_en"]), hostile),
)
def test_nothing_breaks_it(owner: Client, changed: dict[str, str], more: dict[str, str]) -> None:
    sent = {**filled(ORDER), **changed, **more}
    clean = {key: str(value).encode("utf-8", "replace").decode() for key, value in sent.items()}
    page = owner.post(f"{PREVIEW}?site=", clean)
    assert page.status_code == 200
    for mark in ("<script>alert", "<img src=x"):
        assert mark not in page.content.decode()
    assert Site.objects.count() == 1


@pytest.mark.django_db
def test_the_page_of_customers_has_nothing_of_it(client: Client) -> None:
    page = client.get("/widget/").content.decode()
    assert "data-preview" not in page
    assert "preview.js" not in page
