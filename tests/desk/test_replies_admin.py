"""Canned replies in the admin: who may change which, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Operator
from desk.models import CannedReply
from desk.replies import models
from desk.replies.variables import KNOWN, unknown_in

pytestmark = pytest.mark.django_db
LIST, ADD = "/admin/desk/cannedreply/", "/admin/desk/cannedreply/add/"

hostile = st.sampled_from(
    [
        "", " ", "%", "_", "\\", "'", '"; DROP TABLE desk_cannedreply; --', "\x00", "a\x00b", "\ud800", "/", "//x",
        "../../etc", "<script>alert(1)</script>", "{customer.name}", "{customer.name", "{operator.}", "=1+1", "İ" * 32,
        "ﷺ" * 32, "\u202eevil", "a" * 5000, "👩‍👩‍👧‍👦", "\u0301" * 40, "ı", "null", "-1",
    ]
)  # fmt: skip


def save(client: Client, url: str = ADD, **fields: str) -> Any:
    return client.post(url, {"shortcut": "selam", "language": "", "text": "Merhaba", **fields})


def test_an_operators_reply_is_their_own(browser: Any, deniz: Operator, efe: Operator) -> None:
    # Without the permission the box counts for nothing.
    assert save(browser(deniz), shared="on").status_code == 302
    mine = CannedReply.objects.get()
    assert mine.owner == deniz
    page = f"{LIST}{mine.pk}/change/"
    assert save(browser(deniz), page, text="Selam").status_code == 302
    # Another operator, superusers too, has never heard of it.
    assert browser(efe).get(page).status_code == 302
    assert save(browser(efe), page, text="ele geçirildi").status_code == 302
    mine.refresh_from_db()
    assert (mine.text, mine.owner) == ("Selam", deniz)


def test_everybodys_take_the_permission(browser: Any, deniz: Operator, root: Operator) -> None:
    assert save(browser(root), shared="on").status_code == 302
    shared = CannedReply.objects.get()
    assert shared.owner is None
    page = f"{LIST}{shared.pk}/change/"
    assert browser(deniz).get(page).status_code == 200
    assert save(browser(deniz), page, text="başka").status_code == 403
    assert browser(deniz).post(f"{LIST}{shared.pk}/delete/", {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [shared.pk], "post": "yes"}
    browser(deniz).post(LIST, chosen)
    assert CannedReply.objects.get().text == "Merhaba"
    deniz.user_permissions.add(Permission.objects.get(codename="share_cannedreply"))
    assert save(browser(deniz), page, text="başka", shared="on").status_code == 302
    assert CannedReply.objects.get().text == "başka"


def test_the_list_shows_markup_as_text(browser: Any, deniz: Operator) -> None:
    assert save(browser(deniz), text="<img src=x onerror=alert(1)>").status_code == 302
    page = browser(deniz).get(LIST).content.decode()
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"text": "Sayın {customer.nmae}"}, "{customer.nmae}"),
        ({"text": "\u200b"}, "nothing to see"),
        ({"text": "x" * 3501}, "3500"),
        ({"shortcut": "iki kelime"}, "Letters, digits"),
        ({"shortcut": "x" * 33}, "32"),
        ({"language": "xx"}, "xx"),
    ],
)
def test_what_could_not_be_used_is_refused_in_words(browser: Any, deniz: Operator, fields: Any, fault: str) -> None:
    answer = save(browser(deniz), **fields)
    assert answer.status_code == 200
    assert fault in str(answer.context["errors"])
    assert not CannedReply.objects.exists()


def test_a_shortcut_stands_once_for_each(browser: Any, deniz: Operator, root: Operator) -> None:
    assert save(browser(deniz)).status_code == 302
    again = save(browser(deniz), shortcut="SELAM")
    assert again.status_code == 200
    assert "There is one with this shortcut" in str(again.context["errors"])
    assert save(browser(deniz), language="tr").status_code == 302
    assert save(browser(root), shared="on").status_code == 302
    # Its own text may be changed, of course.
    mine = CannedReply.objects.get(owner=deniz, language="tr")
    assert save(browser(deniz), f"{LIST}{mine.pk}/change/", language="tr", text="yeni").status_code == 302


def test_nobody_keeps_more_than_so_many(browser: Any, deniz: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "OWN_MOST", 1)
    assert save(browser(deniz)).status_code == 302
    assert save(browser(deniz), shortcut="baska").status_code == 200
    assert CannedReply.objects.count() == 1


def test_places_are_told_from_other_braces() -> None:
    assert unknown_in("".join(f"{{{name}|x}}" for name in KNOWN)) == []
    assert unknown_in('{"a": {}} {x} {customers} {customer.name') == []
    assert unknown_in("{customer.x} {operator.|y} {customer.x}") == ["{customer.x}", "{operator.}"]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shortcut=hostile, text=hostile | st.text(max_size=300), language=hostile | st.just("tr"))
def test_no_form_breaks_it(browser: Any, deniz: Operator, shortcut: str, text: str, language: str) -> None:
    CannedReply.objects.all().delete()
    client = browser(deniz)
    fields = {"shortcut": shortcut or "x", "text": text, "language": language}
    answer = save(client, **{name: value.encode("utf-8", "replace").decode() for name, value in fields.items()})
    assert answer.status_code in (200, 302)
    if answer.status_code == 302:
        kept = CannedReply.objects.get()
        assert len(kept.text) <= 3500
        assert len(kept.shortcut_folded) <= 128
        assert client.get(LIST).status_code == 200


def test_an_operator_who_has_replies_can_be_deleted(browser: Any, root: Operator, efe: Operator) -> None:
    """They go along, although nobody else may change them."""
    CannedReply.objects.create(shortcut="ozel", text="x", owner=efe)
    page = browser(root).post(f"/admin/accounts/operator/{efe.pk}/delete/", {"post": "yes"})
    assert page.status_code == 302, page.content.decode()[:4000]
    assert not Operator.objects.filter(pk=efe.pk).exists()
    assert not CannedReply.objects.exists()


def test_letters_in_two_parts_are_letters(browser: Any, deniz: Operator) -> None:
    """As some keyboards and file systems write them: o and two dots."""
    assert save(browser(deniz), shortcut="o\u0308deme").status_code == 302
    assert CannedReply.objects.get().shortcut == "\u00f6deme"


@pytest.mark.parametrize(
    "place",
    ["{Customer.name}", "{ customer.name }", "{customer.name }", "{customer}", "{OPERATOR.NAME|x}", "{customer.}"],
)
def test_a_place_that_is_written_a_little_otherwise_is_named(browser: Any, deniz: Operator, place: str) -> None:
    """The console would leave it as it stands, and the customer would read it."""
    page = save(browser(deniz), text=f"Merhaba {place}")
    assert page.status_code == 200
    assert not CannedReply.objects.exists()
    assert place.split("|")[0].rstrip("}") in page.content.decode()


def test_one_that_was_everybodys_counts_among_ones_own(
    browser: Any, root: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "OWN_MOST", 1)
    CannedReply.objects.create(shortcut="bir", text="x", owner=root)
    shared = CannedReply.objects.create(shortcut="iki", text="x")
    assert save(browser(root), f"{LIST}{shared.pk}/change/", shortcut="iki").status_code == 200
    shared.refresh_from_db()
    assert shared.owner is None
    assert save(browser(root), f"{LIST}{shared.pk}/change/", shortcut="iki", text="y", shared="on").status_code == 302
