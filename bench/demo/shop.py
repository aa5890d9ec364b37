"""A shop on another origin with the widget on it: a question of its own before the chat, a picture, a canned reply, the
end, a rating, and what was said by e-mail. Played in each language, with pictures of every moment.
"""

from __future__ import annotations

import io
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from PIL import Image, ImageDraw
from playwright.sync_api import FrameLocator, Page, expect

from bench.demo.scene import Scene
from harness.browser.people import OperatorPage
from harness.fakes.smtp import FakeMail
from harness.webdriver.page import awaited


@dataclass(frozen=True)
class Words:
    """What is said and pressed in one language."""

    language: str
    question: str
    line: str
    attach: str
    reply: str
    good: str
    rate: str
    comment: str
    address: str
    send: str
    sent: str
    rated: str


WORDS = (
    Words(
        language="tr",
        question="Sipariş numarası",
        line="Çantanın dikişi açılmış, fotoğrafı ekte.",
        attach="Dosya ekle",
        reply="Merhaba {customer.name}, fotoğraf için teşekkürler. Yenisini bugün yola çıkarıyoruz.",
        good="Çok iyi",
        rate="Değerlendirmeyi gönder",
        comment="Beş dakikada çözüldü.",
        address="E-posta adresiniz",
        send="E-postayla gönder",
        sent="Gönderildi",
        rated="Teşekkür ederiz",
    ),
    Words(
        language="en",
        question="Order number",
        line="The seam of the bag has come undone, a picture is with it.",
        attach="Attach a file",
        reply="Hello {customer.name}, thank you for the picture. We are sending a new one today.",
        good="Very good",
        rate="Send rating",
        comment="Solved in five minutes.",
        address="Your e-mail address",
        send="Send by e-mail",
        sent="Sent",
        rated="Thank you",
    ),
)

SITE = """
from desk.models import CannedReply
from sites.models import OwnQuestion, Site
site = Site.objects.create(name="Deri Atölyesi", brand="Deri Atölyesi", colour="#7a3e1d", dark_colour="#e0a37c")
OwnQuestion.objects.create(
    site=site, kind="text", ask="required", key="order_number",
    labels={"tr": "Sipariş numarası", "en": "Order number"},
)
for language, text in %(replies)r.items():
    CannedReply.objects.create(shortcut="%(shortcut)s" + language, language=language, text=text)
print(site.key)
"""
PAGE = """<!doctype html><html lang="{language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Deri Atölyesi</title><style>
:root {{ color-scheme: light dark }}
body {{ margin: 0; font: 17px/1.6 Georgia, serif }}
header, main {{ max-width: 62rem; margin: 0 auto; padding: 1.5rem }}
header {{ display: flex; justify-content: space-between; border-bottom: 1px solid #8884 }}
ul {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: 1.5rem; padding: 0 }}
li {{ list-style: none; padding: 6rem 1rem 1rem; background: #a8733c22; border-radius: 6px }}
</style></head><body><header><strong>Deri Atölyesi</strong><span>127.0.0.1</span></header>
<main><h1>{title}</h1><ul><li>Defter · 480 ₺</li><li>Çanta · 2.900 ₺</li><li>Kemer · 760 ₺</li></ul></main>
<script async src="{service}/embed.js" data-site="{key}" data-locale="{language}"></script></body></html>"""
TITLES = {"tr": "Elde dikilir", "en": "Sewn by hand"}


def play(scene: Scene, mail: FakeMail | None) -> None:
    """`mail`: where the stack's e-mail goes; without one the last step is left out."""
    shortcut = f"kargo-{secrets.token_hex(2)}-"
    replies = {words.language: words.reply for words in WORDS}
    key = scene.manage("shell", "--no-imports", "-c", SITE % {"replies": replies, "shortcut": shortcut})
    scene.clock.step("a site with a question of its own, and canned replies")
    for words in WORDS:
        with _serving(scene.url, key, words.language) as shop:
            _visit(scene, words, shop, shortcut + words.language, mail)


