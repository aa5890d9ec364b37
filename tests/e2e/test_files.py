"""Files both ways: chosen, dropped or pasted, on their way with faults, seen and opened by the other side."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from harness.browser.people import CustomerPage, OperatorPage
from harness.webdriver.page import awaited
from tests.desk.files import samples
from tests.e2e.conftest import Installation
from tests.e2e.test_axe import faults

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(240)]
Join = Callable[..., CustomerPage]

UPLOADS = "**/files/?*"
DROP = """
([type, files]) => {
  const data = new DataTransfer();
  for (const [name, mime, bytes] of files) data.items.add(new File([new Uint8Array(bytes)], name, {type: mime}));
  const options = {bubbles: true, cancelable: true, dataTransfer: data, clipboardData: data};
  const event = type === "paste" ? new ClipboardEvent(type, options) : new DragEvent(type, options);
  (type === "paste" ? document.querySelector(".ad-composer__input") : document.body).dispatchEvent(event);
  return event.defaultPrevented;
}
"""
INSIDE = "() => document.activeElement === document.body || !!document.activeElement.closest('dialog')"
ROWS = """
from desk.files.models import File
import json
print(json.dumps(list(File.objects.filter(state="ready").order_by("created_at").values("name", "side"))))
"""
WAITS = """
from desk.files.models import File, State
from infra.redis.client import execute
from queueing.live import files
row = File.objects.filter(name="sözleşme.pdf").latest("created_at")
row.state = State.WAITING
row.save()
execute(files.tell(row.conversation_id, row.letter, row.info()))
"""

FULL = """
from desk.files.models import File, State
row = File.objects.filter(name="sözleşme.pdf").latest("created_at")
more = {"conversation_id": row.conversation_id, "side": "customer", "mime": "text/plain", "state": State.READY}
File.objects.bulk_create(File(name=f"{n}.txt", size=1, **more) for n in range(49))
"""


def picked(name: str, mime: str, content: bytes) -> dict[str, Any]:
    return {"name": name, "mimeType": mime, "buffer": content}


def attach(page: Page, *files: dict[str, Any]) -> None:
    """By the button, as somebody chooses them."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Dosya ekle").click()
    chooser.value.set_files(list(files))  # type: ignore[arg-type]


def rows(installation: Installation) -> list[dict[str, str]]:
    """The files that are there."""
    found: list[dict[str, str]] = json.loads(installation.manage("shell", "--no-imports", "-c", ROWS))
    return found


@pytest.fixture
def talk(customer: Join, operator: OperatorPage) -> tuple[CustomerPage, OperatorPage]:
    ada = customer("Ada", "chat")
    operator.go_available()
    ada.expect_call()
    operator.expect_customer("Ada")
    return ada, operator


