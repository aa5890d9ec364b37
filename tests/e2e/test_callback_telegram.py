"""Who waits is led into the bot's chat, presses Start there, leaves the page, and comes back by the bot's message."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from harness.browser.people import CustomerPage, OperatorPage
from harness.fakes.smtp import FakeMail
from harness.fakes.telegram import FakeTelegram, Message
from harness.webdriver.page import awaited
from tests.e2e.conftest import PATIENCE_MS, WEBHOOK_SECRET, Installation

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(240)]
ADA = 5_550_100
"""Telegram's id of her."""
LINK = re.compile(r"https://t\.me/fake_bot\?start=([A-Za-z0-9_-]{1,64})")


def newest(telegram: FakeTelegram, containing: str) -> Message:
    """In her chat."""
    return telegram.wait_for_text(str(ADA), containing, PATIENCE_MS / 1000)


def buttons(message: Message) -> dict[str, str]:
    cells = [cell for row in message.reply_markup["inline_keyboard"] for cell in row]
    return {cell["text"]: cell.get("url") or cell["callback_data"] for cell in cells}


def asks(customer: CustomerPage) -> str:
    """The start token that the page shows."""
    page = customer.page
    page.get_by_role("button", name="Sıram yaklaşınca haber verin").click()
    page.get_by_role("button", name="Telegram'dan haber verin").click()
    way = page.get_by_role("link", name="Telegram'ı aç")
    expect(way).to_be_focused()
    expect(page.get_by_role("img", name="Telegram bağlantısının QR kodu")).to_be_visible()
    expect(page.get_by_role("button", name="Yerimi sakla ve bana yaz")).to_be_hidden()
    found = LINK.fullmatch(way.get_attribute("href") or "")
    assert found is not None
    return found[1]


def test_from_start_in_the_chat_back_to_the_place(
    installation: Installation, customer: Callable[..., CustomerPage], operator: OperatorPage,
    new_context: Callable[..., BrowserContext], telegram: FakeTelegram, mail: FakeMail, complaints: list[str],
) -> None:  # fmt: skip
    awaited(lambda: telegram.named > 0, "the worker's look at the bot")
    ada = customer("Ada", "audio")
    ada.expect_place(1)
    page = ada.page
    token = asks(ada)
    expect(page.get_by_text("Başlat'a dokunmanız bekleniyor…")).to_be_visible()
    assert installation.queue()["callbacks"] == 0, "until the bot has heard, they wait as ever"
    # Who changes their mind has the other ways again.
    page.get_by_role("button", name="Başka bir yol seç").click()
    expect(page.get_by_label("E-posta adresiniz")).to_be_editable()
    page.get_by_role("button", name="Telegram'dan haber verin").click()
    newer = LINK.fullmatch(page.get_by_role("link", name="Telegram'ı aç").get_attribute("href") or "")
    assert newer is not None
    assert newer[1] != token
    telegram.bring(installation.a.url, WEBHOOK_SECRET, telegram.updates.make_message(ADA, f"/start {newer[1]}"))
    expect(page.get_by_role("heading", name="Bu sayfayı kapatabilirsiniz")).to_be_visible()
    expect(page.get_by_text("size Telegram'dan yazarız")).to_be_visible()
    newest(telegram, "Yeriniz saklandı")
    page.reload()
    expect(page.get_by_text("size Telegram'dan yazarız")).to_be_visible()
    page.close()
    row = operator.page.locator(".ad-row-waiting", has=operator.page.get_by_text("Ada", exact=True))
    expect(row.locator(".ad-row-held")).to_have_text("Sayfada değil; sırası yaklaşınca çağrılacak")

    bora = customer("Bora", "chat")
    bora.expect_place(2)
    operator.go_available()
    operator.expect_customer("Bora")
    called = newest(telegram, "Sıranız yaklaştı")
    assert "Ada" not in called.text
    link = buttons(called).get("Yerimi al") or re.findall(r"https?://\S+#place=\S+", called.text)[0]

    phone = CustomerPage(new_context(has_touch=True, is_mobile=True).new_page(), "Ada")
    phone.page.goto(link)
    phone.expect_place(1)
    expect(row.locator(".ad-row-held")).to_be_hidden()
    operator.hang_up()
    operator.expect_customer("Ada")
    phone.expect_call()
    operator.hang_up()
    assert mail.delivered == []
    assert complaints == []


def test_who_cannot_come_gives_the_place_up_in_the_chat(
    installation: Installation, customer: Callable[..., CustomerPage], telegram: FakeTelegram, complaints: list[str],
) -> None:  # fmt: skip
    awaited(lambda: telegram.named > 0, "the worker's look at the bot")
    ada = customer("Ada", "chat")
    ada.expect_place(1)
    telegram.messages.clear()
    telegram.bring(installation.a.url, WEBHOOK_SECRET, telegram.updates.make_message(ADA, f"/start {asks(ada)}"))
    expect(ada.page.get_by_role("heading", name="Bu sayfayı kapatabilirsiniz")).to_be_visible()
    kept = newest(telegram, "Yeriniz saklandı")
    for message, label in ((kept, "Yerimden vazgeç"), (None, "Evet, vazgeçiyorum")):
        shown = message or newest(telegram, "Yerinizden vazgeçilsin mi?")
        press = telegram.updates.make_press(ADA, shown.message_id, buttons(shown)[label])
        telegram.bring(installation.b.url, WEBHOOK_SECRET, press)
    newest(telegram, "Yerinizden vazgeçtiniz")
    expect(ada.page.get_by_role("heading", name="Bu sayfayı kapatabilirsiniz")).to_be_hidden()
    assert installation.queue()["waiting"] == 0
    assert complaints == []
