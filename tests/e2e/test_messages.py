"""A dead end, and the way on from it: a message is left, an operator takes it on Telegram and answers by e-mail."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from io import BytesIO
from urllib.request import Request, urlopen

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

from harness.browser.people import OperatorPage
from harness.fakes.smtp import FakeMail
from harness.fakes.telegram import FakeTelegram
from harness.webdriver.page import awaited
from tests.e2e.conftest import PATIENCE_MS, WEBHOOK_SECRET, Installation, sign_in
from tests.e2e.test_axe import faults

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(240)]
CHAT = "990017"
HEARD = """
(audio) => new Promise((done) => {
  audio.onended = () => done({ended: true, at: audio.currentTime});
  audio.onerror = () => done({ended: false, at: 0});
  audio.playbackRate = 4;
  void audio.play();
})
"""
KEEP_RECORDER = """
() => {
  window.MediaRecorder = class extends MediaRecorder {
    constructor(...given) {
      super(...given);
      window.recorder = this;
    }
  };
}
"""
# The devices are free: what was recorded were tracks of the recorder's own.
FREE = "() => window.recorder.stream.getTracks().every((track) => track.readyState === 'ended')"


@pytest.fixture
def maintenance(installation: Installation) -> Iterator[None]:
    installation.manage("maintenance", "on")
    yield
    installation.manage("maintenance", "off")


def press(installation: Installation, telegram: FakeTelegram, label: str) -> str:
    """Under the newest message of the operator's chat; what the presser reads."""
    shown = next(one for one in reversed(telegram.messages) if one.chat_id == CHAT)
    buttons = [cell for row in shown.reply_markup["inline_keyboard"] for cell in row]
    (data,) = [cell["callback_data"] for cell in buttons if label in cell["text"]]
    body = json.dumps(telegram.updates.make_press(CHAT, shown.message_id, data)).encode()
    headers = {"X-Telegram-Bot-Api-Secret-Token": WEBHOOK_SECRET, "Content-Type": "application/json"}
    before = len(telegram.updates.answers)
    with urlopen(Request(f"{installation.a.url}/telegram/webhook/", body, headers), timeout=30) as answer:
        assert answer.status == 200
    return telegram.updates.answers[before].text


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (64, 48), "teal").save(out, "PNG")
    return out.getvalue()


def refused(page: Page, url: str, name: str) -> None:
    page.goto(url)
    page.fill("#ad-name", name)
    page.check("input[value=chat]", force=True)
    page.click("button[type=submit]")
    expect(page.get_by_role("heading", name="Bakım")).to_be_visible()


