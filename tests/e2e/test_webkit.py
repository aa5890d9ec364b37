"""The pages in WebKit, up to where a call would begin: they draw, and what is pressed on them does what it says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from harness.browser.people import CustomerPage, OperatorPage
from harness.webdriver.display import Display
from harness.webdriver.expecting import expect
from harness.webdriver.page import Page
from harness.webdriver.webkit import WebKit
from tests.e2e.conftest import Installation

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-others"), pytest.mark.timeout(240)]
# From now on: a page's first script has run before a driver can look.
WATCH = "() => { window.failed = []; addEventListener('error', (e) => window.failed.push(e.message)); }"

LINKS = "() => [...document.querySelectorAll('#content-main th a[href]')].map((link) => link.href)"


@pytest.fixture
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with ExitStack() as stack:
        display = stack.enter_context(closing(Display()))
        browser = stack.enter_context(closing(WebKit(tmp_path_factory.mktemp("webkit"), display=display.name)))
        yield browser.new_page()


def test_customers_and_operators_get_as_far_as_a_call(page: Page, installation: Installation) -> None:
    # Before the call, as a customer: the form, its complaint, the queue, and out of it again.
    customer = CustomerPage(page, "Ada")
    page.goto(installation.a.url)
    page.evaluate(WATCH)
    page.click("button[type=submit]")
    expect(page.locator("#ad-name-error")).to_be_visible()
    customer.join(installation.a.url, "chat")
    customer.expect_place(1)

    # On somebody's page: the launcher opens the widget.
    page.goto(f"{installation.a.url}/demo/")
    page.wait_for_function("() => window.Adminara && typeof window.Adminara.open === 'function'")
    page.evaluate("() => void window.Adminara.open()")
    expect(page.frame_locator("iframe").locator(".ad-place__number, #ad-name")).to_be_visible()

    # The console, by the login page, and every page of the admin that its front page names.
    installation.manage("createoperator", "deniz-webkit", "--name", "Deniz", "--superuser")
    operator = OperatorPage(page)
    operator.sign_in(
        installation.b.url, "deniz-webkit", lambda: installation.manage("otp", "deniz-webkit").splitlines()[-1]
    )
    page.evaluate(WATCH)
    operator.expect_waiting("Ada")
    assert page.evaluate("() => window.failed") == []
    page.goto(f"{installation.b.url}/admin/")
    links = page.evaluate(LINKS)
    assert links
    for link in links:
        page.goto(link)
        expect(page.locator("#content h1, #content")).to_be_visible()
