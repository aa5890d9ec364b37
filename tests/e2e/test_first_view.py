"""The form stands in the HTML: it takes what is typed and pressed before the rest of the page has come."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Route, expect

from harness.webdriver.page import awaited
from tests.e2e.conftest import Installation

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(240)]

REST = "**/js/customer.part*"
TROUBLE = "Sayfa eksik yüklendi. Yeniden deneniyor"


def test_a_press_waits_for_the_rest_however_often_that_fails(
    installation: Installation, new_context: Callable[..., BrowserContext]
) -> None:
    page = new_context().new_page()
    page.route(REST, lambda route: route.abort())
    page.goto(installation.a.url)
    page.locator("#ad-name").fill("Ada")
    page.locator("input[value=chat]").check(force=True)
    page.locator("form button[type=submit]").click()
    expect(page.get_by_text(TROUBLE)).to_be_visible()
    expect(page.locator("form button[type=submit]")).to_be_disabled()
    page.unroute(REST)
    expect(page.locator(".ad-place__number")).to_have_text("1")
    assert [row["name"] for row in installation.queue()["waiting_rows"]] == ["Ada"]


def test_nobody_who_types_is_interrupted(
    installation: Installation, new_context: Callable[..., BrowserContext], complaints: list[str]
) -> None:
    held: list[Route] = []
    page = new_context().new_page()
    page.route(REST, lambda route: held.append(route))
    with page.expect_request(REST):
        page.goto(installation.a.url, wait_until="commit")
        page.locator("#ad-name").press_sequentially("Ay")
    # Asked for: its route may be told of a moment later.
    awaited(lambda: page.wait_for_timeout(10) is None and bool(held), "the request")
    held[0].continue_()
    expect(page.locator("form[data-taken]")).to_be_attached()
    expect(page.locator("#ad-name")).to_be_focused()
    page.keyboard.type("şe")
    expect(page.locator("#ad-name")).to_have_value("Ayşe")
    page.locator("form button[type=submit]").click()
    expect(page.locator(".ad-place__number")).to_have_text("1")
    assert complaints == []


def test_a_page_that_nobody_touches_fetches_no_more(
    installation: Installation, new_context: Callable[..., BrowserContext]
) -> None:
    page = new_context().new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(installation.a.url, wait_until="networkidle")
    expect(page.locator("#ad-name")).to_be_visible()
    assert not [url for url in asked if "customer.part.js" in url or "/texts/" in url]
    page.locator("h1").click()
    expect(page.locator("form[data-taken]")).to_be_attached()