def test_pictures_of_the_customer_are_seen_at_once_opened_by_keyboard_and_stay(
    talk: tuple[CustomerPage, OperatorPage], complaints: list[str]
) -> None:
    ada, operator = talk
    page, desk = ada.page, operator.page
    attach(page, picked("<b>hata</b>.png", "image/png", samples.picture(size=(1200, 800))))
    chosen = page.locator(".ad-upload")
    expect(chosen).to_have_count(1)
    expect(chosen).to_contain_text("<b>hata</b>.png")
    # Nothing has gone yet: what was chosen by mistake is taken back.
    assert page.locator(".ad-line").count() == 0
    page.get_by_role("button", name="Vazgeç: <b>hata</b>.png").click()
    expect(chosen).to_have_count(0)
    expect(page.locator(".ad-composer__input")).to_be_focused()

    # Dropped and pasted; the line goes first, and one Enter sends them all.
    first, second = list(samples.picture(size=(1200, 800))), list(samples.picture("JPEG", size=(30, 900)))
    assert page.evaluate(DROP, ["dragover", [["fatura.png", "image/png", first]]])
    expect(page.locator(".ad-drop")).to_be_visible()
    assert page.evaluate(DROP, ["drop", [["fatura.png", "image/png", first]]])
    expect(page.locator(".ad-drop")).to_be_hidden()
    assert page.evaluate(DROP, ["paste", [["ekran.jpg", "image/jpeg", second]]])
    expect(chosen).to_have_count(2)
    found = faults(page, "customer with files to send")
    ada.say("faturam burada")
    expect(chosen).to_have_count(0)
    for person in (ada, operator):
        person.expect_line("faturam burada")
        pictures = person.page.locator(".ad-file--picture img")
        expect(pictures).to_have_count(2)
        # As large as it will be, before it has come.
        expect(pictures.first).to_have_attribute("width", "240")
        expect(pictures.first).to_have_attribute("height", "160")
        expect(pictures.first).to_have_js_property("naturalWidth", 480)

    # By keyboard alone.
    opener = desk.get_by_role("button", name="Resmi aç: fatura.png")
    opener.press("Enter")
    viewer = desk.get_by_role("dialog", name="fatura.png")
    expect(viewer).to_contain_text("1 / 2")
    expect(viewer.locator("img")).to_have_js_property("naturalWidth", 1200)
    desk.keyboard.press("ArrowRight")
    expect(desk.get_by_role("dialog", name="ekran.jpg")).to_contain_text("2 / 2")
    desk.keyboard.press("ArrowRight")
    expect(viewer).to_be_visible()
    for _ in range(7):
        desk.keyboard.press("Tab")
        assert desk.evaluate(INSIDE)
    found += faults(desk, "console with an open picture")
    with desk.expect_download() as waiting:
        desk.get_by_role("link", name="İndir: fatura.png").click()
    assert waiting.value.suggested_filename == "fatura.png"
    desk.keyboard.press("Escape")
    expect(viewer).to_have_count(0)
    expect(opener).to_be_focused()
    found += faults(desk, "console with pictures")

    for person in (ada, operator):
        person.page.reload()
        expect(person.page.locator(".ad-file--picture img").first).to_have_js_property("naturalWidth", 480)
    operator.hang_up()
    ada.expect_ended()
    # After the end they are there to be read: no box to attach anything to.
    for _ in range(2):
        page.get_by_role("button", name="Resmi aç: ekran.jpg").click()
        expect(page.get_by_role("dialog").locator("img")).to_have_js_property("naturalHeight", 900)
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="Dosya ekle")).to_have_count(0)
        page.reload()
    found += faults(page, "customer after the end with pictures")
    assert complaints == []
    assert not found, "\n".join(found)


def test_a_document_of_the_operator_is_taken_along_and_what_is_refused_says_why(
    talk: tuple[CustomerPage, OperatorPage], installation: Installation, complaints: list[str]
) -> None:
    ada, operator = talk
    page, desk = ada.page, operator.page
    attach(
        desk,
        picked("sözleşme.pdf", "application/pdf", samples.PDF),
        picked("kurulum.exe", "application/pdf", b"MZ\x90\x00\x03\x00" + bytes(100)),
        picked("boş.txt", "text/plain", b""),
        picked("film.txt", "text/plain", b"x" * (10 * 1024 * 1024 + 1)),
    )
    uploads = desk.locator(".ad-upload")
    expect(uploads.nth(3)).to_contain_text("Bir dosya en çok 10 MB olabilir.")
    desk.press(".ad-composer__input", "Enter")
    expect(uploads).to_have_count(3)
    expect(uploads.nth(0)).to_contain_text("kurulum.exe")
    expect(uploads.nth(0)).to_contain_text("Bu türde dosya gönderilemez")
    expect(uploads.nth(1)).to_contain_text("Bu dosya boş")
    found = faults(desk, "console with refused files")
    document = page.get_by_role("link", name="sözleşme.pdf")
    with page.expect_download() as waiting:
        document.click()
    assert waiting.value.suggested_filename == "sözleşme.pdf"
    assert Path(waiting.value.path()).read_bytes() == samples.PDF
    assert [row["name"] for row in rows(installation) if row["side"] == "operator"][-1:] == ["sözleşme.pdf"]

    # The scanner is out: both read why it cannot be opened, and have it once the scanner answers.
    installation.manage("shell", "--no-imports", "-c", WAITS)
    for person in (page, desk):
        expect(person.locator(".ad-file--waiting")).to_contain_text("Virüs taraması bekleniyor")
    found += faults(page, "customer with a file that waits")
    installation.manage("shell", "--no-imports", "-c", "from desk.files import sweep; sweep.scan_waiting()")
    expect(page.get_by_role("link", name="sözleşme.pdf")).to_be_visible()
    assert [complaint for complaint in complaints if "415" not in complaint and "422" not in complaint] == []

    # As many as there may be: the next one says so, and can be taken back.
    installation.manage("shell", "--no-imports", "-c", FULL)
    attach(page, picked("fazla.txt", "text/plain", b"x"))
    page.press(".ad-composer__input", "Enter")
    one_more = page.locator(".ad-upload")
    expect(one_more).to_contain_text("Bu görüşmede daha fazla dosya gönderilemez: en çok 50 dosya ya da 100 MB.")
    found += faults(page, "customer with a file too many")
    page.get_by_role("button", name="Vazgeç: fazla.txt").click()
    expect(one_more).to_have_count(0)

    # In the admin it stands in a list of its own, and opens from there.
    desk.goto(f"{installation.b.url}/admin/desk/file/?q=sözleşme")
    found += faults(desk, "list of files")
    desk.locator("#result_list tbody a", has_text="sözleşme.pdf").first.click()
    found += faults(desk, "a file in the admin")
    with desk.expect_download() as waiting:
        desk.locator("a.ad-file").click()
    assert Path(waiting.value.path()).read_bytes() == samples.PDF
    assert not found, "\n".join(found)


