"""Who waits lets this device tell them, leaves the page, is told when it is their turn, and comes back by a press."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from harness.browser.people import CustomerPage, OperatorPage
from harness.browser.pushed import deliver, shown, subscribe_as
from harness.fakes.push_service import FakePush
from harness.fakes.smtp import FakeMail
from harness.webdriver.page import awaited
from tests.e2e.conftest import Installation

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(240)]


@pytest.fixture
def browser(whole_browser: Browser) -> Browser:
    """Notifications are shown by what the shell leaves away."""
    return whole_browser


def test_a_place_is_kept_without_a_page_and_a_notification_leads_back_to_it(
    installation: Installation, customer: Callable[..., CustomerPage], operator: OperatorPage,
    new_context: Callable[..., BrowserContext], mail: FakeMail, push_service: FakePush, complaints: list[str],
) -> None:  # fmt: skip
    phone = new_context(service_workers="allow", permissions=["notifications", "camera", "microphone"])
    subscribe_as(phone, push_service.subscription("phone"))
    ada = CustomerPage(phone.new_page(), "Ada")
    ada.join(installation.a.url, "audio")
    ada.expect_place(1)
    page = ada.page
    page.get_by_role("button", name="Sıram yaklaşınca haber verin").click()
    page.get_by_label("Bu cihazda bildirimle haber verin").check()
    expect(page.get_by_label("E-posta adresiniz (isteğe bağlı)")).to_be_editable()
    page.get_by_role("button", name="Yerimi sakla ve haber ver").click()
    expect(page.get_by_role("heading", name="Bu sayfayı kapatabilirsiniz")).to_be_visible()
    expect(page.get_by_text("bu cihazda bir bildirim göreceksiniz")).to_be_visible()
    page.reload()
    expect(page.get_by_text("bu cihazda bir bildirim göreceksiniz")).to_be_visible()
    # Any page of that origin: the worker is told, whatever is open.
    page.goto(f"{installation.a.url}/robots.txt")
    row = operator.page.locator(".ad-row-waiting", has=operator.page.get_by_text("Ada", exact=True))
    expect(row.locator(".ad-row-held")).to_have_text("Sayfada değil; sırası yaklaşınca çağrılacak")

    bora = customer("Bora", "chat")
    bora.expect_place(2)
    operator.go_available()
    operator.expect_customer("Bora")
    awaited(lambda: bool(push_service.pushed), "the push")
    [told] = push_service.pushed
    deliver(page, installation.a.url, told.words)
    awaited(lambda: bool(shown(page)), "what is shown")
    [notification] = shown(page)
    assert notification["title"] == "Sıranız yaklaştı"
    assert "Ada" not in json.dumps(told.words)

    # Nobody answers: a page of its own says so, and the address stays, with what takes the place.
    phone.set_offline(True)
    page.goto(installation.a.url + notification["url"])
    expect(page.get_by_role("heading", name="Bu sayfaya ulaşılamıyor.")).to_be_visible()
    complaints.clear()  # the browser's own word about the network
    phone.set_offline(False)
    page.get_by_role("button", name="Yeniden dene").click()
    ada.expect_place(1)
    expect(row.locator(".ad-row-held")).to_be_hidden()
    operator.hang_up()
    operator.expect_customer("Ada")
    ada.expect_call()
    operator.hang_up()
    assert len(push_service.pushed) == 1
    assert mail.delivered == []
    assert complaints == []
