"""One call in the lab: two people, what happens between them, and what was seen of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

from playwright.sync_api import Browser, Playwright
from playwright.sync_api import Error as PlaywrightError

from bench.call_lab import browsers
from bench.call_lab.measure import Chat, Record, compare_all, compare_lines
from bench.call_lab.people import Customer, Operator, Page, Person
from bench.call_lab.server import COLLEAGUE, OPERATOR
from bench.call_lab.topology import Topology
from harness.webdriver.firefox import Firefox
from harness.webdriver.page import Patience
from harness.webdriver.session import WebDriverError

BROWSER_ERRORS = (PlaywrightError, WebDriverError, Patience)

MEDIA_SECS = 60.0
CHAT_SECS = 30.0
LINES_SAID = 6  # of each side, at least: what few lines went through says little
UNJUDGED = 0.25  # of the time in which figures are taken, where nobody judges them
DEVICES_MS = 2000  # for the camera to open: an operator does not become available in the second of the call


def now_ms() -> float:
    """The clock that the pages' Date.now() reads too."""
    return time.time() * 1000


class NoMedia(RuntimeError):
    """Media did not come, or not again."""


class Studio:
    """Two browsers and a signed-in operator, kept from call to call. `kinds`: the browser of each side.

    `sparing`: small pictures and short looks, for runs whose figures nobody judges.
    """

    def __init__(self, playwright: Playwright, topology: Topology, kinds: dict[str, str], *, sparing: bool) -> None:
        self.playwright = playwright
        self.topology = topology
        self.kinds = kinds
        self.sparing = sparing
        self._browsers: dict[str, Browser | Firefox] = {}
        self._operators: dict[str, Operator] = {}

    def browser(self, side: str) -> Browser | Firefox:
        found = self._browsers.get(side)
        if found is None or (isinstance(found, Browser) and not found.is_connected()):
            place = (self.topology.namespaces[side], self.topology.run.folder, self.topology.server.url)
            firefox = self.kinds[side] == "firefox"
            found = (
                browsers.launch_firefox(*place)
                if firefox
                else browsers.launch(self.playwright, *place, sparing=self.sparing)
            )
            self._browsers[side] = found
        return found

    def new_page(self, side: str) -> Page:
        """With nothing stored from calls before."""
        browser = self.browser(side)
        if isinstance(browser, Firefox):
            return browser.new_page()
        return browsers.new_context(browser, self.topology.server.url, sparing=self.sparing).new_page()

    def _ready(self, admin_id: str) -> Operator:
        """Signs in once; a fresh page for every call. Whoever it is, is available."""
        server = self.topology.server
        operator = self._operators.get(admin_id)
        if operator is None:
            operator = self._operators[admin_id] = Operator(self.new_page("operator"))
            operator.prefix = admin_id[0]
            operator.sign_in(server.url, admin_id, lambda: server.one_time_code(admin_id))
        operator.page.evaluate("() => window.lab.forget()")
        operator.page.reload()
        operator.go_available()
        operator.page.wait_for_timeout(DEVICES_MS)
        return operator

    def call(self) -> Call:
        """A new call that has not begun; its operator, and nobody else, is available before the customer comes."""
        if colleague := self._operators.get(COLLEAGUE):
            colleague.go_off()
        customer, operator = Customer(self.new_page("customer")), self._ready(OPERATOR)
        return Call(self.topology, customer, operator, pace=UNJUDGED if self.sparing else 1.0)

    def colleague(self) -> Operator:
        """Another operator in the same browser, available from now on."""
        return self._ready(COLLEAGUE)

    def forget(self) -> None:
        """After a run that went wrong: everything new."""
        for browser in self._browsers.values():
            with suppress(*BROWSER_ERRORS):
                browser.close()
        self._browsers.clear()
        self._operators.clear()


class Call:
    """`people` by side. `fault_at`, `healed_at`: what the scenario did to it, ms. `pace`: see `settle`."""

    def __init__(self, topology: Topology, customer: Customer, operator: Operator, *, pace: float = 1.0) -> None:
        self._pace = pace
        self.topology = topology
        self.customer = customer
        self.operator = operator
        self.people: dict[str, Person] = {"customer": customer, "operator": operator}
        self.before: list[Operator] = []
        """Those who have passed the customer on."""
        self.link = topology.links["customer"]
        self.fault_at = 0.0
        self.healed_at = 0.0

    # ---- life ----------------------------------------------------------------------------------------------------

    def begin(self, settle_secs: float = 3.0) -> None:
        """Joins, waits for media both ways, starts the chat."""
        self.customer.join(self.topology.server.url)
        self.customer.expect_call()
        self.await_media(now_ms())
        self.customer.page.locator(".ad-control[aria-expanded]").click()
        for person in self.people.values():
            person.talk()
        self.settle(settle_secs)

    def pass_on(self, to: Operator, admin_id: str) -> None:
        """The fault is the press of the button. What the sender says until then is heard; afterwards `to` speaks."""
        self.operator.fall_silent()
        self.operator.choose_colleague(admin_id)
        self.wait(1)
        self.fault()
        self.operator.pass_on()
        self.before.append(self.operator)
        self.operator = self.people["operator"] = to

    def end(self) -> None:
        with suppress(AssertionError, *BROWSER_ERRORS):
            self.operator.hang_up()
        self.customer.leave()

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)

    def settle(self, seconds: float) -> None:
        """Lets the call go on, so that figures can be taken; nothing is waited for. `pace` of that time."""
        time.sleep(seconds * self._pace)

    def fault(self) -> None:
        self.fault_at = now_ms()

    def healed(self) -> None:
        self.healed_at = now_ms()

    # ---- looking on ----------------------------------------------------------------------------------------------

    def await_media(self, since: float, seconds: float = MEDIA_SECS) -> None:
        """Returns when audio has arrived on both sides after `since`. Raises `NoMedia`."""
        before = {side: self._packets(side) for side in self.people} if since <= now_ms() else {}
        self.await_that(lambda: all(self._packets(side) > before[side] for side in self.people), "audio", seconds)

    def await_that(self, happens: Callable[[], bool], what: str, seconds: float = MEDIA_SECS) -> None:
        deadline = time.monotonic() + seconds
        while not happens():
            if time.monotonic() > deadline:
                raise NoMedia(f"no {what} within {seconds:g} s")
            time.sleep(0.1)

    def _packets(self, side: str) -> int:
        return int(self.people[side].last_sample().get("ap", 0))

    def pair(self, side: str = "customer") -> str:
        """`TYPE ADDRESS PROTOCOL / TYPE ADDRESS PROTOCOL`: local and remote candidate in use."""
        return str(self.people[side].last_sample().get("pair", ""))

    def finish_chat(self) -> dict[str, Chat]:
        """Has enough said to judge by, stops talking, lets what is under way arrive. Result by the side that spoke."""
        with suppress(NoMedia):
            self.await_that(
                lambda: all(len(person.record().said) >= LINES_SAID for person in self.people.values()),
                f"{LINES_SAID} lines of each side",
                CHAT_SECS,
            )
        for person in self.people.values():
            person.fall_silent()
        deadline = time.monotonic() + CHAT_SECS
        while True:
            speakers = [*self.before, self.operator]
            heard = self.customer.lines_heard()
            found = {
                "customer": compare_lines(self.customer.record().said, self.operator.lines_heard()),
                "operator": compare_all([one.record().said for one in speakers], heard),
            }
            if not any(chat.lost for chat in found.values()) or time.monotonic() > deadline:
                return found
            time.sleep(0.3)

    def records(self) -> dict[str, Record]:
        return {side: person.record() for side, person in self.people.items()}