def _visit(scene: Scene, words: Words, shop: str, shortcut: str, mail: FakeMail | None) -> None:
    step, language = scene.clock.step, words.language
    operator = scene.operator(language=language)
    page = scene.page(language)
    page.goto(shop)
    launcher = page.locator("button.launcher")
    launcher.wait_for()
    step(f"[{language}] a shop on another origin ({shop}), its widget closed")
    scene.shoot_all(f"shop-{language}-1-closed", page)
    launcher.click()
    widget = page.frame_locator("iframe")
    widget.locator("#ad-name").fill("Ada")
    widget.locator("input[value=chat]").check(force=True)
    widget.get_by_label(words.question).fill("TR-2026-104882")
    step(f"[{language}] before the chat, with a question of the site's own")
    scene.shoot_all(f"shop-{language}-2-form", page)
    widget.locator("form button[type=submit]").click()
    operator.expect_waiting("Ada")
    operator.go_available()
    operator.expect_customer("Ada")
    expect(widget.locator(".ad-composer__input")).to_be_visible()
    step(f"[{language}] connected; the operator reads the answer")
    _send_picture(widget, page, words)
    expect(operator.page.locator(".ad-file--picture img").first).to_have_js_property("complete", True)
    step(f"[{language}] a picture and a line have arrived")
    scene.shoot_all(f"shop-{language}-3-picture", page)
    scene.shoot_all(f"shop-{language}-3-picture-console", operator.page)
    _reply(scene, operator, widget, words, shortcut)
    step(f"[{language}] a canned reply, with the customer's name filled in")
    scene.shoot_all(f"shop-{language}-5-replied", page)
    operator.hang_up()
    _rate(widget, words)
    step(f"[{language}] the end, and a rating")
    scene.shoot_all(f"shop-{language}-6-rated", page)
    if mail is None:
        print("           no e-mail: this stack's mail server is not the demo's")
    else:
        _take_along(scene, widget, words, mail)
        scene.shoot_all(f"shop-{language}-7-by-mail", page)
    page.context.close()
    operator.page.context.close()


def _send_picture(widget: FrameLocator, page: Page, words: Words) -> None:
    with page.expect_file_chooser() as chooser:
        widget.get_by_role("button", name=words.attach).click()
    chooser.value.set_files([{"name": "canta.png", "mimeType": "image/png", "buffer": _picture()}])
    expect(widget.locator(".ad-upload")).to_be_visible()
    box = widget.locator(".ad-composer__input")
    box.fill(words.line)
    box.press("Enter")
    expect(widget.locator(".ad-file--picture img")).to_have_js_property("complete", True)


def _reply(scene: Scene, operator: OperatorPage, widget: FrameLocator, words: Words, shortcut: str) -> None:
    desk = operator.page
    box = desk.locator(".ad-composer__input")
    box.focus()
    desk.keyboard.type(f"/{shortcut[:9]}")
    expect(desk.locator("[role=option][aria-selected=true]")).to_contain_text(shortcut)
    scene.shoot_all(f"shop-{words.language}-4-reply-console", desk)
    box.focus()
    desk.keyboard.press("Enter")
    said = words.reply.replace("{customer.name}", "Ada")
    expect(box).to_have_value(said)
    desk.keyboard.press("Enter")
    expect(widget.locator(".ad-line__text", has_text=said)).to_be_visible()


def _rate(widget: FrameLocator, words: Words) -> None:
    widget.get_by_text(words.good, exact=True).click()
    widget.locator(".ad-rating textarea").fill(words.comment)
    widget.get_by_role("button", name=words.rate).click()
    expect(widget.locator("#ad-rating-status")).to_contain_text(words.rated)


def _take_along(scene: Scene, widget: FrameLocator, words: Words, mail: FakeMail) -> None:
    before = len(mail.delivered)
    widget.get_by_label(words.address).fill("ada@example.com")
    widget.get_by_role("button", name=words.send).click()
    expect(widget.locator("#ad-mail-status")).to_contain_text(words.sent)
    awaited(lambda: len(mail.delivered) > before, "the e-mail")
    letter = mail.delivered[-1]
    name = f"shop-{words.language}-7-letter.txt"
    (scene.shots / name).write_text(f"Subject: {letter.message['Subject']}\n\n{letter.body}", encoding="utf-8")
    scene.clock.step(f"[{words.language}] what was said has arrived at {letter.recipients[0]} ({name})")


@contextmanager
def _serving(service: str, key: str, language: str) -> Iterator[str]:
    """The shop's address. The service is on localhost; 127.0.0.1 is another site."""
    page = PAGE.format(service=service, key=key, language=language, title=TITLES[language]).encode()

    class Shop(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/" else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page if self.path == "/" else b"")

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def _picture() -> bytes:
    """A bag with an open seam, as far as that can be drawn here."""
    image = Image.new("RGB", (960, 720), "#e9dcc9")
    draw = ImageDraw.Draw(image)
    draw.arc((330, 90, 630, 420), 180, 360, fill="#5d3216", width=26)
    draw.rounded_rectangle((200, 250, 760, 620), 48, fill="#7a3e1d")
    draw.line((240, 340, 720, 340), fill="#d9b48f", width=6)
    for x in range(250, 720, 34):
        draw.line((x, 560, x + 16, 560 + (30 if 430 < x < 560 else 0)), fill="#f3e2cd", width=6)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