def test_nothing_is_lost_or_left_over_when_the_way_or_the_storage_breaks(
    talk: tuple[CustomerPage, OperatorPage], installation: Installation, data: dict[str, str]
) -> None:
    ada, operator = talk
    page, desk = ada.page, operator.page
    before = len(rows(installation))
    session = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 400_000}
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", slow)
    upload = page.locator(".ad-upload")

    # Taken back in the middle: nothing of it stays.
    attach(page, picked("yarım.txt", "text/plain", b"x" * 4_000_000))
    page.press(".ad-composer__input", "Enter")
    awaited(lambda: page.locator(".ad-upload__bar").evaluate("(bar) => bar.value > 5"), "a part of the file")
    page.get_by_role("button", name="Vazgeç: yarım.txt").click()
    expect(upload).to_have_count(0)

    # The way there breaks in the middle: the file waits here, and another process gets all of it.
    attach(page, picked("kopuk.txt", "text/plain", b"y" * 4_000_000))
    page.press(".ad-composer__input", "Enter")
    awaited(lambda: page.locator(".ad-upload__bar").evaluate("(bar) => bar.value > 5"), "a part of the file")
    targets, installation.a.targets = installation.a.targets, []
    installation.web_a.process.kill()
    expect(upload).to_contain_text("Bağlantı koptu")
    session.send("Network.emulateNetworkConditions", {**slow, "uploadThroughput": -1})
    installation.a.targets = targets
    expect(desk.get_by_role("link", name="kopuk.txt")).to_have_count(1)
    expect(upload).to_have_count(0)

    # No answer came although the file did: tried again it is the same one.
    def swallow(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route(UPLOADS, swallow, times=1)
    attach(page, picked("bir-kez.txt", "text/plain", b"z"))
    page.press(".ad-composer__input", "Enter")
    expect(desk.get_by_role("link", name="bir-kez.txt")).to_have_count(1)

    # The storage is out, and comes back.
    folder = Path(data["DATA_DIR"]) / "files"
    folder.rename(folder.with_name("away"))
    folder.write_text("in the way")
    attach(page, picked("sonra.txt", "text/plain", b"later"))
    page.press(".ad-composer__input", "Enter")
    expect(upload).to_contain_text("Dosyalar şu anda saklanamıyor")
    folder.unlink()
    folder.with_name("away").rename(folder)
    page.get_by_role("button", name="Yeniden dene: sonra.txt").click()
    expect(desk.get_by_role("link", name="sonra.txt")).to_have_count(1)
    names = [row["name"] for row in rows(installation)[before:]]
    assert names == ["kopuk.txt", "bir-kez.txt", "sonra.txt"]

    # Chosen and not sent: the end says so.
    attach(page, picked("geç.txt", "text/plain", b"late"))
    expect(upload).to_have_count(1)
    operator.hang_up()
    ada.expect_ended()
    expect(page.locator(".ad-toast")).to_contain_text("1 dosya gönderilmedi")
