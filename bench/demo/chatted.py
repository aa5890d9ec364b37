"""A customer who would rather not wait on the page: it leads them into the bot's chat, they press Start there and
leave, the bot writes when it is nearly their turn, and its link brings them back to the place. Another one is written
to by e-mail, cannot come, and gives the place up.
"""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from bench.demo import message
from bench.demo.scene import Scene
from harness.browser.people import CustomerPage
from harness.fakes.smtp import FakeMail
from harness.fakes.telegram import FakeTelegram, Message
from harness.webdriver.page import PATIENCE_MS, awaited

WEBHOOK = "https://support.example.org/telegram/webhook/"
ADA = 5_550_100
"""Telegram's id of her."""


def play(scene: Scene, mail: FakeMail, telegram: FakeTelegram) -> None:
    awaited(lambda: telegram.named > 0, "the worker's look at the bot")
    deniz = scene.operator("Deniz")
    ada, bora, cem = (CustomerPage(scene.page(), name) for name in ("Ada", "Bora", "Cem"))
    deniz.go_available()
    cem.join(scene.url, "chat")
    deniz.expect_customer("Cem")
    ada.join(scene.url, "audio")
    ada.expect_place(1)
    _start(scene, ada.page, telegram)
    called = _said(telegram, "Sıranız yaklaştı")
    scene.clock.step(f"Telegram: {' '.join(called.text.split())[:100]}")
    [link] = re.findall(r"https?://\S+#place=\S+", called.text)
    bora.join(scene.url, "audio")
    bora.expect_place(2)
    _give_up(scene, bora.page, mail)
    ada.page.goto(link)
    ada.expect_place(1)
    scene.clock.step("the link leads back to the place, which was kept")
    deniz.hang_up()
    deniz.expect_customer("Ada")
    ada.expect_call()
    scene.clock.step("it is their turn: the call runs")
    scene.shoot("chatted-5-call", ada.page)
    deniz.hang_up()
    for one in (deniz, ada, bora, cem):
        one.page.context.close()


def _start(scene: Scene, page: Page, telegram: FakeTelegram) -> None:
    page.get_by_role("button", name="Sıram yaklaşınca haber verin").click()
    expect(page.get_by_role("button", name="Telegram'dan haber verin")).to_be_visible()
    page.get_by_role("button", name="Telegram'dan haber verin").scroll_into_view_if_needed()
    scene.shoot_all("chatted-1-offer", page)
    page.get_by_role("button", name="Telegram'dan haber verin").click()
    way = page.get_by_role("link", name="Telegram'ı aç")
    address = way.get_attribute("href") or ""
    scene.clock.step(f"the page leads to {address.partition('=')[0]}=…")
    scene.shoot_all("chatted-2-link", page)
    start = telegram.updates.make_message(ADA, f"/start {address.partition('=')[2]}")
    telegram.bring(scene.url, message.SECRET, start)
    expect(page.get_by_role("heading", name="Bu sayfayı kapatabilirsiniz")).to_be_visible()
    scene.clock.step("Start was pressed: the place is kept, the page may be closed")
    scene.shoot_all("chatted-3-kept", page)
    kept = _said(telegram, "Yeriniz saklandı")
    scene.clock.step(f"Telegram: {' '.join(kept.text.split())[:100]}")
    page.goto(f"{scene.url}/robots.txt")


def _give_up(scene: Scene, page: Page, mail: FakeMail) -> None:
    page.get_by_role("button", name="Sıram yaklaşınca haber verin").click()
    page.get_by_label("E-posta adresiniz").fill("bora@example.org")
    page.get_by_role("button", name="Yerimi sakla ve bana yaz").click()
    awaited(lambda: any("/give-up/" in letter.body for letter in mail.delivered), "the confirming letter")
    letter = next(letter for letter in mail.delivered if "/give-up/" in letter.body)
    scene.clock.step(f"e-mail: {letter.message['Subject']}")
    [link] = re.findall(r"https?://\S+/give-up/\S+", letter.body)
    page.goto(link)
    expect(page.get_by_role("heading", name="Yerinizden vazgeçilsin mi?")).to_be_visible()
    scene.shoot_all("chatted-4-give-up", page)
    page.get_by_role("button", name="Evet, vazgeçiyorum").click()
    expect(page.get_by_role("heading", name="Yerinizden vazgeçtiniz")).to_be_visible()
    scene.shoot_all("chatted-4-given-up", page)
    scene.clock.step("the letter's link gives the place up")


def _said(telegram: FakeTelegram, containing: str) -> Message:
    return telegram.wait_for_text(str(ADA), containing, PATIENCE_MS / 1000)
