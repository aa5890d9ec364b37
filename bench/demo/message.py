"""A closed site, and still no dead end: a voice message is left, an operator takes it on Telegram, hears it in the
admin and answers by e-mail.
"""

from __future__ import annotations

import json
from urllib.request import Request, urlopen

from playwright.sync_api import Page, expect

from bench.demo.scene import Scene
from harness.browser.people import OperatorPage
from harness.fakes.smtp import FakeMail
from harness.fakes.telegram import FakeTelegram
from harness.webdriver.page import PATIENCE_MS, awaited

SECRET = "webhook-secret-of-the-demo"
CHAT = "990042"
CLOSE = """
from hours.models import OpeningHours
from sites.models import Site
OpeningHours.objects.get_or_create(site=Site.objects.get(key=""), defaults={"monday": "09:00-09:01"})
print("closed")
"""
OPEN = """
from hours.models import OpeningHours
OpeningHours.objects.filter(site__key="").delete()
print("open")
"""
HEARD = "(audio) => new Promise((done) => { audio.onended = done; audio.playbackRate = 4; void audio.play(); })"
ADDRESS = "ada.kaya@example.com"
"""Another one than in the shop, where what was said is sent."""


def play(scene: Scene, mail: FakeMail, telegram: FakeTelegram) -> None:
    deniz = scene.operator("Deniz", chat=CHAT)
    scene.manage("shell", "--no-imports", "-c", CLOSE)
    ada = scene.page()
    try:
        _leave(scene, ada)
        _take(scene, telegram)
        _answer(scene, deniz, mail)
    finally:
        scene.manage("shell", "--no-imports", "-c", OPEN)
    for page in (ada, deniz.page):
        page.context.close()


def _leave(scene: Scene, page: Page) -> None:
    closed = page.get_by_role("heading", name="Şu anda kapalıyız")

    def is_closed() -> bool:
        page.goto(scene.url)
        return closed.count() > 0

    awaited(is_closed, "a closed site")
    scene.clock.step("the site is closed, and says when it opens")
    scene.shoot_all("message-1-closed", page)
    page.get_by_role("button", name="Mesaj bırakın").click()
    page.get_by_role("button", name="Sesli mesaj kaydet").click()
    expect(page.locator(".ad-recorder__clock")).to_have_text("0:04 / 2:00")
    scene.shoot("message-2-recording", page)
    page.get_by_role("button", name="Kaydı bitir").click()
    expect(page.locator(".ad-recorder__player audio")).to_be_visible()
    page.get_by_label("Adınız").fill("Ada")
    page.get_by_label("E-posta adresiniz").fill(ADDRESS)
    scene.clock.step("four seconds are recorded and can be listened to")
    scene.shoot_all("message-3-recorded", page)
    page.get_by_role("button", name="Mesajı gönder").click()
    expect(page.get_by_role("heading", name="Mesajınız bize ulaştı")).to_be_visible()
    scene.clock.step("the voice message is sent")
    scene.shoot("message-4-kept", page)


def _take(scene: Scene, telegram: FakeTelegram) -> None:
    shown = telegram.wait_for_text(CHAT, "🎤", PATIENCE_MS / 1000)
    scene.clock.step(f"Telegram: {' '.join(shown.text.split())[:90]}")
    buttons = [cell for row in shown.reply_markup["inline_keyboard"] for cell in row]
    data = next(cell["callback_data"] for cell in buttons if "Ben alıyorum" in cell["text"])
    body = json.dumps(telegram.updates.make_press(CHAT, shown.message_id, data)).encode()
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET, "Content-Type": "application/json"}
    with urlopen(Request(f"{scene.url}/telegram/webhook/", body, headers), timeout=30):
        pass
    scene.clock.step(f"“I take it” is pressed: {telegram.updates.answers[-1].text}")


def _answer(scene: Scene, deniz: OperatorPage, mail: FakeMail) -> None:
    page = deniz.page
    page.goto(f"{scene.url}/admin/messages_left/message/?owner=me")
    page.locator("#result_list tbody tr th a").first.click()
    audio = page.locator(".ad-message-recording audio")
    audio.evaluate(HEARD)
    scene.clock.step("the operator has heard it")
    page.get_by_label("Yanıtınız").fill("Merhaba Ada, kargonuz bugün yola çıktı.")
    scene.shoot_all("message-5-heard", page)
    page.get_by_role("button", name="Yanıtı gönder").click()
    awaited(lambda: any(one.recipients == [ADDRESS] for one in mail.delivered), "the reply")
    letter = next(one for one in mail.delivered if one.recipients == [ADDRESS])
    scene.clock.step(f"the reply is in the mailbox: {letter.body.splitlines()[0]}")
    page.get_by_role("button", name="Bitti").click()
    expect(page.locator(".ad-conversation-sub")).to_contain_text("Bitti")
    scene.shoot("message-6-done", page)
