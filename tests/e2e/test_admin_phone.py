"""The admin on a phone: lists are cards with labels, nothing scrolls sideways, rows can be chosen and acted upon."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from harness.browser.people import OperatorPage
from tests.e2e.conftest import Installation
from tests.e2e.test_axe import addresses

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(240)]

LOOKS_LIKE_CARDS = """
() => {
  const table = document.querySelector("#result_list");
  const rows = [...document.querySelectorAll("#result_list tbody tr")].map((row) => row.getBoundingClientRect());
  const shown = [...document.querySelectorAll("#result_list tbody td[data-label]:not([data-bare])")];
  return {
    wide: document.documentElement.scrollWidth > innerWidth || table.parentElement.scrollWidth > innerWidth,
    cards: rows.length > 0 && rows.every(({left, right}) => left >= 0 && right <= innerWidth),
    labelled: shown.every((cell) => getComputedStyle(cell, "::before").content === `"${cell.dataset.label}"`),
    table: table.getAttribute("role") === "table",
  };
}
"""


def test_lists_are_cards_and_can_be_worked_with(
    installation: Installation,
    full_admin: Callable[[str], None],
    new_context: Callable[..., BrowserContext],
    complaints: list[str],
) -> None:
    installation.manage("createoperator", "phone", "--name", "Deniz", "--superuser")
    full_admin("phone")
    page = new_context().new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    code = lambda: installation.manage("otp", "phone").splitlines()[-1]  # noqa: E731
    OperatorPage(page).sign_in(installation.b.url, "phone", code)
    page.goto(f"{installation.b.url}/admin/")
    lists = [path for path in addresses(page, "/admin/") if path.count("/") == 4 and "/admin/auth/" not in path]
    assert len(lists) > 10
    found = {}
    for path in lists:
        page.goto(f"{installation.b.url}{path}")
        expect(page.locator("#result_list.ad-cards")).to_be_visible()
        found[path] = page.evaluate(LOOKS_LIKE_CARDS)
    well = {"wide": False, "cards": True, "labelled": True, "table": True}
    assert {path: what for path, what in found.items() if what != well} == {}

    # Sorted, chosen and acted upon by touch.
    page.goto(f"{installation.b.url}/admin/desk/cannedreply/")
    page.locator("#result_list thead").get_by_role("link", name="Kullanım").click()
    cards = page.locator("#result_list tbody tr")
    kargo = cards.filter(has_text="/kargo")
    kargo.locator("input.action-select").check()
    page.locator("select[name=action]").select_option("delete_selected")
    page.get_by_role("button", name="Git").click()
    page.get_by_role("button", name="Evet, eminim").click()
    expect(kargo).to_have_count(0)
    expect(cards.filter(has_text="/merhaba")).to_have_count(1)
    assert complaints == []
