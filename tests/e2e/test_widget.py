"""The widget on somebody's site: opened by its launcher, steered by the SDK, framed only where it is allowed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from harness.browser.people import OperatorPage
from tests.e2e.conftest import Installation

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(240)]
LISTEN = """
() => {
  window.heard = [];
  for (const name of ["ready", "opened", "closed", "queue-joined", "call-started", "call-ended"]) {
    window.Adminara.on(name, () => window.heard.push(name));
  }
}
"""


def test_a_site_visitor_queues_and_talks_in_the_widget(
    installation: Installation,
    new_context: Callable[..., BrowserContext],
    operator: OperatorPage,
    complaints: list[str],
) -> None:
    page = new_context().new_page()
    page.goto(f"{installation.a.url}/demo/")
    page.wait_for_function("() => window.Adminara && typeof window.Adminara.open === 'function'")
    page.evaluate(LISTEN)
    page.evaluate("() => window.Adminara.open()")
    widget = page.frame_locator("iframe")
    widget.locator("#ad-name").fill("Ada")
    widget.locator("input[value=video]").check(force=True)
    widget.locator("button[type=submit]").click()
    expect(widget.locator(".ad-place__number")).to_have_text("1")

    operator.go_available()
    expect(widget.locator(".ad-call")).to_be_visible()
    operator.expect_customer("Ada")
    operator.await_more_media()
    page.wait_for_function("() => window.heard.includes('queue-joined') && window.heard.includes('call-started')")

    operator.hang_up()
    page.wait_for_function("() => window.heard.includes('call-ended')")
    assert complaints == []


def test_the_same_pages_speak_english(
    installation: Installation, new_context: Callable[..., BrowserContext], complaints: list[str]
) -> None:
    page = new_context(locale="en-GB").new_page()
    page.goto(f"{installation.a.url}/?locale=en")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.click("button[type=submit]")
    expect(page.locator("#ad-name-error")).to_be_visible()
    assert complaints == []
