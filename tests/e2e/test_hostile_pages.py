"""The widget on pages that are strict, strange or broken, and on several tabs of one site."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect

from harness.browser.people import MORE_MEDIA, OperatorPage
from harness.webdriver.page import awaited
from tests.e2e.conftest import IN_PAGES, PATIENCE_MS, Installation, Webs
from tests.e2e.foreign_site import (
    HOSTS,
    LOADED,
    SEEN,
    SEEN_WELL,
    TAG,
    Host,
    service_of,
    serving,
)

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-others"), pytest.mark.timeout(240)]

# As old libraries and careless scripts leave a page behind.
BROKEN = """<script>
  Array.prototype.toJSON = Object.prototype.toJSON = String.prototype.toJSON = function () { return "[broken]"; };
  delete Object.prototype.toJSON; delete String.prototype.toJSON;
  Object.prototype.extend = function () {};
  Array.prototype.contains = function () {};
  window.CustomEvent = function () { throw new Error("not made"); };
  window.console = undefined;
  window.name = "shop";
  Object.defineProperty(window, "adminaraSettings", { get() { return { position: "left" }; } });
</script><i id="Adminara"></i>"""
THROWING = """<script>
  Object.defineProperty(window, "adminaraSettings", { get() { throw new Error("of the page"); } });
