"""axe finds nothing serious on any page, in any state, in light and dark."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from harness.browser.people import CustomerPage, OperatorPage
from harness.fakes.smtp import FakeMail
from harness.fakes.telegram import FakeTelegram
from harness.webdriver.page import awaited
from support.config.schema import BASE_DIR
from tests.e2e.admin_pages import PHONE, addresses, too_wide, unfit
from tests.e2e.conftest import WEBHOOK_SECRET, Installation

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.xdist_group("e2e-others")]

DESK = {"width": 1280, "height": 800}
AXE = BASE_DIR / "node_modules" / "axe-core" / "axe.min.js"
# What differs between the schemes; everything else has been looked at in the light.
OF_COLOURS = ["color-contrast", "link-in-text-block"]
# On every page of the admin.
FRAME = ["#header", "#nav-sidebar"]
ASKED = """
async ([rules, spared]) => {
  // What turns into its new colour is measured when it has; what is paused, endless or folded away never does.
  const turning = document.getAnimations().filter(({effect, playState}) =>
    playState === "running" && Number.isFinite(effect.getComputedTiming().endTime) && effect.target.checkVisibility());
  const late = new Promise((resolve) => setTimeout(resolve, 20_000));
  await Promise.race([late, Promise.allSettled(turning.map((animation) => animation.finished))]);
  // Django's own picker has names on marks that may not have any.
  // Of style sheets only a rule that is off by itself wants to know more than how things look.
  // A rule's impact is that of all it finds: what is not serious need not be looked for.
  const {rules: every, tagExclude} = axe._audit;
  const asked = every.filter(({enabled, tags, impact}) =>
    enabled && ["serious", "critical"].includes(impact) && !tags.some((tag) => tagExclude.includes(tag)));
  const values = rules ?? asked.map(({id}) => id);
  const options = {resultTypes: ["violations"], preload: {assets: ["media"]}, runOnly: {type: "rule", values}};
  const {violations} = await axe.run({exclude: [".help-tooltip", ...spared]}, options);
  return violations.map(({id, help, nodes}) => ({id, help, where: nodes.slice(0, 4).map(
    ({target, failureSummary}) => `${target.join(" ")}: ${failureSummary.split("\\n").slice(1).join(" ").trim()}`)}));
}
"""


def faults(page: Page, name: str, spared: Sequence[str] = ()) -> list[str]:
    """What axe finds serious on a page as it stands now but for what is `spared`, in both colour schemes."""
    found = []
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    for scheme, rules in (("light", None), ("dark", OF_COLOURS)):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        found += [
            f"{name}, {scheme}: {fault['id']} ({fault['help']}) {fault['where']}"
            for fault in page.evaluate(ASKED, [rules, list(spared)])
        ]
    return found


def everywhere(page: Page, name: str) -> list[str]:
    """The same at a desk and on a phone, where room differs and colours do not."""
    page.set_viewport_size(DESK)
    found = faults(page, name)
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    found += [
        f"{name}, phone: {fault['id']} ({fault['help']}) {fault['where']}" for fault in page.evaluate(ASKED, [None, []])
    ]
    page.set_viewport_size(DESK)
    return found


def test_pages_of_a_conversation(
    installation: Installation, customer: Callable[..., CustomerPage], operator: OperatorPage,
    new_context: Callable[..., BrowserContext],
) -> None:  # fmt: skip
    form = new_context().new_page()
    form.goto(f"{installation.a.url}/")
    form.locator("form").first.wait_for()
    found = everywhere(form, "form")

    ada = customer("Ada")
    expect(ada.page.locator(".ad-place__number")).to_be_visible()
    operator.expect_waiting("Ada")
    found += everywhere(ada.page, "waiting") + everywhere(operator.page, "console on a break")

    operator.go_available()
    ada.expect_call()
    operator.expect_customer("Ada")
    ada.await_more_media()
    ada.open_chat()
    ada.say("https://example.org/1")
    operator.expect_line("https://example.org/1")
    expect(ada.page.locator(".ad-line[data-state=sending]")).to_have_count(0)
    found += everywhere(ada.page, "call") + everywhere(operator.page, "console in a call")
    ada.page.get_by_role("button", name="Aygıtlar").click()
    found += everywhere(ada.page, "devices")
    operator.page.get_by_role("button", name="Ayarlar", exact=True).click()
    found += everywhere(operator.page, "console's settings")
    operator.page.keyboard.press("Escape")
    operator.page.keyboard.press("?")
    expect(operator.page.locator("dialog.ad-help")).to_be_visible()
    found += everywhere(operator.page, "console's keys")
    operator.page.keyboard.press("Escape")
    operator.page.keyboard.press("t")
    operator.page.locator(".ad-dossier textarea, .ad-pane-dossier textarea").first.fill("bir not")
    found += everywhere(operator.page, "notes")

    operator.hang_up()
    ada.expect_ended()
    ada.page.get_by_text("Çok iyi").click()
    expect(ada.page.get_by_role("button", name="Değerlendirmeyi gönder")).to_be_visible()
    found += everywhere(ada.page, "ended") + everywhere(operator.page, "console after a call")
    assert not found, "\n".join(found)


def test_pages_of_a_chat_and_of_what_goes_wrong(
    installation: Installation, customer: Callable[..., CustomerPage], operator: OperatorPage
) -> None:
    ada = customer("Ada", "chat")
    operator.go_available()
    ada.expect_call()
    operator.expect_customer("Ada")
    expect(ada.page.get_by_role("button", name="Görüntülü görüşme öner")).to_be_visible()
    found = everywhere(ada.page, "chat") + everywhere(operator.page, "console in a chat")
    ada.page.get_by_role("button", name="Görüntülü görüşme öner").click()
    expect(operator.page.locator(".ad-invitation-card")).to_be_visible()
    found += everywhere(ada.page, "own proposal") + everywhere(operator.page, "customer's proposal")
    operator.page.locator(".ad-invitation-card").get_by_role("button", name="Şimdi değil").click()
    expect(ada.page.locator(".ad-toast")).to_be_visible()
    operator.page.click("[data-control=picture]")
    expect(ada.page.locator(".ad-invite")).to_be_visible()
    found += everywhere(ada.page, "operator's proposal") + everywhere(operator.page, "operator's own proposal")

    # Opened elsewhere, on both sides.
    token = ada.page.evaluate("() => sessionStorage.getItem('adminara.token')")
    newer = ada.page.context.new_page()
    newer.add_init_script(f"sessionStorage.setItem('adminara.token', {token!r})")
    newer.goto(installation.a.url)
    expect(ada.page.get_by_role("button", name="Burada")).to_be_visible()
    ada.page.bring_to_front()  # what changes behind another page stands still in the middle
    found += everywhere(ada.page, "opened elsewhere")
    desk = operator.page.context.new_page()
    desk.goto(operator.page.url)
    expect(operator.page.locator("[data-banner=replaced]")).to_be_visible()
    operator.page.bring_to_front()
    found += everywhere(operator.page, "console opened elsewhere")
    desk.close()

    installation.manage("maintenance", "on")
    try:
        bora = customer("Bora", "chat")
        expect(bora.page.locator(".ad-medal--warning")).to_be_visible()
        found += everywhere(bora.page, "refused")
    finally:
        installation.manage("maintenance", "off")
    bora.page.goto(f"{installation.a.url}/nowhere/")
    found += everywhere(bora.page, "error")
    assert not found, "\n".join(found)


def test_pages_of_a_callback(
    installation: Installation, customer: Callable[..., CustomerPage], telegram: FakeTelegram, mail: FakeMail
) -> None:
    awaited(lambda: telegram.named > 0, "the worker's look at the bot")
    ada, bora = customer("Ada", "chat"), customer("Bora", "chat")
    for one in (ada, bora):
        one.page.get_by_role("button", name="Sıram yaklaşınca haber verin").click()
    ada.page.get_by_role("button", name="Telegram'dan haber verin").wait_for()
    found = everywhere(ada.page, "ways of being called")
    ada.page.get_by_role("button", name="Telegram'dan haber verin").click()
    link = ada.page.get_by_role("link", name="Telegram'ı aç").get_attribute("href") or ""
    found += everywhere(ada.page, "way into the chat")
    start = telegram.updates.make_message(5_550_200, f"/start {link.partition('=')[2]}")
    telegram.bring(installation.a.url, WEBHOOK_SECRET, start)
    expect(ada.page.get_by_role("heading", name="Bu sayfayı kapatabilirsiniz")).to_be_visible()
    found += everywhere(ada.page, "place kept")

    bora.page.get_by_label("E-posta adresiniz").fill("bora@example.org")
    bora.page.get_by_role("button", name="Yerimi sakla ve bana yaz").click()
    awaited(lambda: bool(mail.delivered), "the letter")
    bora.page.goto(re.findall(r"https?://\S+/give-up/\S+", mail.delivered[0].body)[0])
    found += everywhere(bora.page, "give up?")
    bora.page.get_by_role("button", name="Evet, vazgeçiyorum").click()
    found += everywhere(bora.page, "given up")
    telegram.bring(installation.a.url, WEBHOOK_SECRET, telegram.updates.make_message(5_550_200, "/stop"))
    assert not found, "\n".join(found)


def test_pages_of_the_admin(
    installation: Installation, full_admin: Callable[[str], None], new_context: Callable[..., BrowserContext],
    complaints: list[str],
) -> None:  # fmt: skip
    """Whatever the index leads to, with something in it: lists, which have to be fit for a phone too, forms to add, the
    form of the first row of each list, and once its history and what would be deleted with it."""
    page = new_context().new_page()
    # Brought along by every page of the many, axe is not sent and read anew for each.
    page.add_init_script(f"if (window === top) {{ {AXE.read_text()} }}")
    installation.manage("createoperator", "axe", "--name", "Deniz", "--superuser")
    full_admin("axe")
    page.goto(f"{installation.b.url}/admin/")
    found = everywhere(page, "login")
    operator = OperatorPage(page)
    operator.sign_in(installation.b.url, "axe", lambda: installation.manage("otp", "axe").splitlines()[-1])

    def content(page: Page, name: str) -> list[str]:
        """Without what has been looked at on the pages that `everywhere` was asked about."""
        return faults(page, name, FRAME)

    def look(path: str, at: Callable[[Page, str], list[str]] = content) -> None:
        page.goto(f"{installation.b.url}{path}")
        found.extend(at(page, path))

    look("/admin/", everywhere)
    lists = [path for path in addresses(page, "/admin/") if not path.endswith(("/add/", "/logout/", "/console/"))]
    assert len(lists) > 10
    for path in lists:
        if path == "/admin/":
            continue
        # Phones are looked at where a page is of its own, once for the rest.
        wide = everywhere if path in ("/admin/reports/", "/admin/desk/cannedreply/") else content
        look(path, wide)
        if path.count("/") == 4 and "/admin/auth/" not in path:
            found += unfit(page, path)
            page.set_viewport_size(DESK)
        rows = [row for row in addresses(page, path) if row.endswith("/change/")]
        forms = [form for form in addresses(page, path) if form.endswith("/add/")]
        for further in rows[:1] + forms[:1]:
            look(further, everywhere if "/conversation/" in further else wide)
            if further in rows:
                found += too_wide(page, further)
                page.set_viewport_size(DESK)
            for beside in addresses(page, path) if wide is everywhere and further in rows else ():
                if beside.endswith(("/delete/", "/history/")):
                    look(beside)
    assert complaints == []
    look("/admin/nowhere/")
    assert not found, "\n".join(found)
