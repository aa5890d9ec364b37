"""A whole installation under test: the launcher's stack, two more web processes, a balancer per side, Chromium.

The tests are two groups, so that two workers share them, each with an installation of its own.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, expect, sync_playwright
from playwright.sync_api import Page as Window

from harness import database
from harness.balancer import Balancer
from harness.browser.chromium import CHROMIUM, CHROMIUM_ARGS, CHROMIUM_SHELL, OBSERVER, SPARING_CAMERA
from harness.browser.commands import Commands
from harness.browser.people import CustomerPage, OperatorPage
from harness.fakes.push_service import FakePush
from harness.fakes.smtp import FakeMail
from harness.fakes.telegram import FakeTelegram
from harness.processes import Running, free_port
from harness.webdriver.display import Display
from harness.webdriver.firefox import Firefox
from harness.webdriver.page import Page, awaited

START_SECS = 90
IDENTITY_SECRET = "of-the-site-0123456789-0123456789"
"""By which sites sign who their visitors are."""
WEBHOOK_SECRET = "of-the-bot-0123456789-0123456789"
PATIENCE_MS = 60_000
"""How long a page may take for anything; what it did take is for the bench to say."""


def _is_ready(line: str) -> bool:
    return line.startswith("ready ")


@dataclass
class Installation:
    """`a` and `b` are balancers: a prefers web process A, b prefers B; each falls back to the other."""

    a: Balancer
    b: Balancer
    web_a: Running
    web_b: Running
    commands: Commands

    def manage(self, *words: str) -> str:
        return self.commands.run(*words)

    def queue(self) -> dict[str, Any]:
        return dict(json.loads(self.manage("queue", "status", "--json")))


@pytest.fixture(scope="session")
def mail_server() -> Iterator[FakeMail]:
    """The mail server of the stack."""
    with FakeMail() as server:
        yield server


@pytest.fixture
def mail(mail_server: FakeMail) -> FakeMail:
    """The same, without the letters of tests before."""
    mail_server.delivered.clear()
    return mail_server


@pytest.fixture
def push_service() -> Iterator[FakePush]:
    """Nothing that came there may have been wrong."""
    with FakePush() as service:
        yield service
        assert service.faults == []


@pytest.fixture(scope="session")
def telegram() -> Iterator[FakeTelegram]:
    """The Bot API of the stack; operators are told by it who have a chat."""
    with FakeTelegram() as server:
        # Customers are offered the bot where it hears them.
        server.updates.webhook = {"url": "https://support.example.org/telegram/webhook/"}
        yield server


@pytest.fixture(scope="session")
def data(
    tmp_path_factory: pytest.TempPathFactory, mail_server: FakeMail, telegram: FakeTelegram
) -> Iterator[dict[str, str]]:
    """The settings of a running stack: Redis, database, worker, beat and a web process that tests leave alone."""
    folder = tmp_path_factory.mktemp("var")
    # How the launcher migrates is for its own tests.
    database.place(folder / database.NAME)
    settings = {"DATA_DIR": str(folder), "WRAP_UP_SECS": "2", "RECOVERY_SECS": "0"}
    settings |= {
        "FILE_MAX_MB": "10",
        "ENABLE_APPOINTMENTS": "true",
        "APPOINTMENT_NOTICE_SECS": "0",
        "MAIL_URL": mail_server.url,
        "MAIL_FROM": "Destek <destek@example.org>",
        "IDENTITY_SECRET": IDENTITY_SECRET,
        "TELEGRAM_BOT_TOKEN": "4242:of-the-tests",
        "TELEGRAM_API_URL": telegram.url,
        "TELEGRAM_WEBHOOK_SECRET": WEBHOOK_SECRET,
    }
    with Running("-m", "support.launcher", PORT=str(free_port()), **settings) as launcher:
        launcher.await_line(_is_ready, START_SECS)
        yield settings


@pytest.fixture(scope="session")
def commands(data: dict[str, str]) -> Iterator[Commands]:
    with closing(Commands(**data)) as commands:
        yield commands


class Webs:
    """The two web processes that tests use and kill: whoever asks for them finds both running."""

    def __init__(self, data: dict[str, str]) -> None:
        self._data = data
        self._running: list[tuple[Running, int]] = []

    def both(self) -> list[tuple[Running, int]]:
        """Each with its port."""
        self._running = [(web, port) for web, port in self._running if web.process.poll() is None]
        started = [self._start() for _ in range(2 - len(self._running))]
        for web, _ in started:
            web.await_line(_is_ready, START_SECS)
        self._running += started
        return self._running

    def stop(self) -> None:
        for web, _ in self._running:
            web.__exit__()

    def _start(self) -> tuple[Running, int]:
        port = free_port()
        return Running("-m", "support.web", "--announce", PORT=str(port), **self._data), port


@pytest.fixture(scope="session")
def webs(data: dict[str, str]) -> Iterator[Webs]:
    webs = Webs(data)
    yield webs
    webs.stop()


@pytest.fixture
def installation(commands: Commands, webs: Webs) -> Iterator[Installation]:
    (web_a, port_a), (web_b, port_b) = webs.both()
    with Balancer([port_a, port_b]) as a, Balancer([port_b, port_a]) as b:
        installation = Installation(a=a, b=b, web_a=web_a, web_b=web_b, commands=commands)
        # The pages of the test before are closed; until the server has seen it, a customer would come to its operator.
        awaited(lambda: installation.queue()["available"] == 0, "the operators' leaving")
        yield installation
        for row in (left := installation.queue())["waiting_rows"] + left["active_rows"]:
            installation.manage("queue", "remove", row["conversation"])


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Of this folder: it keeps an event loop running in this thread, which other tests need for theirs."""
    for program in (CHROMIUM, CHROMIUM_SHELL):
        if not Path(program).exists():
            raise RuntimeError(f"{program} is missing: `make test-packages` installs it")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    with closing(playwright.chromium.launch(executable_path=CHROMIUM_SHELL, args=CHROMIUM_ARGS)) as browser:
        yield browser


