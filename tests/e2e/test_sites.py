"""One site from the admin to the console: made there with a colour, words and questions of its own, shown by the widget
on another origin, answered, and read by the operator before and in the conversation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from harness.browser.people import OperatorPage
from harness.loopback import LoopbackServer
from tests.desk.files import samples
from tests.e2e.conftest import Installation, Webs
from tests.e2e.test_axe import faults

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(300)]

COLOUR = "rgb(194, 24, 91)"


class Shop(BaseHTTPRequestHandler):
    """`/?<key>`: a page with the tag of that site."""

    service = ""

    def do_GET(self) -> None:
        key = self.path.partition("?")[2]
        tag = f'<script async src="{self.service}/embed.js" data-site="{key}" data-locale="en"></script>'
        body = f'<!doctype html><html lang="en"><title>Shop</title><body><p>Shop</p>{tag}'.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def shop(webs: Webs) -> Iterator[str]:
    """On 127.0.0.1; the service is on localhost, which is another site."""
    service = f"http://localhost:{webs.both()[0][1]}"
    server = LoopbackServer(type("Shop", (Shop,), {"service": service}))
    server.start()
    yield server.origin
    server.stop()


@pytest.fixture
def owner(installation: Installation, new_context: Callable[..., BrowserContext]) -> Page:
    """Whoever may edit sites, in the admin."""
    person = OperatorPage(new_context(locale="en-GB").new_page())
    installation.manage("createoperator", "owner", "--name", "Owner", "--superuser")
    person.sign_in(installation.b.url, "owner", lambda: installation.manage("otp", "owner").splitlines()[-1])
    return person.page


def add_question(page: Page, number: int, **fields: str) -> None:
    page.locator("#own_questions-group .add-row a").click()
    for name, value in fields.items():
        field = page.locator(f"#id_own_questions-{number}-{name}")
        if field.evaluate("(field) => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def made(page: Page, base: str, complaints: list[str]) -> str:
    """A site that somebody makes by hand; answers its key."""
    page.goto(f"{base}/admin/sites/site/add/")
    page.locator("#id_name").fill("Leather <b>")
    page.locator("#id_colour").fill("#ffcc00")
    page.locator("#id_title_en").fill("Ask the <i>workshop</i>")
    page.locator("#id_wait_en").fill("We are sewing. It will not be long.")
    page.locator("#id_end_en").fill("See you in the shop.")
    add_question(page, 0, kind="text", ask="required", labels_en="Order number", labels_tr="Sipariş numarası")
    add_question(page, 1, kind="choice", labels_en="Reason", choices_en="Return\nRepair", labels_tr="Neden",
                 choices_tr="İade\nOnarım")  # fmt: skip
    add_question(page, 2, kind="consent", ask="required", labels_en="I have read how my data is used",
                 link="https://shop.example/privacy")  # fmt: skip
    page.locator("[name=preview-locale]").select_option("en")
    preview = page.frame_locator(".ad-preview-frame:not([hidden])")
    expect(preview.locator("h1")).to_have_text("Ask the <i>workshop</i>")
    expect(preview.get_by_label("Order number")).to_be_visible()
    page.locator("[name=preview-screen][value=waiting]").check()
    expect(preview.get_by_text("We are sewing.")).to_be_visible()
    page.locator("[name=_continue]").click()
    # Too light to be seen: the nearest that can be is a press away.
    take = page.locator(".ad-take")
    expect(take).to_be_visible()
    assert complaints == []
    assert faults(page, "form of a site, refused") == []
    complaints.clear()  # axe tries a style in a page that allows none
    take.click()
    expect(page.locator("#id_colour")).to_have_value("#a98600")
    page.locator("#id_colour").fill("#C2185B")
    page.locator("[name=_continue]").click()
    expect(page.locator(".messagelist")).to_contain_text("Leather")
    return str(page.locator("[data-site-key]").get_attribute("data-site-key"))


def test_a_site_is_made_shown_answered_and_read(
    installation: Installation, new_context: Callable[..., BrowserContext], owner: Page, operator: OperatorPage,
    shop: str, complaints: list[str],
) -> None:  # fmt: skip
    key = made(owner, installation.b.url, complaints)
    page = new_context(locale="en-GB").new_page()
    page.goto(f"{shop}/?{key}")
    expect(page.locator("button.launcher")).to_have_css("background-color", COLOUR)
    page.locator("button.launcher").click()
    widget = page.frame_locator("iframe")
    expect(widget.locator("h1")).to_have_text("Ask the <i>workshop</i>")
    join = widget.locator("form button[type=submit]")
    expect(join).to_have_css("background-color", COLOUR)
    expect(widget.get_by_role("link", name="Read the text")).to_have_attribute("href", "https://shop.example/privacy")

    # What the page knows fills the form in; what has to be answered is asked for, one after the other.
    page.evaluate("() => Adminara.setUser({name: 'Ada', attributes: {siparis_numarasi: 'A-1'}})")
    order = widget.get_by_label("Order number")
    expect(order).to_have_value("A-1")
    order.fill("")
    widget.locator("input[value=chat]").check(force=True)
    join.click()
    expect(order).to_be_focused()
    expect(order).to_have_accessible_description("Please fill this in.")
    order.fill("A-2")
    widget.get_by_label("Reason").select_option("Repair")
    join.click()
    agreed = widget.get_by_role("checkbox", name="I have read how my data is used")
    expect(agreed).to_be_focused()
    agreed.check()
    # In the other language the same questions are asked, and nothing is lost.
    widget.locator(".ad-head").get_by_role("button", name="Türkçe").click()
    expect(widget.get_by_label("Sipariş numarası")).to_have_value("A-2")
    expect(widget.get_by_label("Neden").locator("option:checked")).to_have_text("Onarım")
    frame = next(frame for frame in page.frames if "/widget/" in frame.url)
    page.evaluate("() => Adminara.setLocale('en')")
    expect(order).to_have_value("A-2")
    join.click()
    expect(widget.locator(".ad-place__number")).to_have_text("1")
    expect(widget.get_by_text("We are sewing.")).to_be_visible()
    assert frame.url

    operator.expect_waiting("Ada")
    console = operator.page
    console.locator(".ad-row-open").click()
    expect(console.locator(".ad-row-details")).to_contain_text("Sipariş numarası")
    expect(console.locator(".ad-row-details")).to_contain_text("Onarım")
    operator.go_available()
    operator.expect_customer("Ada")
    card = console.locator(".ad-answers")
    expect(card).to_contain_text("A-2")
    expect(card).to_contain_text("I have read how my data is used")

    # A picture goes from the frame on the shop's page, which is another site, and is shown on both sides.
    with page.expect_file_chooser() as chooser:
        widget.get_by_role("button", name="Attach a file").click()
    chooser.value.set_files([{"name": "bag.png", "mimeType": "image/png", "buffer": samples.picture(size=(480, 320))}])
    widget.locator(".ad-composer__input").fill("The seam")
    widget.locator(".ad-composer__input").press("Enter")
    operator.expect_line("The seam")
    for shown in (widget, console):
        expect(shown.locator(".ad-file--picture img")).to_have_js_property("naturalWidth", 480)
    operator.hang_up()
    expect(widget.get_by_text("See you in the shop.")).to_be_visible()
    assert complaints == []
