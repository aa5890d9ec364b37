"""The widget on somebody else's site: the page is on 127.0.0.1, the service on localhost, which are two sites.

Playwright switches the partitioning of third-party storage off; here it is on, as in the browsers that people have.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e.conftest import CHROMIUM, CHROMIUM_ARGS, PATIENCE_MS, Installation
from tests.e2e.people import OperatorPage

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(240)]

HOSTILE_CSS = """
div:empty { display: none } body > div, html > div { opacity: .2; display: none; transform: scale(.1) }
iframe, button { display: none !important } * { visibility: hidden; filter: blur(9px) } div { all: unset }
"""
STRICT = "default-src 'none'; script-src {service}; frame-src {service}; style-src 'self'"
HOSTS: dict[str, dict[str, str]] = {
    "plain": {},
    "css": {"css": HOSTILE_CSS},
    "isolated": {"Cross-Origin-Embedder-Policy": "require-corp", "Cross-Origin-Opener-Policy": "same-origin"},
    "credentialless": {"Cross-Origin-Embedder-Policy": "credentialless"},
    "strict": {"Content-Security-Policy": STRICT},
    "twice": {"twice": "yes"},
}


class Host(BaseHTTPRequestHandler):
    """Serves `/<name>` as HOSTS says. `service` is the origin of the widget."""

    service = ""

    def do_GET(self) -> None:
        wanted = HOSTS.get(self.path.strip("/"))
        if wanted is None:
            self.send_error(404)
            return
        tag = f'<script src="{self.service}/embed.js" data-locale="en"></script>'
        style = f"<style>{wanted['css']}</style>" if "css" in wanted else ""
        tags = tag * (2 if "twice" in wanted else 1)
        body = f"<!doctype html><title>Shop</title>{style}<body><p>Shop</p>{tags}".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        for name, value in wanted.items():
            if "-" in name:
                self.send_header(name, value.format(service=self.service))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture
def shop(installation: Installation) -> Iterator[str]:
    service = installation.a.url.replace("127.0.0.1", "localhost")
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Shop", (Host,), {"service": service}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        # The last of two such words counts: none of Playwright's own stays switched off.
        arguments = [*CHROMIUM_ARGS, "--disable-features=Translate"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


def opened(browser: Browser, url: str) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(url)
    page.wait_for_function("() => window.Adminara && typeof window.Adminara.open === 'function'")
    return page


SEEN = """() => {
  const root = [...document.documentElement.children].find((child) => child.shadowRoot);
  const { opacity, display, visibility, filter } = getComputedStyle(root);
  return [opacity, display, visibility, filter].join(" ");
}"""


@pytest.mark.parametrize("host", list(HOSTS))
def test_the_widget_opens_on_every_kind_of_page(browser: Browser, shop: str, host: str) -> None:
    page = opened(browser, f"{shop}/{host}")
    assert page.evaluate(SEEN) == "1 block visible none"
    assert page.locator("button.launcher").count() == 1
    page.locator("button.launcher").click()
    expect(page.frame_locator("iframe").locator("#ad-name")).to_be_visible()
    page.context.close()


def test_a_conversation_outlives_what_the_page_does_to_its_body(
    browser: Browser, shop: str, operator: OperatorPage
) -> None:
    page = opened(browser, f"{shop}/plain")
    page.evaluate(
        "() => { window.counts = []; Adminara.on('unread', ({count}) => window.counts.push(count)); Adminara.open(); }"
    )
    widget = page.frame_locator("iframe")
    widget.locator("#ad-name").fill("Ada")
    widget.locator("input[value=chat]").check(force=True)
    widget.locator("button[type=submit]").click()
    expect(widget.locator(".ad-place__number")).to_have_text("1")
    operator.go_available()
    operator.expect_customer("Ada")

    page.evaluate("() => { document.body = document.createElement('body'); document.body.textContent = 'next page'; }")
    operator.say("still there?")
    expect(widget.get_by_text("still there?")).to_be_visible()

    # In a panel that is closed nothing was read.
    page.evaluate("() => Adminara.close()")
    operator.say("and now?")
    page.wait_for_function("() => window.counts.includes(1)")
    expect(page.locator(".badge")).to_have_text("1")
    page.evaluate("() => Adminara.open()")
    expect(widget.get_by_text("and now?")).to_be_visible()
    page.wait_for_function("() => window.counts.at(-1) === 0")

    # Taken out of the page, the frame loads anew and finds its conversation again.
    page.evaluate("() => [...document.documentElement.children].find((child) => child.shadowRoot).remove()")
    expect(widget.get_by_text("still there?")).to_be_visible()
    operator.say("welcome back")
    expect(widget.get_by_text("welcome back")).to_be_visible()

    page.evaluate(
        "() => { window.over = new Promise((resolve) => Adminara.on('call-ended', resolve)); Adminara.leaveQueue(); }"
    )
    page.evaluate("() => window.over")
    page.context.close()
