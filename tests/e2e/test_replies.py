"""Canned replies by keyboard: written in the admin, found in the console by `/`, read by the customer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from harness.browser.people import CustomerPage, OperatorPage
from tests.e2e.conftest import Installation
from tests.e2e.test_axe import faults

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(240)]
Join = Callable[..., CustomerPage]
BOX = ".ad-composer__input"
FOCUSED = "() => document.activeElement === document.querySelector('.ad-composer__input')"


def write(operator: OperatorPage, installation: Installation, shortcut: str, text: str) -> None:
    page = operator.page
    page.goto(f"{installation.b.url}/admin/desk/cannedreply/add/")
    page.fill("#id_shortcut", shortcut)
    page.fill("#id_text", text)
    page.click("[name=_save]")
    expect(page.locator(".messagelist .success")).to_be_visible()


def test_a_reply_is_found_and_taken_by_keyboard(
    installation: Installation, customer: Join, operator: OperatorPage, complaints: list[str]
) -> None:
    write(operator, installation, "selam", "Merhaba {customer.name}, ben {operator.name}. <b>Buyurun</b>.")
    write(operator, installation, "sure", "Bir dakika lütfen.")
    page = operator.page
    page.goto(f"{installation.b.url}/admin/console/")
    ada = customer("Ada", media="chat")
    operator.expect_waiting("Ada")
    operator.go_available()
    operator.expect_customer("Ada")

    page.focus(BOX)
    page.keyboard.type("/s")
    options = page.locator("[role=option]")
    expect(options).to_have_count(2)
    expect(page.locator(".ad-replies-said")).to_contain_text("2 hazır yanıt")
    box = page.locator(BOX)
    expect(box).to_have_attribute("role", "combobox")
    active = page.locator("[role=option][aria-selected=true]")
    expect(active).to_contain_text("/selam")
    # As text, and filled in already.
    expect(active).to_contain_text("Merhaba Ada, ben Deniz. <b>Buyurun</b>.")
    found = faults(page, "console with replies")
    page.keyboard.press("ArrowDown")
    expect(active).to_contain_text("/sure")
    assert box.get_attribute("aria-activedescendant") == active.get_attribute("id")
    page.keyboard.press("ArrowDown")
    expect(active).to_contain_text("/selam")

    # Escape closes it for this word, and Enter then sends what stands there, as always.
    page.keyboard.press("Escape")
    expect(options).to_have_count(0)
    page.keyboard.type("e")
    expect(page.locator("[role=listbox]")).to_be_hidden()
    assert box.get_attribute("role") is None
    box.fill("")

    page.keyboard.type("/sure")
    expect(options).to_have_count(1)
    page.keyboard.press("Enter")
    expect(box).to_have_value("Bir dakika lütfen.")
    assert page.evaluate(FOCUSED)
    assert operator.lines() == []
    page.keyboard.type(" Hemen. ")

    # In a hurry: Enter before the answer has come takes it and sends nothing.
    page.keyboard.type("/selam")
    page.keyboard.press("Enter")
    said = "Bir dakika lütfen. Hemen. Merhaba Ada, ben Deniz. <b>Buyurun</b>."
    expect(box).to_have_value(said)
    page.keyboard.press("Enter")
    ada.expect_line(said)
    assert ada.lines() == [said]

    box.fill("/yokboyle")
    expect(page.locator(".ad-replies-said")).to_have_text("Uyan hazır yanıt yok.")
    box.fill("1/2 ve https://example.org/s")
    expect(page.locator(".ad-replies-said")).to_have_text("")
    box.fill("/s")
    expect(options.first).to_be_visible()
    page.locator("[role=option]", has_text="/sure").click()
    expect(box).to_have_value("Bir dakika lütfen.")
    assert complaints == []
    assert not found, "\n".join(found)
