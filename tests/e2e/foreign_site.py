"""Somebody else's site with the widget on it, and a browser that keeps what is stored apart for each site.

The page is on 127.0.0.1 and the service on localhost: two sites, while other ports alone would make no other site.
Playwright switches the partitioning of third-party storage off; with our arguments it is on, as in the browsers that
people have.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from playwright.sync_api import Browser, Page

from harness.loopback import LoopbackServer
from tests.e2e.conftest import PATIENCE_MS, Webs

LOADED = "() => typeof window.Adminara?.open === 'function'"
TAG = '<script src="{service}/embed.js" data-locale="en"></script>'
# What the page's own rules may not change of the widget's root.
SEEN = """() => {
  const root = [...document.documentElement.children].find((child) => child.shadowRoot);
  const { opacity, display, visibility, filter } = getComputedStyle(root);
  return [opacity, display, visibility, filter].join(" ");
}"""
SEEN_WELL = "1 block visible none"


@dataclass(frozen=True)
class Host:
    """A page. `{service}` in any of it is the widget's origin."""

    head: str = ""
    body: str = f"<p>Shop</p>{TAG}"
    html: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def page(self, service: str) -> bytes:
        head = f'<meta name="viewport" content="width=device-width"><title>Shop</title>{self.head}'
        text = f"<!doctype html><html{self.html}><head>{head}</head><body>{self.body}</body></html>"
        return text.replace("{service}", service).encode()


HOSTILE_CSS = """
div:empty { display: none } body > div, html > div { opacity: .2; display: none; transform: scale(.1) }
iframe, button { display: none !important } * { visibility: hidden; filter: blur(9px) } div { all: unset }
"""
STRICT = "default-src 'none'; script-src {service}; frame-src {service}; style-src 'self'"
HOSTS = {
    "plain": Host(),
    "css": Host(head=f"<style>{HOSTILE_CSS}</style>"),
    "strict": Host(headers={"Content-Security-Policy": STRICT}),
    "credentialless": Host(headers={"Cross-Origin-Embedder-Policy": "credentialless"}),
}
"""By their paths; those that several tests visit."""


def service_of(webs: Webs) -> str:
    """Nothing that is shown here ends web processes, so that the widget may come from one of them directly."""
    return f"http://localhost:{webs.both()[0][1]}"


@contextmanager
def serving(service: str, hosts: dict[str, Host]) -> Iterator[str]:
    """Where the site is. `service`: where the widget comes from, on localhost."""

    class Shop(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/favicon.ico":
                self.send_response(204)
                self.end_headers()
                return
            host = hosts.get(self.path.split("?")[0].strip("/"))
            if host is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            for name, value in host.headers.items():
                self.send_header(name, value.replace("{service}", service))
            self.end_headers()
            self.wfile.write(host.page(service))

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = LoopbackServer(Shop)
    server.start()
    yield server.origin
    server.stop()


def opened(browser: Browser, url: str) -> Page:
    """In a context of its own."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(url)
    page.wait_for_function(LOADED)
    return page
