"""Somebody else's page, with and without our loader on it: what the loader costs that page."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from statistics import median
from typing import Any

from playwright.sync_api import Browser

from bench.widget.visit import CPU_SLOWDOWN, PATIENCE_MS
from bench.widget.weight import Network, Weight

ROUNDS = 9
HEAD = '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Shop</title>'


class Shop(BaseHTTPRequestHandler):
    """`/with` carries the tag that site owners paste, `/without` another small script."""

    service = ""

    def do_GET(self) -> None:
        if self.path == "/other.js":
            return self._answer("text/javascript", "(() => {})();")
        source = f"{self.service}/embed.js" if self.path == "/with" else "/other.js"
        self._answer("text/html", f'{HEAD}<body><p>Shop</p><script async src="{source}"></script>')

    def _answer(self, kind: str, text: str) -> None:
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@contextmanager
def shop(service: str) -> Iterator[str]:
    """On another site than the service: the one is localhost, the other 127.0.0.1."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("OurShop", (Shop,), {"service": service}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def loader_cost(browser: Browser, service: str) -> tuple[Weight, float]:
    """(what embed.js weighs, milliseconds of the main thread that it adds on a slow phone: median of the rounds)."""
    weight, added = Weight(), []
    with shop(service) as url:
        for _ in range(ROUNDS):
            without, _unused = _visit(browser, f"{url}/without")
            with_it, weight = _visit(browser, f"{url}/with")
            added.append(with_it - without)
    return weight, median(added)


def _visit(browser: Browser, url: str) -> tuple[float, Weight]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    try:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        session = context.new_cdp_session(page)
        network = Network(session)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        session.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWDOWN})
        page.goto(url, wait_until="load")
        page.wait_for_timeout(200)
        metrics = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
        ours = [one for one in network.done if one.path == "/embed.js"]
        weight = Weight(len(ours), sum(one.bodies for one in ours), sum(one.wire for one in ours))
        return 1000 * float(metrics["TaskDuration"]), weight
    finally:
        context.close()