def test_from_a_dead_end_to_a_reply(
    installation: Installation,
    new_context: Callable[..., BrowserContext],
    maintenance: None,
    telegram: FakeTelegram,
    mail: FakeMail,
    complaints: list[str],
) -> None:
    admin_id = f"deniz-{secrets.token_hex(3)}"
    installation.manage("createoperator", admin_id, "--name", "Deniz", "--chat-id", CHAT)
    page = new_context().new_page()
    refused(page, installation.a.url, "Ada")
    page.get_by_role("button", name="Mesaj bırakın").click()
    expect(page.get_by_role("heading", name="Mesaj bırakın, size dönelim")).to_be_focused()
    expect(page.get_by_label("Adınız")).to_have_value("Ada")

    # What is missing is said, with the keyboard where it is; what was written survives a reload and another language.
    page.get_by_role("button", name="Mesajı gönder").press("Enter")
    expect(page.get_by_label("Mesajınız")).to_be_focused()
    page.get_by_label("Mesajınız").fill("Kargom gelmedi.\n<b>Nerede?</b>")
    refused(page, installation.a.url, "Ada")
    page.get_by_role("button", name="Mesaj bırakın").click()
    expect(page.get_by_label("Mesajınız")).to_have_value("Kargom gelmedi.\n<b>Nerede?</b>")
    page.get_by_role("button", name="English").click()
    page.get_by_label("Your e-mail address").fill("ada@example.com")
    # The line is gone when it is sent: the page tries again by itself.
    page.route("**/messages/**", lambda route: route.abort())
    page.get_by_role("button", name="Send the message").click()
    expect(page.locator(".ad-message__status")).to_contain_text("kept in this page")
    page.unroute("**/messages/**")
    expect(page.get_by_role("heading", name="We have your message")).to_be_visible()
    expect(page.locator(".ad-message__kept")).to_contain_text("ada@example.com")

    telegram.wait_for_text(CHAT, "Kargom", PATIENCE_MS / 1000)
    assert press(installation, telegram, "Ben alıyorum").startswith("✅ Bu mesaj artık sizde")

    desk = OperatorPage(new_context().new_page())
    desk.sign_in(installation.b.url, admin_id, lambda: installation.manage("otp", admin_id).splitlines()[-1])
    desk.page.goto(f"{installation.b.url}/admin/messages_left/message/?owner=me")
    row = desk.page.locator("#result_list tbody tr")
    expect(row).to_have_count(1)
    row.locator("th a").click()
    expect(desk.page.locator(".ad-message-text").first).to_have_text("Kargom gelmedi.\n<b>Nerede?</b>")
    desk.page.get_by_label("Yanıtınız").fill("Bugün yola çıktı.")
    desk.page.get_by_role("button", name="Yanıtı gönder").click()
    expect(desk.page.locator(".ad-message-reply")).to_contain_text("Bugün yola çıktı.")
    awaited(lambda: any(one.recipients == ["ada@example.com"] for one in mail.delivered), "the reply")
    letter = next(one for one in mail.delivered if one.recipients == ["ada@example.com"])
    assert letter.body.startswith("Bugün yola çıktı.\n\nDeniz\n")
    desk.page.get_by_role("button", name="Bitti").click()
    expect(desk.page.locator(".ad-conversation-sub")).to_contain_text("Bitti")
    awaited(lambda: any(one.chat_id == CHAT and "☑️" in one.text for one in telegram.messages), "the card's end")
    assert all("ERR_FAILED" in complaint for complaint in complaints)


