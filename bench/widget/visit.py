"""A customer on a phone, in real Chromium: opens the widget, joins as soon as that can be done, and talks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, CDPSession, Page

from bench.widget.weight import Network, Weight
from harness.browser.chromium import OBSERVER

PHONE = {"width": 390, "height": 844}
LATENCY_MS = 150
BYTES_A_SECOND = 1_600_000 / 8
CPU_SLOWDOWN = 4
QUIET_MS = 1500
"""So long nothing is fetched: the first view is over."""
PATIENCE_MS = 60_000

# From the first frame in which the form stands there, painted: a name can be typed, and a press on Join is taken.
WATCH = """
window.formAt = null;
(function look() {
  const button = document.querySelector("form button[type=submit]");
  const painted = performance.getEntriesByName("first-contentful-paint").length > 0;
  if (painted && button?.getBoundingClientRect().height > 0) window.formAt = performance.now();
  else requestAnimationFrame(look);
})();
"""
PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"


@dataclass
class Visit:
    """Milliseconds from the navigation on; `place_ms` from the press on Join to the place in the queue or the call."""

    paint_ms: float = 0.0
    form_ms: float = 0.0
    place_ms: float = 0.0
    first_view: Weight = field(default_factory=Weight)
    call: Weight = field(default_factory=Weight)
    fetched: list[str] = field(default_factory=list)
    """Each answer of the first view: its size and path."""


@contextmanager
def phone(browser: Browser, url: str) -> Iterator[tuple[Page, CDPSession]]:
    """A page in a fresh profile on the slow line; nothing is in its store."""
    context = browser.new_context(
        viewport={"width": PHONE["width"], "height": PHONE["height"]},
        is_mobile=True,
        has_touch=True,
        locale="tr-TR",
        permissions=["camera", "microphone"],
    )
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(OBSERVER)
    context.add_init_script(WATCH)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    line = {"latency": LATENCY_MS, "downloadThroughput": BYTES_A_SECOND, "uploadThroughput": BYTES_A_SECOND}
    session.send("Network.emulateNetworkConditions", {"offline": False, **line})
    session.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWDOWN})
    try:
        yield page, session
    finally:
        context.close()


def look(browser: Browser, url: str) -> Visit:
    """Opens the form and leaves it alone."""
    visit = Visit()
    with phone(browser, url) as (page, session):
        network = Network(session)
        page.goto(f"{url}/widget/?locale=tr")
        page.wait_for_function("() => window.formAt !== null")
        _until_quiet(page, network)
        visit.form_ms = page.evaluate("() => window.formAt")
        visit.paint_ms = page.evaluate(PAINTED)
        visit.first_view = network.weight()
        visit.fetched = [f"{one.bodies:>7} {one.path}" for one in network.done]
    return visit


def talk(browser: Browser, url: str, name: str, in_call: Callable[[Page], None]) -> tuple[Visit, list[str]]:
    """Joins in the very moment in which the form stands there; `in_call` returns when both talk."""
    visit = Visit()
    with phone(browser, url) as (page, session):
        # What only its end needs is fetched while a call runs.
        network = Network(session, without="customer-end")
        page.goto(f"{url}/widget/?locale=tr", wait_until="commit")
        page.wait_for_function("() => window.formAt !== null")
        page.fill("#ad-name", name)
        page.locator("form button[type=submit]").tap()
        pressed = page.evaluate("() => performance.now()")
        page.wait_for_selector(".ad-place__number:not(:empty), .ad-call")
        visit.place_ms = page.evaluate("() => performance.now()") - pressed
        in_call(page)
        _until_quiet(page, network)
        visit.call = network.weight()
        fetched = [f"{one.bodies:>7} {one.path}" for one in network.done]
    return visit, fetched


def _until_quiet(page: Page, network: Network) -> None:
    """Bounded by the page's patience: a page that fetches for ever is none that could be weighed."""
    for _ in range(PATIENCE_MS // QUIET_MS):
        before = len(network.done)
        page.wait_for_timeout(QUIET_MS)
        if len(network.done) == before and not network.open:
            return
    raise RuntimeError("the page did not stop fetching")
