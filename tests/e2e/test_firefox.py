"""Calls in which Firefox takes part, on either side or on both: the whole conversation, and what interrupts it."""

from __future__ import annotations

import secrets
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from harness.browser.people import CustomerPage, OperatorPage, await_media_both_ways, await_more_media_of_both
from harness.webdriver.expecting import expect
from harness.webdriver.page import Page
from tests.desk.files import samples
from tests.e2e.conftest import Installation
from tests.e2e.sharing import share_and_stop

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-others"), pytest.mark.timeout(240)]
Browsers = tuple[str, str]
OPENED = """
([width, height]) => {
  const shown = document.querySelector("dialog[open] .ad-viewer__picture");
  return shown?.complete === true && shown.naturalWidth === width && shown.naturalHeight === height;
}
"""


@dataclass
class Two:
    """A customer and an operator whose call has media both ways."""

    customer: CustomerPage
    operator: OperatorPage

    def await_media(self) -> None:
        await_media_both_ways(self.customer, self.operator)

    def share_screens(self) -> None:
        share_and_stop(self.customer, self.operator)
        share_and_stop(self.operator, self.customer)

    def restart(self) -> None:
        """Whoever begins; and again after the peer has begun, for then the offer is made by who answered before."""
        for person in (self.customer, self.operator, self.customer):
            person.restart_paths()
            self.await_media()

    def reload(self) -> None:
        self.customer.page.reload()
        self.customer.expect_call()
        self.await_media()
        self.customer.open_chat()
        self.talk("müşteri yeniledi")
        self.operator.page.reload()
        self.operator.expect_customer("Ada")
        self.await_media()
        self.talk("temsilci yeniledi")
        # A new page's connection is restarted by who did not make it.
        self.customer.restart_paths()
        self.await_media()

    def share_files(self, folder: Path) -> None:
        """A picture each way: chosen, sent, seen, and opened by whom it came to."""
        for speaker, listener in ((self.customer, self.operator), (self.operator, self.customer)):
            picture = folder / f"{type(speaker).__name__}.png"
            picture.write_bytes(samples.picture(size=(1200, 800)))
            speaker.page.locator(".ad-attach input").press(str(picture))
            expect(speaker.page.locator(".ad-upload")).to_have_count(1)
            speaker.say("resim")
            opener = listener.page.locator(f".ad-file--picture[title='{picture.name}']")
            opener.click()
            listener.page.wait_for_function(OPENED, arg=[1200, 800])
            listener.page.press(".ad-viewer", "Escape")
            expect(listener.page.locator(".ad-viewer")).to_have_count(0)

    def hang_up(self) -> None:
        self.customer.hang_up()
        expect(self.operator.page.locator(".ad-stage-ended")).to_be_visible()

    def talk(self, word: str) -> None:
        self.customer.say(f"{word} 1")
        self.operator.expect_line(f"{word} 1")
        self.operator.say(f"{word} 2")
        self.customer.expect_line(f"{word} 2")


@pytest.fixture
def two(
    request: pytest.FixtureRequest,
    installation: Installation,
    firefox: Callable[..., Page],
) -> Two:
    """`request.param`: the customer's browser and the operator's."""

    def page(browser: str, side: str) -> object:
        if browser == "firefox":
            return firefox(side)
        new_context: Callable[..., BrowserContext] = request.getfixturevalue("new_context")
        return new_context().new_page()

    browsers: Browsers = request.param
    customer = CustomerPage(page(browsers[0], "customer"), "Ada")  # type: ignore[arg-type]
    operator = OperatorPage(page(browsers[1], "operator"))  # type: ignore[arg-type]
    admin_id = f"deniz-{secrets.token_hex(3)}"
    installation.manage("createoperator", admin_id, "--name", "Deniz")
    operator.sign_in(installation.b.url, admin_id, lambda: installation.manage("otp", admin_id).splitlines()[-1])
    operator.go_available()
    customer.join(installation.a.url, "video")
    customer.expect_call()
    operator.expect_customer("Ada")
    operator.answer()
    await_more_media_of_both(customer, operator)
    customer.open_chat()
    return Two(customer, operator)


@pytest.mark.parametrize("two", [("firefox", "firefox")], indirect=True, ids="-".join)
def test_the_call_outlives_all_that_interrupts_it(two: Two, installation: Installation, tmp_path: Path) -> None:
    two.talk("merhaba")
    two.share_files(tmp_path)
    two.share_screens()
    two.restart()

    installation.web_a.process.send_signal(signal.SIGKILL)
    installation.web_a.process.wait(10)
    two.await_media()
    two.talk("süreç öldü")

    two.reload()
    two.hang_up()
    assert installation.manage("queue", "check").strip() == "clean"


# Of the above, what is settled between the browsers: descriptions and media.
@pytest.mark.parametrize("two", [("firefox", "chromium"), ("chromium", "firefox")], indirect=True, ids="-".join)
def test_two_browsers_agree_however_often_they_have_to(two: Two) -> None:
    two.share_screens()
    two.restart()
    two.reload()
    two.hang_up()