def test_nobody_on_shift_a_message_can_be_left_without_losing_the_place(
    installation: Installation, new_context: Callable[..., BrowserContext], complaints: list[str]
) -> None:
    page = new_context().new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(installation.a.url)
    page.fill("#ad-name", "Ada")
    page.check("input[value=chat]", force=True)
    page.click("button[type=submit]")
    expect(page.locator(".ad-place__number")).to_have_text("1")
    page.get_by_role("button", name="Mesaj bırakın").click()
    page.get_by_label("Mesajınız").fill("Sonra arayın.")
    page.get_by_label("Telefon numaranız").fill("12")
    page.get_by_role("button", name="Mesajı gönder").click()
    expect(page.get_by_label("Telefon numaranız")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#ad-message-phone-error")).not_to_be_empty()
    page.get_by_label("Telefon numaranız").fill("+90 555 111 22 33")
    page.get_by_role("button", name="Mesajı gönder").click()
    expect(page.get_by_role("heading", name="Mesajınız bize ulaştı")).to_be_visible()
    # The place is kept: who comes now is still served, and nobody is recorded any more whose form has gone.
    page.evaluate(KEEP_RECORDER)
    page.get_by_role("button", name="Bir mesaj daha yaz").click()
    page.get_by_role("button", name="Sesli mesaj kaydet").click()
    expect(page.get_by_role("button", name="Kaydı bitir")).to_be_visible()
    desk = OperatorPage(new_context().new_page())
    sign_in(installation, desk)
    desk.go_available()
    expect(page.locator(".ad-call")).to_be_visible()
    page.wait_for_function(FREE)
    assert all("422" in complaint for complaint in complaints)


def press_left(page: Page) -> None:
    page.get_by_role("button", name="Mesaj bırakın").click()
    expect(page.get_by_role("heading", name="Mesaj bırakın, size dönelim")).to_be_visible()


def test_a_voice_message_is_recorded_sent_and_heard(
    installation: Installation,
    new_context: Callable[..., BrowserContext],
    maintenance: None,
    complaints: list[str],
) -> None:
    page = new_context().new_page()
    refused(page, installation.a.url, "Ada")
    press_left(page)
    # Begun and given up: nothing of it is kept, and the microphone is free.
    page.get_by_role("button", name="Sesli mesaj kaydet").click()
    page.get_by_role("button", name="Vazgeç", exact=True).click()
    expect(page.locator(".ad-upload")).to_have_count(0)
    page.get_by_role("button", name="Sesli mesaj kaydet").click()
    expect(page.locator(".ad-recorder__clock")).to_have_text("0:02 / 2:00")
    page.wait_for_function("() => document.querySelector('.ad-recorder__meter').value > 0")
    page.get_by_role("button", name="Kaydı bitir").click()
    expect(page.locator(".ad-recorder__player audio")).to_be_focused()
    # Another try takes the place of the first.
    page.get_by_role("button", name="Yeniden kaydet").click()
    expect(page.locator(".ad-recorder__clock")).to_have_text("0:02 / 2:00")
    page.get_by_role("button", name="Kaydı bitir").click()
    expect(page.locator(".ad-upload")).to_have_count(1)

    # A file that is no file of ours stops the message, and the rest stays.
    page.locator("input[type=file]").first.set_input_files(
        [
            {"name": "hata.png", "mimeType": "image/png", "buffer": picture()},
            {"name": "oyun.exe", "mimeType": "application/octet-stream", "buffer": b"MZ\x90\x00" + bytes(90)},
        ]
    )
    page.get_by_label("E-posta adresiniz").fill("ada@example.com")
    page.get_by_role("button", name="Mesajı gönder").click()
    expect(page.locator(".ad-message__status")).to_contain_text("bir dosya kabul edilmedi")
    expect(page.locator(".ad-upload[data-phase=done]")).to_have_count(2)
    page.get_by_role("button", name="Vazgeç: oyun.exe").click()
    page.get_by_role("button", name="Mesajı gönder").click()
    expect(page.get_by_role("heading", name="Mesajınız bize ulaştı")).to_be_visible()

    desk = OperatorPage(new_context().new_page())
    sign_in(installation, desk)
    # Heard and taken in the console, which stays where it is.
    left = desk.page.locator(".ad-left li").filter(has_text="🎤", has_not_text="🎥")
    left.locator("summary").press("Enter")
    assert left.locator("audio").evaluate(HEARD)["ended"]
    assert faults(desk.page, "console") == []
    left.get_by_role("button", name="Ben alıyorum").press("Enter")
    expect(left).to_contain_text("sizde")
    expect(left.locator("summary")).to_be_focused()
    expect(left.get_by_role("button", name="Ben alıyorum")).to_have_count(0)
    desk.page.goto(f"{installation.b.url}/admin/messages_left/message/")
    row = desk.page.locator("#result_list tbody tr").first
    expect(row).to_contain_text("🎤 0:0")
    expect(row).to_contain_text("📎 1")
    row.locator("th a").click()
    audio = desk.page.locator(".ad-message-recording audio")
    heard = audio.evaluate(HEARD)
    assert heard["ended"]
    assert 1.0 < heard["at"] < 5.0
    # Back to a place in it, as seeking asks for a part alone.
    audio.evaluate("(audio) => new Promise((done) => { audio.onseeked = done; audio.currentTime = 0.5; })")
    picture_shown = desk.page.locator(".ad-message-files img")
    assert picture_shown.evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 64
    assert all("415" in complaint for complaint in complaints)


def test_without_a_microphone_a_message_is_written(
    installation: Installation, new_context: Callable[..., BrowserContext], maintenance: None, complaints: list[str]
) -> None:
    page = new_context().new_page()
    page.add_init_script(
        "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', 'NotAllowedError'); }"
    )
    refused(page, installation.a.url, "Ada")
    press_left(page)
    page.get_by_role("button", name="Sesli mesaj kaydet").click()
    expect(page.locator(".ad-recorder__news")).to_contain_text("İsterseniz yazın.")
    page.get_by_label("Mesajınız").fill("Yazıyorum.")
    page.get_by_label("Telefon numaranız").fill("+90 555 111 22 33")
    page.get_by_role("button", name="Mesajı gönder").click()
    expect(page.get_by_role("heading", name="Mesajınız bize ulaştı")).to_be_visible()
    assert not complaints