@pytest.fixture(scope="package")
def whole_browser(playwright: Playwright) -> Iterator[Browser]:
    """For files whose tests need more than the shell has: they name it `browser`."""
    with closing(playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)) as browser:
        yield browser


IN_PAGES = OBSERVER + SPARING_CAMERA
"""Runs in every page before the page's own."""
# Pictures are made, encoded, decoded and drawn in software: few of them, and nothing that moves by itself.
SPARING = {"media.navigator.video.default_fps": 5, "layout.frame_rate": 10, "ui.prefersReducedMotion": 1}
# As Chromium's own events tell Playwright: errors, and what a page's policy refused.
FIREFOX_OBSERVER = f"""{IN_PAGES}
window.complaints = [];
for (const name of ["error", "unhandledrejection", "securitypolicyviolation"]) {{
  addEventListener(name, (event) => window.complaints.push(
    `${{name}} ${{event.message ?? event.reason ?? event.violatedDirective}} ${{event.blockedURI ?? ""}}`), true);
}}
"""


@pytest.fixture(scope="session")
def firefoxes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Firefox]]:
    """A Firefox for each side of a call, started when it is first asked for and kept to the end."""
    with ExitStack() as stack:

        @cache
        def of(side: str) -> Firefox:
            screen = stack.enter_context(closing(Display())).name
            folder = tmp_path_factory.mktemp(f"firefox-{side}")
            browser = Firefox(folder, observer=FIREFOX_OBSERVER, display=screen, prefs=SPARING)
            return stack.enter_context(closing(browser))

        yield of


@pytest.fixture
def firefox(firefoxes: Callable[[str], Firefox]) -> Iterator[Callable[..., Page]]:
    """`firefox()`: a fresh window of the customer's Firefox; `firefox("operator")`: of the other one."""
    pages: list[Page] = []

    def open_page(side: str = "customer") -> Page:
        pages.append(firefoxes(side).new_page())
        return pages[-1]

    yield open_page
    for page in pages:
        page.close()


@pytest.fixture
def complaints() -> list[str]:
    """Errors that pages wrote into their consoles (a violated CSP is one). Looked at when the test ends."""
    return []


@pytest.fixture
def in_pages() -> str:
    return IN_PAGES


@pytest.fixture
def new_context(browser: Browser, complaints: list[str], in_pages: str) -> Iterator[Callable[..., BrowserContext]]:
    contexts: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:
        context = browser.new_context(
            viewport={"width": 1280, "height": 800},
            # Motion is drawn in software here, sixty times a second.
            reduced_motion="reduce",
            # What passes through one, tests cannot hold up.
            **{"locale": "tr-TR", "permissions": ["camera", "microphone"], "service_workers": "block", **options},
        )
        context.add_init_script(in_pages)
        context.set_default_timeout(PATIENCE_MS)
        context.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def full_admin(installation: Installation) -> Iterator[Callable[[str], None]]:
    """Gives every list of the admin rows, those of an operator of that id among them (`tests/e2e/full_admin.py`)."""

    def run(what: str) -> None:
        installation.manage("shell", "--no-imports", "-c", f"from tests.e2e import full_admin; full_admin.{what}")

    yield lambda admin_id: run(f"fill({admin_id!r})")
    run("take_back()")


@pytest.fixture
def customer(installation: Installation, new_context: Callable[..., BrowserContext]) -> Callable[..., CustomerPage]:
    """Opens the hosted page on side A and joins the line."""

    def join(name: str, media: str = "video") -> CustomerPage:
        page = CustomerPage(new_context().new_page(), name)
        page.join(installation.a.url, media)
        return page

    return join


@pytest.fixture
def operator(installation: Installation, new_context: Callable[..., BrowserContext]) -> OperatorPage:
    """Opens the console on side B, signed in."""
    page = OperatorPage(new_context().new_page())
    sign_in(installation, page)
    return page


def sign_in(installation: Installation, page: OperatorPage) -> None:
    """As a new operator: who was on shift a moment ago, in another test, still is. Without the login page, which is
    left to the tests that come by it (`OperatorPage.sign_in`)."""
    admin_id = f"deniz-{secrets.token_hex(3)}"
    installation.manage("createoperator", admin_id, "--name", "Deniz")
    answer = {"adminId": admin_id, "code": installation.manage("otp", admin_id).splitlines()[-1]}
    window = page.page
    assert isinstance(window, Window)
    url = installation.b.url
    assert window.context.request.post(f"{url}/admin/otp/verify", data=answer, headers={"Origin": url}).ok
    window.goto(f"{url}/admin/console/")
    expect(window.locator(".ad-availability")).to_be_visible()
