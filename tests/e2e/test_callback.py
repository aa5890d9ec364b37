"""Who waits leaves the page, is called when it is their turn, and comes back to their place by the link."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from harness.browser.people import CustomerPage, OperatorPage
from harness.fakes.smtp import FakeMail
from harness.webdriver.page import awaited
from tests.e2e.conftest import Installation

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(240)]
LINK = re.compile(r"https?://\S+#place=\S+")


def test_a_place_is_kept_without_a_page_and_taken_by_the_link(
    installation: Installation, customer: Callable[..., CustomerPage], operator: OperatorPage,
    new_context: Callable[..., BrowserContext], mail: FakeMail, complaints: list[str],
) -> None:  # fmt: skip
    kept = lambda: [letter for letter in mail.delivered if "/give-up/" in letter.body]  # noqa: E731
    ada = customer("Ada", "audio")
    ada.expect_place(1)
    page = ada.page
    page.get_by_role("button", name="Sıram yaklaşınca haber verin").click()
    expect(page.get_by_role("heading", name="Sıranız yaklaşınca haber verelim")).to_be_focused()
    address = page.get_by_label("E-posta adresiniz")
    address.fill("ada@nowhere")
    page.get_by_role("button", name="Yerimi sakla ve bana yaz").click()
    expect(address).to_have_attribute("aria-invalid", "true")
    complaints.clear()  # the browser's own word about the refusal
    address.fill("ada@example.org")
    page.get_by_role("button", name="Yerimi sakla ve bana yaz").click()
    expect(page.get_by_role("heading", name="Bu sayfayı kapatabilirsiniz")).to_be_visible()
    expect(page.get_by_text("ada@example.org")).to_be_visible()
    # Each time that they asked they read at once that their place is kept.
    awaited(lambda: len(kept()) == 1, "the letter that says so")
    # A page that was loaded anew knows it from the server; who changes their mind waits here.
    page.reload()
    page.get_by_role("button", name="Vazgeç, bu sayfada beklerim").click()
    page.get_by_label("E-posta adresiniz").fill("ada@example.org")
    page.get_by_role("button", name="Yerimi sakla ve bana yaz").click()
    expect(page.get_by_role("heading", name="Bu sayfayı kapatabilirsiniz")).to_be_visible()
    awaited(lambda: len(kept()) == 2, "the second letter")
    page.close()
    row = operator.page.locator(".ad-row-waiting", has=operator.page.get_by_text("Ada", exact=True))
    expect(row.locator(".ad-row-held")).to_have_text("Sayfada değil; sırası yaklaşınca çağrılacak")
    assert installation.queue()["callbacks"] == 1

    # Nobody waits for somebody who is away: the next one is served, and it was the turn of the one before.
    bora = customer("Bora", "chat")
    bora.expect_place(2)
    operator.go_available()
    operator.expect_customer("Bora")
    expect(row.locator(".ad-row-held")).to_have_text("Sayfada değil; çağrıldı")
    assert [letter.recipients for letter in kept()] == [["ada@example.org"]] * 2
    called = lambda: [letter for letter in mail.delivered if LINK.search(letter.body)]  # noqa: E731
    awaited(lambda: bool(called()), "the letter")
    [letter] = called()
    assert letter.recipients == ["ada@example.org"]
    assert str(letter.message["Subject"]).startswith("Sıranız yaklaştı")
    assert "Ada" not in letter.body
    found = LINK.search(letter.body)
    assert found is not None

    phone = CustomerPage(new_context(has_touch=True, is_mobile=True).new_page(), "Ada")
    phone.page.goto(found[0])
    phone.expect_place(1)
    expect(phone.page.get_by_role("heading", name="Bu sayfayı kapatabilirsiniz")).to_be_visible()
    expect(row.locator(".ad-row-held")).to_be_hidden()
    operator.hang_up()
    operator.expect_customer("Ada")
    phone.expect_call()
    operator.hang_up()
    assert len(called()) == 1
    assert complaints == []
