"""What people really type: scripts that run the other way, halves of an emoji, input methods, pastes too long."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from harness.browser.people import CustomerPage, OperatorPage
from tests.e2e.conftest import Installation

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(240)]
Join = Callable[..., CustomerPage]

RIGHT_TO_LEFT = "محمد علی"
KEY = """
(box, keyCode) => box.dispatchEvent(
  new KeyboardEvent("keydown", {key: "Enter", keyCode, which: keyCode, bubbles: true, cancelable: true}))
"""
DIRECTION = "(element) => getComputedStyle(element).direction"


def test_what_people_type_reaches_the_other_side_or_says_why_not(
    installation: Installation, customer: Join, operator: OperatorPage, complaints: list[str]
) -> None:
    unseen = customer("\u200b\u3164", media="chat")
    expect(unseen.page.locator("#ad-name-error")).to_be_visible()
    unseen.page.fill("#ad-name", "x" * 81)
    unseen.page.click("button[type=submit]")
    expect(unseen.page.locator("#ad-name-error")).to_contain_text("80")
    # A half that no page of ours would send: the same way a bad paste comes in.
    unseen.page.evaluate(f"""() => {{ document.querySelector("#ad-name").value = "{RIGHT_TO_LEFT}\\ud83d"; }}""")
    unseen.page.click("button[type=submit]")
    unseen.expect_place(1)
    expect(unseen.page.locator(".ad-facts__value")).to_contain_text("temsilci yok")
    operator.expect_waiting(RIGHT_TO_LEFT)
    assert operator.page.locator(".ad-row-waiting .ad-row-name").evaluate(DIRECTION) == "rtl"

    operator.go_available()
    unseen.expect_call()
    operator.expect_customer(RIGHT_TO_LEFT)
    assert operator.page.locator(".ad-customer-name").evaluate(DIRECTION) == "rtl"
    box, line = ".ad-composer__input", ".ad-line--own .ad-line__text"
    for person in (unseen, operator):
        person.page.fill(box, "日本")
        person.page.locator(box).evaluate(KEY, 229)
        assert person.page.input_value(box) == "日本", "the Enter that took the word has sent it"
        person.page.locator(box).evaluate(KEY, 13)
        expect(person.page.locator(line, has_text="日本")).to_have_count(1)
        person.page.fill(box, "👍" * 4003)
        person.page.press(box, "Enter")
        assert len(person.page.input_value(box)) == 4003, "what is too long stays as it is"
        expect(person.page.locator(".ad-composer__counter")).to_contain_text("3 karakter fazla")
        expect(person.page.locator(".ad-composer [type=submit]")).to_be_disabled()
        person.page.fill(box, f"{RIGHT_TO_LEFT}!")
        person.page.press(box, "Enter")
        assert person.page.locator(line, has_text=RIGHT_TO_LEFT).evaluate(DIRECTION) == "rtl"
        person.page.fill(box, "")
    operator.page.fill(box, "son")
    operator.page.press(box, "Enter")
    unseen.expect_line("son")
    assert complaints == []
