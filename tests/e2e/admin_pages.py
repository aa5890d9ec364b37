"""Where the admin's pages are, and whether one is fit for a phone."""

from __future__ import annotations

from playwright.sync_api import Page, expect

PHONE = {"width": 390, "height": 844}
AS_CARDS = """
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
FIT = {"wide": False, "cards": True, "labelled": True, "table": True}


def addresses(page: Page, pattern: str) -> list[str]:
    """Where links of this form lead, once each."""
    links: list[str] = page.eval_on_selector_all("a[href]", "links => links.map((link) => link.pathname + link.search)")
    return sorted({link for link in links if link.startswith(pattern)})


def too_wide(page: Page, name: str) -> list[str]:
    """Whether something on a page goes beyond the screen of a phone."""
    page.set_viewport_size(PHONE)
    beyond = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [f"{name}, phone: {beyond} px too wide"] if beyond > 0 else []


def unfit(page: Page, name: str) -> list[str]:
    """What a list is not on a phone: cards with labels that go not beyond the screen, and a table to who hears it."""
    page.set_viewport_size(PHONE)
    expect(page.locator("#result_list.ad-cards")).to_be_visible()
    seen = page.evaluate(AS_CARDS)
    return [] if seen == FIT else [f"{name}, phone: {seen}"]
