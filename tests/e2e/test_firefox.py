"""Calls in which Firefox takes part, on either side or on both: the whole conversation, and what interrupts it."""

from __future__ import annotations

import secrets
import signal
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import BrowserContext

from bench.webdriver.expecting import expect
from bench.webdriver.page import Page
from tests.e2e.conftest import Installation
from tests.e2e.people import CustomerPage, OperatorPage

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(240)]
Browsers = tuple[str, str]


@dataclass
class Two:
    """A customer and an operator whose call has media both ways."""

    customer: CustomerPage
    operator: OperatorPage

    def await_media(self) -> None:
        self.customer.await_media_of(self.operator)
        self.operator.await_media_of(self.customer)

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
    customer.await_more_media()
    operator.await_more_media()
    customer.open_chat()
    return Two(customer, operator)


PAIRS = [("firefox", "chromium"), ("chromium", "firefox"), ("firefox", "firefox")]


@pytest.mark.parametrize("two", PAIRS, indirect=True, ids="-".join)
def test_the_call_outlives_restarts_reloads_and_a_killed_web_process(two: Two, installation: Installation) -> None:
    customer, operator = two.customer, two.operator
    two.talk("merhaba")
    # Whoever begins; and again after the peer has begun, for then the offer is made by who answered before.
    for person in (customer, operator, customer):
        person.restart_paths()
        two.await_media()

    installation.web_a.process.send_signal(signal.SIGKILL)
    installation.web_a.process.wait(10)
    two.await_media()
    two.talk("süreç öldü")

    customer.page.reload()
    customer.expect_call()
    two.await_media()
    customer.open_chat()
    two.talk("müşteri yeniledi")
    operator.page.reload()
    operator.expect_customer("Ada")
    two.await_media()
    two.talk("temsilci yeniledi")

    # A new page's connection is restarted by who did not make it.
    customer.restart_paths()
    two.await_media()
    customer.hang_up()
    expect(operator.page.locator(".stage-ended")).to_be_visible()
    assert installation.manage("queue", "check").strip() == "clean"