</script>"""
NONCE = "script-src 'nonce-abc' 'strict-dynamic'; frame-src {service}; require-trusted-types-for 'script'"
KINDS = {
    **HOSTS,
    "isolated": Host(
        headers={"Cross-Origin-Embedder-Policy": "require-corp", "Cross-Origin-Opener-Policy": "same-origin"}
    ),
    "nonce": Host(
        body=f"<p>Shop</p>{TAG.replace('<script', '<script nonce=abc data-site=absent')}",
        headers={"Content-Security-Policy": f"default-src 'none'; {NONCE}"},
    ),
    "twice": Host(head=TAG * 2, body=f"<p>Shop</p>{TAG * 2}"),
    "rtl": Host(html=' dir="rtl" lang="ar"'),
    "broken": Host(head=BROKEN),
    "injected": Host(
        body="<p>Shop</p><script>addEventListener('load', () => document.body.append(Object.assign("
        "document.createElement('script'), {src: '{service}/embed.js'})))</script>"
    ),
    "framed": Host(body="<iframe id='inner' sandbox='allow-scripts' srcdoc='<p>Shop</p>" + TAG + "'></iframe>"),
}
ONES = [kind for kind in KINDS if kind != "framed"]


@pytest.fixture(scope="module")
def shop(webs: Webs) -> Iterator[str]:
    with serving(service_of(webs), {**KINDS, "throwing": Host(head=THROWING)}) as url:
        yield url


@pytest.fixture(scope="module")
def visit(browser: Browser, shop: str) -> Iterator[Visit]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    yield Visit(context.new_page(), shop)
    context.close()


class Visit:
    """A page that goes from one kind of site to the next, and what its browser complained of there."""

    def __init__(self, page: Page, shop: str) -> None:
        self.page = page
        self._shop = shop
        self.faults: list[str] = []
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda message: self.faults.append(message.text) if message.type == "error" else None)

    def to(self, kind: str) -> Page:
        self.faults.clear()
        self.page.goto(f"{self._shop}/{kind}")
        return self.page


@pytest.mark.parametrize("kind", ONES)
def test_the_widget_opens_on_every_kind_of_page(visit: Visit, kind: str) -> None:
    page = visit.to(kind)
    page.wait_for_function(LOADED)
    assert page.evaluate(SEEN) == SEEN_WELL
    launcher = page.locator("button.launcher")
    expect(launcher).to_have_count(1)
    left = kind in ("rtl", "broken")
    assert launcher.bounding_box() == {"x": 20 if left else 1200, "y": 720, "width": 60, "height": 60}
    launcher.click()
    expect(page.frame_locator("iframe").locator("#ad-name")).to_be_visible()
    assert page.locator("iframe").bounding_box() == {"x": 20 if left else 860, "y": 24, "width": 400, "height": 680}
    assert visit.faults == []


def test_a_page_never_hears_of_what_goes_wrong(visit: Visit) -> None:
    warnings: list[str] = []
    visit.page.on("console", lambda message: warnings.append(message.text) if message.type == "warning" else None)
    visit.to("throwing")
    assert visit.faults == []
    assert [warning.split("\n")[0] for warning in warnings] == ["Adminara: Error: of the page"]


def test_in_a_sandbox_without_an_origin_it_stands_and_is_refused_a_frame(visit: Visit) -> None:
    page = visit.to("framed")
    inner = page.frame_locator("#inner")
    inner.locator("button.launcher").click()
    expect(inner.locator("button.launcher")).to_have_attribute("aria-expanded", "true")
    assert [fault for fault in visit.faults if "frame" not in fault] == []


def test_a_site_places_and_paints_the_launcher_by_variables(visit: Visit) -> None:
    page = visit.to("css")
    page.wait_for_function(LOADED)
    page.evaluate(
        """() => {
          const style = document.createElement("style");
          style.textContent = `:root { --adminara-accent: rgb(120, 20, 90); --adminara-on-accent: rgb(255, 240, 200);
            --adminara-position: left; --adminara-offset-x: 5px; --adminara-offset-y: 60px; --adminara-z-index: 7 }
            :host, .launcher, div { --adminara-accent: red; --x: 99px; position: static !important }`;
          document.head.append(style);
          Adminara.hide();
          Adminara.show();
        }"""
    )
    launcher = page.locator("button.launcher")
    assert launcher.bounding_box() == {"x": 5, "y": 680, "width": 60, "height": 60}
    painted = "(button) => [getComputedStyle(button).backgroundColor, getComputedStyle(button.firstChild).fill]"
    assert launcher.evaluate(painted) == ["rgb(255, 0, 0)", "rgb(255, 240, 200)"]
    assert page.evaluate("() => getComputedStyle(document.documentElement.lastElementChild).zIndex") == "7"
    page.evaluate("() => Adminara.open()")
    assert page.locator("iframe").bounding_box() == {"x": 5, "y": 24, "width": 400, "height": 640}


@pytest.mark.parametrize(
    ("width", "height"), [(390, 844), (844, 390), (683, 325)], ids=["phone", "phone on its side", "laptop at 200 %"]
)
def test_where_there_is_little_room_it_takes_all_of_it(visit: Visit, width: int, height: int) -> None:
    page = visit.to("plain")
    page.wait_for_function(LOADED)
    page.set_viewport_size({"width": width, "height": height})
    launcher = page.locator("button.launcher")
    launcher.click()
    assert page.locator("iframe").bounding_box() == {"x": 0, "y": 0, "width": width, "height": height}
    expect(launcher).to_be_hidden()
    page.frame_locator("iframe").get_by_role("button", name="Minimise").click()
    expect(launcher).to_be_focused()
    page.set_viewport_size({"width": 1280, "height": 800})


def test_it_stands_on_no_paper(visit: Visit) -> None:
    page = visit.to("css")
    page.wait_for_function(LOADED)
    page.locator("button.launcher").click()
    expect(page.frame_locator("iframe").locator("#ad-name")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator("button.launcher")).to_be_hidden()
    expect(page.locator("iframe")).to_be_hidden()
    page.emulate_media(media="screen")
    expect(page.frame_locator("iframe").locator("#ad-name")).to_be_visible()


class Tab:
    """A tab of the site, and the widget in it."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.page = context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.goto(url)
        self.page.wait_for_function(LOADED)

    @property
    def widget(self) -> FrameLocator:
        return self.page.frame_locator("iframe")

    def call(self, wish: str) -> None:
        self.page.evaluate(f"() => Adminara.startCall({wish})")

    def expect_status(self, status: str) -> None:
        self.page.wait_for_function("(status) => Adminara.status() === status", arg=status)

    def expect_line(self, text: str) -> None:
        expect(self.widget.locator(".ad-line__text", has_text=text)).to_be_visible()


ELSEWHERE = "Live support, your conversation is in another tab"
TO_THE_NEXT = """(path) => {
  history.pushState({}, "", path);
  document.title = "Bags";
}"""


