"""With video, files and passing on switched off no page has a control for them, and nothing else is missed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from harness.browser.people import CustomerPage, OperatorPage
from harness.processes import Running, free_port
from tests.e2e.conftest import START_SECS, Installation

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(240)]
OFF = {"ENABLE_VIDEO": "false", "FILE_MAX_MB": "0", "TRANSFER_HOLD_SECS": "0"}
PASTE = """
() => {
  const clipboardData = new DataTransfer();
  clipboardData.items.add(new File(["x"], "a.txt", { type: "text/plain" }));
  const pasted = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
  document.querySelector(".ad-composer__input").dispatchEvent(pasted);
}
"""


@pytest.fixture
def bare(installation: Installation, data: dict[str, str]) -> Iterator[str]:
    """A web process of the same stack without them: its address."""
    port = free_port()
    with Running("-m", "support.web", "--announce", PORT=str(port), **{**data, **OFF}) as web:
        web.await_line(lambda line: line.startswith("ready "), START_SECS)
        yield f"http://127.0.0.1:{port}"


def expect_no_files(page: Page) -> None:
    expect(page.locator(".ad-composer__input")).to_be_visible()
    expect(page.locator(".ad-attach button:visible")).to_have_count(0)
    page.evaluate(PASTE)
    expect(page.locator(".ad-upload")).to_have_count(0)


def test_what_is_switched_off_is_nowhere_to_be_pressed(
    installation: Installation, bare: str, new_context: Callable[..., BrowserContext], complaints: list[str]
) -> None:
    installation.manage("createoperator", "ege", "--name", "Ege")
    desk, ada = OperatorPage(new_context().new_page()), CustomerPage(new_context().new_page(), "Ada")
    desk.sign_in(bare, "ege", lambda: installation.manage("otp", "ege").splitlines()[-1])

    ada.page.goto(bare)
    expect(ada.page.locator("input[name=media]")).to_have_count(2)
    ada.join(bare, "audio")
    desk.go_available()
    ada.expect_call()
    ada.await_more_media(frames=-1)
    ada.open_chat()
    expect_no_files(ada.page)
    for label in ("Kamerayı kapat", "Kamerayı aç", "Ekranı paylaş"):
        expect(ada.page.get_by_role("button", name=label)).to_be_hidden()
    assert not ada.sends_picture()

    page = desk.page
    page.click("[data-control=open-chat]")
    expect_no_files(page)
    for control in ("camera", "share", "audio-only", "voice", "picture", "transfer"):
        expect(page.locator(f"[data-control={control}]")).to_be_hidden()
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.press("p")
    expect(page.locator("dialog.ad-transfer")).to_be_hidden()
    page.keyboard.press("?")
    keys = page.locator(".ad-help kbd")
    expect(keys.filter(has_text="M")).to_have_count(1)
    expect(keys.filter(has_text="P")).to_have_count(0)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Ayarlar", exact=True).click()
    expect(page.get_by_label("Tek tuş kısayollarını kullan")).to_be_visible()
    expect(page.locator("input[name=camera], input[name=cameraWaits]")).to_have_count(0)
    page.keyboard.press("Escape")
    ada.hang_up()

    # In a chat a call by voice can be proposed, and no picture.
    cem = CustomerPage(new_context().new_page(), "Cem")
    cem.join(bare, "chat")
    cem.expect_call()
    expect(cem.page.get_by_role("button", name="Sesli görüşme öner")).to_be_visible()
    expect(cem.page.get_by_role("button", name="Görüntülü görüşme öner")).to_have_count(0)
    expect(page.locator("[data-control=voice]")).to_be_visible()
    expect(page.locator("[data-control=picture]")).to_be_hidden()
    assert complaints == []
