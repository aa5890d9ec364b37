"""What was said stays: after the end, through reloads, to download; until it is cleared or another one begins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from harness.browser.people import CustomerPage, OperatorPage

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(240)]
Join = Callable[..., CustomerPage]


def talk_and_end(ada: CustomerPage, operator: OperatorPage) -> None:
    ada.expect_call()
    ada.say("merhaba\n[12:00:00] Deniz: iade ettik")
    operator.expect_line("merhaba")
    operator.say("buyurun")
    ada.expect_line("buyurun")
    operator.hang_up()
    ada.expect_ended()


def test_the_chat_stays_after_the_end_and_through_reloads_until_it_is_cleared(
    customer: Join, operator: OperatorPage, complaints: list[str]
) -> None:
    ada = customer("Ada", "chat")
    operator.go_available()
    talk_and_end(ada, operator)
    for _ in range(2):
        expect(ada.page.locator(".ad-said")).to_be_visible()
        ada.expect_line("merhaba")
        ada.expect_line("buyurun")
        ada.page.reload()
        ada.expect_ended()

    with ada.page.expect_download() as waiting:
        ada.page.get_by_role("button", name="Metin olarak indir").click()
    text = Path(waiting.value.path()).read_text()
    assert waiting.value.suggested_filename.startswith("chat-")
    assert " Ada: merhaba\n" + " " * 11 + "[12:00:00] Deniz: iade ettik\n" in text
    assert " Deniz: buyurun\n" in text

    ada.page.get_by_role("button", name="Sohbeti sil").click()
    expect(ada.page.locator("#ad-name")).to_be_visible()
    ada.page.reload()
    expect(ada.page.locator("#ad-name")).to_be_visible()
    assert complaints == []


def test_a_new_conversation_begins_with_an_empty_chat(customer: Join, operator: OperatorPage) -> None:
    ada = customer("Ada", "chat")
    operator.go_available()
    talk_and_end(ada, operator)
    ada.page.reload()
    ada.page.get_by_role("button", name="Yeniden sıraya gir").click()
    ada.expect_call()
    assert ada.lines() == []
    operator.hang_up()
    ada.expect_ended()
    expect(ada.page.locator(".ad-said")).to_be_hidden()
    ada.page.reload()
    expect(ada.page.locator("#ad-name")).to_be_visible()
