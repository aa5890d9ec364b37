"""A conversation on somebody else's site outlives what that site does. What sites are like: test_hostile_pages.py."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, expect

from harness.browser.chromium import CHROMIUM, CHROMIUM_ARGS
from harness.browser.people import MORE_MEDIA, OperatorPage
from harness.webdriver.expecting import expect as patiently
from harness.webdriver.page import Page as WebDriverPage
from tests.e2e.conftest import IN_PAGES, PATIENCE_MS, Webs
from tests.e2e.foreign_site import HOSTS, LOADED, SEEN, SEEN_WELL, opened, service_of, serving

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-others"), pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def shop(webs: Webs) -> Iterator[str]:
    with serving(service_of(webs), HOSTS) as url:
        yield url


@pytest.fixture(autouse=True)
def _closed(browser: Browser) -> Iterator[None]:
    """Nobody stays on the site."""
    yield
    for context in browser.contexts:
        context.close()


TEAR_OUT = "() => [...document.documentElement.children].find((child) => child.shadowRoot).remove()"
NEW_BODY = "() => { document.body = document.createElement('body'); document.body.textContent = 'next page'; }"
NEW_HTML = """() => {
  const html = document.createElement("html");
  html.append(document.createElement("head"), document.createElement("body"));
  html.lastChild.textContent = "next page";
  document.replaceChild(html, document.documentElement);
}"""
WRITTEN = """() => {
  document.open();
  document.write("<!doctype html><title>Next</title><p>next page</p>");
  document.close();
}"""
UPHEAVALS = {
    "torn out": TEAR_OUT,
    "html": NEW_HTML,
    "html again": NEW_HTML,
    "out of that": TEAR_OUT,
    "written": WRITTEN,
}


def join_in_widget(widget: FrameLocator, media: str) -> None:
    widget.locator(f"input[value={media}]").check(force=True)
    widget.locator("button[type=submit]").click()
    expect(widget.locator(".ad-place__number")).to_have_text("1")


def test_a_conversation_outlives_what_the_page_does_to_itself(
    browser: Browser, shop: str, operator: OperatorPage
) -> None:
    page = opened(browser, f"{shop}/plain")
    page.evaluate("() => { window.counts = []; Adminara.on('unread', ({count}) => window.counts.push(count)); }")
    page.evaluate(
        """() => {
          Adminara.open();
          Adminara.setUser({name: "Ada", attributes: {plan: "free", orders: 3}});
          Adminara.setAttributes({plan: "pro"});
          Adminara.setLocale("tr");
        }"""
    )
    widget = page.frame_locator("iframe")
    expect(widget.locator("#ad-name")).to_have_value("Ada")
    # Loaded anew, the frame is told all of it once more.
    page.evaluate(TEAR_OUT)
    expect(widget.locator("#ad-name")).to_have_value("Ada")
    expect(widget.locator("html")).to_have_attribute("lang", "tr")
    join_in_widget(widget, "chat")
    operator.go_available()
    operator.expect_customer("Ada")
    assert operator.page.locator(".ad-customer-details").all_text_contents() == ["planproorders3"]

    page.evaluate(NEW_BODY)
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

    for name, upheaval in UPHEAVALS.items():
        page.evaluate(upheaval)
        operator.say(f"after: {name}")
        expect(widget.get_by_text(f"after: {name}", exact=True)).to_be_visible()

    # The page still hears the frame, and the frame the page.
    page.evaluate("() => Adminara.close()")
    operator.say("anybody?")
    expect(page.locator(".badge")).to_have_text("1")
    page.locator("button.launcher").click()
    expect(widget.get_by_text("anybody?")).to_be_visible()

    page.evaluate(
        "() => { window.over = new Promise((resolve) => Adminara.on('call-ended', resolve)); Adminara.leaveQueue(); }"
    )
    page.evaluate("() => window.over")
    page.context.close()


def test_the_next_page_shows_the_conversation_as_it_was_left(
    browser: Browser, shop: str, operator: OperatorPage
) -> None:
    page = opened(browser, f"{shop}/plain")
    widget = page.frame_locator("iframe")
    page.locator("button.launcher").click()
    widget.locator("#ad-name").fill("Ada")
    join_in_widget(widget, "chat")
    page.evaluate("() => Adminara.close()")

    # The call begins while the visitor is between two pages: it is shown.
    page.goto("about:blank")
    # At once: who is away for more than five seconds is passed over.
    operator.page.evaluate("() => document.querySelector('.ad-switch').click()")
    operator.expect_customer("Ada")
    page.goto(f"{shop}/css")
    operator.say("hello")
    expect(widget.get_by_text("hello")).to_be_visible()

    # Open stays open, and closed stays closed with the call and what was not read on the launcher.
    page.goto(f"{shop}/strict")
    expect(widget.get_by_text("hello")).to_be_visible()
    page.evaluate("() => Adminara.close()")
    launcher = page.locator("button.launcher")
    expect(launcher).to_have_accessible_name("Live support, your conversation goes on")
    page.goto(f"{shop}/plain")
    expect(launcher).to_have_accessible_name("Live support, your conversation goes on")
    page.wait_for_function("() => Adminara.status() === 'in-call'")
    assert not page.evaluate("() => Adminara.isOpen()")
    operator.say("one more thing")
    expect(launcher).to_have_accessible_name("Live support, unread messages: 1")
    page.reload()
    expect(launcher).to_have_accessible_name("Live support, unread messages: 1")
    launcher.click()
    expect(widget.get_by_text("one more thing")).to_be_visible()
    page.evaluate("() => Adminara.close()")
    expect(launcher).to_have_accessible_name("Live support, your conversation goes on")

    # Over: the page after that knows of nothing.
    page.evaluate("() => Adminara.leaveQueue()")
    page.wait_for_function("() => Adminara.status() === 'ended'")
    page.reload()
    expect(launcher).to_have_accessible_name("Live support")
    expect(page.locator("iframe")).to_have_count(0)
    # Who asks for it reads again what was said, until it is cleared; so does the site, for the next visitor.
    launcher.click()
    expect(widget.locator(".ad-said")).to_contain_text("one more thing")
    page.evaluate("() => Adminara.reset()")
    expect(widget.locator("#ad-name")).to_be_visible()
    page.reload()
    launcher.click()
    expect(widget.locator("#ad-name")).to_be_visible()
    page.context.close()


def test_who_takes_it_out_all_the_time_gets_it_back_a_little_later(browser: Browser, shop: str) -> None:
    page = browser.new_context().new_page()
    page.clock.install()
    page.goto(f"{shop}/plain")
    launcher = page.locator("button.launcher")
    for _ in range(3):
        taken_out = page.evaluate(
            """async () => {
              let times = 0;
              const root = [...document.documentElement.children].find((child) => child.shadowRoot);
              for (; root.isConnected && times < 500; times++) { root.remove(); await Promise.resolve(); }
              return times;
            }"""
        )
        assert 0 < taken_out <= 1 + 50
        expect(launcher).to_have_count(0)
        page.clock.fast_forward(60_000)
        expect(launcher).to_be_visible()
    page.context.close()


def test_what_a_site_says_amiss_stops_nothing(browser: Browser, shop: str) -> None:
    page = opened(browser, f"{shop}/plain")
    page.evaluate(
        """() => {
          window.faults = [];
          Adminara.on("error", (fault) => window.faults.push(fault.code));
          const circle = {}; circle.circle = circle;
          for (const value of [circle, 1n, () => 1, Symbol("s"), {attributes: circle}]) Adminara.setUser(value);
          for (const value of ["text", [1], 7, true]) Adminara.setAttributes(value);
          for (let n = 0; n < 1000; n++) Adminara.setAttributes({[`key ${n}`]: n});
          Adminara.setUser({name: "Ada"});
          Adminara.open();
        }"""
    )
    expect(page.frame_locator("iframe").locator("#ad-name")).to_have_value("Ada")
    page.wait_for_function("() => window.faults.length >= 9 && window.faults.every((code) => code === 'not_taken')")
    page.context.close()


def test_a_video_call_goes_on_after_the_widget_was_taken_out(
    browser: Browser, shop: str, operator: OperatorPage
) -> None:
    context = browser.new_context(permissions=["camera", "microphone"])
    context.add_init_script(IN_PAGES)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{shop}/css")
    page.evaluate("() => Adminara.startCall({name: 'Ada'})")
    operator.go_available()
    operator.expect_customer("Ada")
    operator.await_more_media()

    page.evaluate(TEAR_OUT)
    expect(page.frame_locator("iframe").locator(".ad-call")).to_be_visible()
    frame = next(frame for frame in page.frames if "/widget/" in frame.url)
    # The new frame's own connections: nothing of the old one is counted.
    frame.wait_for_function(MORE_MEDIA, arg=[10, 1000])
    operator.await_more_media()
    context.close()


# Cookies and storage of localhost blocked on pages of 127.0.0.1. Without third-party cookies alone Chromium still gives
# frames storage of their own for each site.
NO_STORAGE = {
    "content_settings": {
        "exceptions": {"cookies": {"[*.]localhost,http://127.0.0.1:*": {"setting": 2, "last_modified": "0"}}}
    }
}
DENIED = "() => { try { return String(sessionStorage.length); } catch (error) { return error.name; } }"
KEPT = "() => (JSON.parse(sessionStorage.getItem('adminara.active'))?.handle ?? '') !== ''"
STORED = "(value) => { const before = localStorage.probe ?? null; localStorage.probe = value; return before; }"


def test_storage_is_that_of_people_apart_for_each_site(browser: Browser, shop: str) -> None:
    """Otherwise the tests here would show a browser that nobody has."""
    page = opened(browser, f"{shop}/plain")
    found = []
    for host in (shop, shop.replace("127.0.0.1", "localhost"), shop):
        page.goto(f"{host}/plain")
        page.wait_for_function(LOADED)
        page.evaluate("() => Adminara.open()")
        expect(page.frame_locator("iframe").locator("#ad-name")).to_be_visible()
        frame = next(frame for frame in page.frames if "/widget/" in frame.url)
        found.append(frame.evaluate(STORED, host))
    assert found == [None, None, shop]
    page.context.close()


def test_firefox_opens_it_on_every_kind_of_page_and_keeps_the_conversation(
    firefox: Callable[..., WebDriverPage], shop: str, operator: OperatorPage
) -> None:
    page = firefox()
    widget = page.frame_locator("iframe")
    for host in ("credentialless", "css", "strict", "plain"):
        page.goto(f"{shop}/{host}")
        page.wait_for_function(LOADED)
        assert page.evaluate(SEEN) == SEEN_WELL
        page.click("button.launcher")
        patiently(widget.locator("#ad-name")).to_be_visible()
    widget.locator("#ad-name").fill("Ada")
    widget.locator("input[value=chat]").check(force=True)
    widget.locator("button[type=submit]").click()
    operator.go_available()
    operator.expect_customer("Ada")
    for name, upheaval in {"body": NEW_BODY, "html": NEW_HTML, "written": WRITTEN}.items():
        page.evaluate(upheaval)
        operator.say(f"after: {name}")
        patiently(widget.locator(".ad-line__text", has_text=f"after: {name}")).to_be_visible()


def test_without_storage_of_its_own_the_next_page_brings_the_conversation_back(
    browser: Browser, shop: str, tmp_path: Path, operator: OperatorPage
) -> None:
    profile = tmp_path / "Default"
    profile.mkdir()
    profile.joinpath("Preferences").write_text(json.dumps({"profile": NO_STORAGE}))
    context = browser.browser_type.launch_persistent_context(tmp_path, executable_path=CHROMIUM, args=CHROMIUM_ARGS)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{shop}/plain")
    page.locator("button.launcher").click()
    widget = page.frame_locator("iframe")
    widget.locator("#ad-name").fill("Ada")
    frame = next(frame for frame in page.frames if "/widget/" in frame.url)
    assert frame.evaluate(DENIED) == "SecurityError"
    join_in_widget(widget, "chat")
    operator.go_available()
    operator.expect_customer("Ada")
    operator.say("hello")
    expect(widget.get_by_text("hello")).to_be_visible()

    for upheaval in (lambda: page.goto(f"{shop}/strict"), lambda: page.evaluate(TEAR_OUT), page.reload):
        page.wait_for_function(KEPT)
        upheaval()
        expect(widget.get_by_text("hello")).to_be_visible()
    operator.say("and back")
    expect(widget.get_by_text("and back")).to_be_visible()
    operator.hang_up()
    page.wait_for_function("() => Adminara.status() === 'ended' && sessionStorage.length === 0")
    # What was said stays as long as the page, and says so.
    said = widget.locator(".ad-said")
    expect(said).to_contain_text("and back")
    expect(said).to_contain_text("until you leave this page")
    page.reload()
    page.locator("button.launcher").click()
    expect(widget.locator("#ad-name")).to_be_visible()
    context.close()
