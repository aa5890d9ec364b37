"""The console as an app: its browser is told while no console is open, and says so when nobody answers."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from harness.browser.people import CustomerPage, OperatorPage
from harness.browser.pushed import deliver, shown, subscribe_as
from harness.fakes.push_service import FakePush
from harness.webdriver.page import awaited
from tests.e2e.conftest import Installation

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(240)]


@pytest.fixture
def browser(whole_browser: Browser) -> Browser:
    """Notifications are shown by what the shell leaves away."""
    return whole_browser


def test_a_browser_is_told_while_no_console_is_open_and_keeps_nothing_but_a_page(
    installation: Installation,
    new_context: Callable[..., BrowserContext],
    customer: Callable[..., CustomerPage],
    push_service: FakePush,
) -> None:
    context = new_context(service_workers="allow", permissions=["notifications"])
    subscribe_as(context, push_service.subscription("desk"))
    operator = OperatorPage(context.new_page())
    installation.manage("createoperator", "pushed", "--name", "Deniz")
    operator.sign_in(installation.b.url, "pushed", lambda: installation.manage("otp", "pushed").splitlines()[-1])
    page = operator.page
    page.get_by_role("button", name="Ayarlar").click()
    option = page.get_by_role("checkbox", name="Konsol kapalıyken de bu cihazda bildir")
    expect(option).to_be_enabled()
    expect(option).not_to_be_checked()
    option.check()
    expect(option).to_be_enabled()  # it is settled
    expect(option).to_be_checked()

    page.goto(f"{installation.b.url}/admin/")
    ada = customer("Ada", "chat")
    ada.expect_place(1)
    awaited(lambda: bool(push_service.pushed), "the push")
    [told] = push_service.pushed
    assert told.words["title"] == "Bir müşteri bekliyor"
    deliver(page, installation.b.url, told.words)
    awaited(lambda: bool(shown(page)), "what is shown")
    assert [one["title"] for one in shown(page)] == ["Bir müşteri bekliyor"]
    assert "Ada" not in json.dumps(shown(page))

    # Nobody answers: a page of ours says so, and nothing that stands behind the sign-in was kept.
    kept = page.evaluate(
        """async () => {
          const caches_ = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
          const requests = (await Promise.all(caches_.map((one) => one.keys()))).flat();
          return requests.map(({url}) => new URL(url).pathname);
        }"""
    )
    assert "/admin/offline/" in kept
    assert not [path for path in kept if path != "/admin/offline/" and not path.startswith("/static/css/")]
    context.set_offline(True)
    page.goto(f"{installation.b.url}/admin/console/")
    expect(page.get_by_role("heading", name="Konsola ulaşılamıyor.")).to_be_visible()
    context.set_offline(False)
    page.get_by_role("link", name="Yeniden dene").click()
    operator.expect_waiting("Ada")
    page.get_by_role("button", name="Ayarlar").click()
    page.get_by_role("checkbox", name="Konsol kapalıyken de bu cihazda bildir").uncheck()
    expect(option).not_to_be_checked()
    ada.page.get_by_role("button", name="Sıradan çık").click()
    ada.page.get_by_role("dialog").get_by_role("button", name="Sıradan çık").click()