def test_one_tab_leads_and_the_others_follow_and_say_so(
    browser: Browser, shop: str, installation: Installation, operator: OperatorPage
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    first, second = Tab(context, f"{shop}/plain"), Tab(context, f"{shop}/strict")
    second.page.evaluate("() => { window.told = 0; Adminara.on('elsewhere', () => window.told++); }")
    # Of a page that the site showed without loading one.
    first.page.evaluate(TO_THE_NEXT, "/bags/7?secret=1#x")
    first.call("{name: 'Ada', media: 'chat'}")
    first.expect_status("waiting")

    launcher = second.page.locator("button.launcher")
    expect(launcher).to_have_accessible_name(ELSEWHERE)
    assert second.page.evaluate("() => [Adminara.status(), Adminara.isOpen(), window.told]") == ["elsewhere", False, 1]
    # No second place for one visitor.
    second.call("{name: 'Ada again', media: 'chat'}")
    expect(second.widget.get_by_role("heading", name="Your conversation goes on elsewhere")).to_be_visible()
    third = Tab(context, f"{shop}/credentialless")
    expect(third.page.locator("button.launcher")).to_have_accessible_name(ELSEWHERE)
    assert [row["name"] for row in installation.queue()["waiting_rows"]] == ["Ada"]

    operator.go_available()
    operator.expect_customer("Ada")
    operator.page.locator(".ad-customer-name").click()
    operator.page.keyboard.press("i")
    expect(operator.page.locator(".ad-about")).to_contain_text("/bags/7")
    expect(operator.page.locator(".ad-about")).not_to_contain_text("secret")
    first.expect_status("in-call")

    # It goes on where the visitor wants it, and what was said is there.
    operator.say("hello")
    first.expect_line("hello")
    second.widget.get_by_role("button", name="Continue here").click()
    second.expect_line("hello")
    second.expect_status("in-call")
    first.expect_status("elsewhere")
    expect(first.widget.get_by_role("button", name="Continue here")).to_be_visible()
    # The next page of a tab that follows takes nothing back, that of one that leads goes on leading.
    first.page.goto(f"{shop}/css")
    first.expect_status("elsewhere")
    second.page.goto(f"{shop}/plain")
    second.expect_line("hello")
    first.expect_status("elsewhere")

    # A chat whose tab is closed goes on in another one.
    second.page.close()
    for tab in (first, third):
        tab.page.wait_for_function("() => ['in-call', 'elsewhere'].includes(Adminara.status())")
    operator.say("still there?")
    page = next_leader(first, third)
    page.evaluate("() => Adminara.open()")
    expect(page.frame_locator("iframe").locator(".ad-line__text", has_text="still there?")).to_be_visible()

    page.evaluate("() => Adminara.leaveQueue()")
    for tab in (first, third):
        tab.page.wait_for_function("() => ['ended', 'idle'].includes(Adminara.status())")
    fourth = Tab(context, f"{shop}/plain")
    expect(fourth.page.locator("button.launcher")).to_have_accessible_name("Live support")
    expect(fourth.page.locator("iframe")).to_have_count(0)
    context.close()
    # Who closes the console in a wrap-up is taken for available until the server misses them.
    awaited(lambda: installation.queue()["wrap_up"] == 0, "the end of the wrap-up")


def next_leader(*tabs: Tab) -> Page:
    """The page on which the conversation goes on."""
    while True:
        for tab in tabs:
            if tab.page.evaluate("() => Adminara.status()") == "in-call":
                return tab.page
        tabs[0].page.wait_for_timeout(100)


def test_a_call_whose_tab_was_closed_asks_before_it_goes_on(
    browser: Browser, shop: str, operator: OperatorPage
) -> None:
    context = browser.new_context(permissions=["camera", "microphone"])
    context.add_init_script(IN_PAGES)
    first, second = Tab(context, f"{shop}/plain"), Tab(context, f"{shop}/plain")
    first.call("{name: 'Ada', media: 'audio'}")
    operator.go_available()
    operator.expect_customer("Ada")
    first.expect_status("in-call")
    second.expect_status("elsewhere")
    first.page.close()

    expect(second.widget.get_by_role("heading", name="The tab with your call was closed")).to_be_visible()
    assert second.page.evaluate("() => Adminara.isOpen()")
    frame = next(frame for frame in second.page.frames if "/widget/" in frame.url)
    assert frame.evaluate("() => window.observedPeers.length") == 0
    second.widget.get_by_role("button", name="Continue here").click()
    second.expect_status("in-call")
    frame.wait_for_function(MORE_MEDIA, arg=[-1, 1000])
    operator.hang_up()
    second.expect_status("ended")
    context.close()
