"""Outcome, tags and notes by keyboard: chosen in the call, kept over a reload, changed after it, read in the admin."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from harness.browser.people import CustomerPage, OperatorPage
from tests.e2e.conftest import Installation
from tests.e2e.test_axe import faults

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(240)]
Join = Callable[..., CustomerPage]
SECRET = "İki kez ödemiş, <b>sinirli</b>."
MAKE = """
from desk.models import Outcome, Tag
for number, name in enumerate(["Çözüldü", "Açık kaldı"]):
    Outcome.objects.get_or_create(names={"tr": name}, defaults={"position": number})
for name in ["Fatura", "Teslimat", *(f"Konu {n}" for n in range(9))]:
    Tag.objects.get_or_create(names={"tr": name})
Outcome.objects.update(active=True)
Tag.objects.update(active=True)
"""
PUT_AWAY = """
from desk.models import Outcome, Tag
Outcome.objects.update(active=False)
Tag.objects.update(active=False)
"""


@pytest.fixture
def _labels(installation: Installation) -> object:
    """Only for this test: others' consoles ask for nothing."""
    installation.manage("shell", "--no-imports", "-c", MAKE)
    yield
    installation.manage("shell", "--no-imports", "-c", PUT_AWAY)


def expect_saved(page: Page) -> None:
    expect(page.locator(".ad-wrap-up-form .ad-dossier-status")).to_have_text("Kaydedildi.")


@pytest.mark.usefixtures("_labels")
def test_what_came_of_it_is_given_by_keyboard_and_read_in_the_admin(
    installation: Installation, customer: Join, operator: OperatorPage, complaints: list[str]
) -> None:
    page = operator.page
    ada = customer("Ada", media="audio")
    operator.expect_waiting("Ada")
    operator.go_available()
    operator.expect_customer("Ada")
    ada.expect_call()

    # In the call: a key leads to the outcome, arrows choose, a search finds the tag.
    page.keyboard.press("o")
    expect(page.get_by_role("radio", name="Sonuçsuz")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("radio", name="Açık kaldı")).to_be_checked()
    expect_saved(page)
    page.keyboard.press("Tab")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("FATURA")
    page.keyboard.press("Enter")
    expect(page.get_by_role("checkbox", name="Fatura")).to_be_checked()
    expect_saved(page)

    # A note; the single keys rest while it is written.
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.press("t")
    note = page.get_by_role("textbox", name="Yeni not")
    expect(note).to_be_focused()
    page.keyboard.type(SECRET)
    page.keyboard.press("Control+Enter")
    written = page.locator(".ad-note-text")
    expect(written).to_have_text(SECRET)
    expect(note).to_have_value("")
    page.keyboard.type("Yarım kal")
    found = faults(page, "console with notes")

    # A reload keeps what is saved, and what is only begun.
    page.reload()
    operator.expect_customer("Ada")
    page.keyboard.press("t")
    expect(note).to_have_value("Yarım kal")
    expect(written).to_have_text(SECRET)
    expect(page.get_by_role("radio", name="Açık kaldı")).to_be_checked()
    expect(page.get_by_role("checkbox", name="Fatura")).to_be_checked()

    operator.hang_up()
    ada.expect_ended()
    note.fill("Yarın aranacak")
    note.press("Control+Enter")
    expect(written).to_have_text(["Yarın aranacak", SECRET])
    page.get_by_role("button", name="Düzenle").first.click()
    page.keyboard.press("End")
    page.keyboard.type(" (10:00)")
    page.keyboard.press("Control+Enter")
    expect(written.first).to_have_text("Yarın aranacak (10:00)")
    page.get_by_role("radio", name="Çözüldü").check()
    expect_saved(page)
    found += faults(page, "console after a call with notes")

    # The customer's page has none of it.
    assert "sinirli" not in ada.page.content()
    page.goto(f"{installation.b.url}/admin/queueing/conversation/")
    row = page.locator("#result_list tbody tr", has_text="Ada").first
    expect(row).to_contain_text("Çözüldü")
    expect(row).to_contain_text("Fatura")
    row.locator("a").first.click()
    expect(page.locator("#wrap-up-outcome option:checked")).to_have_text("Çözüldü")
    expect(page.locator(".ad-conversation-note-text").last).to_have_text(SECRET)
    found += faults(page, "conversation with notes")
    assert complaints == []
    assert not found, "\n".join(found)
