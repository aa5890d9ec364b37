"""What the customer and the operator do on their pages, as a person would: by what is drawn there."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page as PlaywrightPage

from bench.call_lab.measure import Record
from harness.webdriver.expecting import expect
from harness.webdriver.page import Page as WebDriverPage

Page = PlaywrightPage | WebDriverPage

TALK_EVERY_MS = 400


class Person:
    """A page with the observer in it."""

    box: str
    heard: str
    prefix: str

    def __init__(self, page: Page) -> None:
        self.page = page

    def talk(self, every_ms: int = TALK_EVERY_MS) -> None:
        """Types a numbered line that often from now on, also after a reload."""
        self.page.evaluate(
            "wish => window.lab.talk(wish)", {"box": self.box, "prefix": self.prefix, "everyMs": every_ms}
        )

    def fall_silent(self) -> None:
        self.page.evaluate("() => window.lab.talk(null)")

    def lines_heard(self) -> list[str]:
        return self.page.locator(self.heard).all_text_contents()

    def leave(self) -> None:
        """Closes the page; what it stored is gone."""
        if isinstance(self.page, WebDriverPage):
            self.page.close()
        else:
            self.page.context.close()

    def record(self) -> Record:
        return Record(**self.page.evaluate("() => window.lab.collect()"))

    def last_sample(self) -> dict[str, Any]:
        return self.page.evaluate("() => window.lab.last()") or {}

    def connections(self) -> list[dict[str, str]]:
        """Of each open RTCPeerConnection: signaling, connection, fragment (the ICE user name in force)."""
        found: list[dict[str, str]] = self.page.evaluate("() => window.lab.settled()")
        return found


class Customer(Person):
    box = ".ad-composer__input"
    heard = ".ad-line--peer .ad-line__text"
    prefix = "c"

    def join(self, url: str, media: str = "video") -> None:
        self.page.goto(url)
        self.page.fill("#ad-name", "Ada")
        self.page.check(f"input[value={media}]", force=True)
        self.page.click("button[type=submit]")

    def expect_call(self) -> None:
        expect(self.page.locator(".ad-call")).to_be_visible(timeout=45_000)


class Operator(Person):
    box = ".ad-composer__input"
    heard = ".ad-line--peer .ad-line__text"
    prefix = "o"

    def sign_in(self, url: str, admin_id: str, code: Callable[[], str]) -> None:
        self.page.goto(f"{url}/admin/console/")
        self.page.fill("#admin-id", admin_id)
        self.page.click("#ask button[type=submit]")
        expect(self.page.locator("#code")).to_be_visible()
        self.page.fill("#code", code())  # a complete code is submitted by the page itself
        expect(self.page.locator(".ad-availability")).to_be_visible(timeout=45_000)

    def go_available(self) -> None:
        self._switch("true")

    def go_off(self) -> None:
        self._switch("false")

    def _switch(self, wanted: str) -> None:
        switch = self.page.locator(".ad-switch")
        deadline = time.monotonic() + 45
        while switch.get_attribute("aria-checked") != wanted:
            if time.monotonic() > deadline:
                raise TimeoutError(f"the operator's switch does not become {wanted}")
            switch.click()
            self.page.wait_for_timeout(500)

    def choose_colleague(self, admin_id: str) -> None:
        """Up to the button that passes the customer on."""
        self.page.click("[data-control=transfer]")
        self.page.check(f".ad-transfer input[value={admin_id}]", force=True)

    def pass_on(self) -> None:
        self.page.click(".ad-transfer button[type=submit]")

    def restart_connection(self) -> None:
        self.page.click("[data-control=restart]")

    def hang_up(self) -> None:
        self.page.click("[data-control=end]")
        self.page.click(".ad-confirm .ad-button--danger")
        expect(self.page.locator(".ad-stage-ended")).to_be_visible()
