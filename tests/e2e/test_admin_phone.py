"""The admin on a phone: what is in a list can be sorted, chosen and acted upon by touch."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from harness.browser.people import OperatorPage
from tests.e2e.conftest import Installation

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(240)]


def test_cards_are_sorted_chosen_and_acted_upon(
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
