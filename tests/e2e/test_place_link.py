"""Who waits goes on waiting on another device, and may come back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from harness.browser.people import CustomerPage, OperatorPage

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(240)]


def test_a_place_moves_to_another_device_and_back(
    customer: Callable[..., CustomerPage], operator: OperatorPage, new_context: Callable[..., BrowserContext],
    complaints: list[str],
) -> None:  # fmt: skip
    ada = customer("Ada", "audio")
    ada.expect_place(1)
    bora = customer("Bora", "audio")
    bora.expect_place(2)

    ada.page.get_by_role("button", name="Başka bir cihazda devam et").click()
    dialog = ada.page.get_by_role("dialog", name="Başka bir cihazda devam edin")
    expect(dialog.get_by_role("img", name="Bağlantının QR kodu")).to_be_visible()
    link = dialog.get_by_label("Bağlantı", exact=True).input_value()

    phone = new_context(has_touch=True, is_mobile=True).new_page()
    phone.goto(link)
    expect(phone.locator(".ad-place__number")).to_have_text("1")
    assert "#" not in phone.url, "the link stands in the address"
    expect(ada.page.get_by_role("heading", name="Görüşmeniz başka bir yerde sürüyor")).to_be_visible()
    expect(dialog).to_have_count(0)
    # The phone is good for a reload of its own, and the page before takes the place back.
    phone.reload()
    expect(phone.locator(".ad-place__number")).to_have_text("1")
    ada.page.get_by_role("button", name="Buradan devam et").click()
    expect(ada.page.locator(".ad-place__number")).to_have_text("1")
    expect(phone.get_by_role("heading", name="Görüşmeniz başka bir yerde sürüyor")).to_be_visible()

    phone.goto("about:blank")
    phone.goto(link)
    expect(phone.locator(".ad-place__number")).to_have_text("1")
    operator.go_available()
    operator.expect_customer("Ada")
    expect(phone.locator(".ad-call")).to_be_visible()
    operator.hang_up()
    # What is over is nowhere to be taken.
    late = new_context().new_page()
    late.goto(link)
    expect(late.locator("#ad-name")).to_be_visible()
    expect(late.locator(".ad-note")).to_be_visible()
    assert complaints == []
