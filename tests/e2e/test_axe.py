"""axe finds nothing serious on any page, in any state, in light and dark."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from harness.browser.people import CustomerPage, OperatorPage
from support.config.schema import BASE_DIR
from tests.e2e.conftest import Installation

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.xdist_group("e2e")]

AXE = BASE_DIR / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = ("serious", "critical")
ASKED = """
async () => {
  // What turns into its new colour is measured when it has; what is paused never does.
  const turning = document.getAnimations().filter(({playState}) => playState === "running");
  const late = new Promise((resolve) => setTimeout(resolve, 1000));
  await Promise.race([late, Promise.allSettled(turning.map((animation) => animation.finished))]);
  // Django's own picker has names on marks that may not have any.
  const {violations} = await axe.run({exclude: [".help-tooltip"]}, {resultTypes: ["violations"]});
  return violations.map(({id, impact, help, nodes}) => ({id, impact, help, where: nodes.slice(0, 4).map(
    ({target, failureSummary}) => `${target.join(" ")}: ${failureSummary.split("\\n").slice(1).join(" ").trim()}`)}));
}
"""


def faults(page: Page, name: str) -> list[str]:
    """What axe finds serious on a page as it stands now, in both colour schemes."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.evaluate(AXE.read_text())
        found += [
            f"{name}, {scheme}: {fault['id']} ({fault['help']}) {fault['where']}"
            for fault in page.evaluate(ASKED)
            if fault["impact"] in SERIOUS
        ]
    return found


def addresses(page: Page, pattern: str) -> list[str]:
    """Where links of this form lead, once each."""
    links: list[str] = page.eval_on_selector_all("a[href]", "links => links.map((link) => link.pathname + link.search)")
    return sorted({link for link in links if link.startswith(pattern)})


def test_pages_of_a_conversation(
    installation: Installation, customer: Callable[..., CustomerPage], operator: OperatorPage,
    new_context: Callable[..., BrowserContext],
) -> None:  # fmt: skip
    form = new_context().new_page()
    form.goto(f"{installation.a.url}/")
    form.locator("form").first.wait_for()
    found = faults(form, "form")

    ada = customer("Ada")
    expect(ada.page.locator(".ad-place__number")).to_be_visible()
    operator.expect_waiting("Ada")
    found += faults(ada.page, "waiting") + faults(operator.page, "console on a break")

    operator.go_available()
    ada.expect_call()
    operator.expect_customer("Ada")
    ada.await_more_media()
    ada.open_chat()
    ada.say("https://example.org/1")
    operator.expect_line("https://example.org/1")
    found += faults(ada.page, "call") + faults(operator.page, "console in a call")

    operator.hang_up()
    ada.expect_ended()
    found += faults(ada.page, "ended") + faults(operator.page, "console after a call")
    assert not found, "\n".join(found)


def test_pages_of_the_admin(installation: Installation, new_context: Callable[..., BrowserContext]) -> None:
    """Whatever the index leads to: lists, forms to add, the first row of each list."""
    page = new_context().new_page()
    installation.manage("createoperator", "axe", "--name", "Deniz", "--superuser")
    page.goto(f"{installation.b.url}/admin/")
    found = faults(page, "login")
    operator = OperatorPage(page)
    operator.sign_in(installation.b.url, "axe", lambda: installation.manage("otp", "axe").splitlines()[-1])

    def look(path: str) -> None:
        page.goto(f"{installation.b.url}{path}")
        found.extend(faults(page, path))

    look("/admin/")
    lists = [path for path in addresses(page, "/admin/") if not path.endswith(("/add/", "/logout/", "/console/"))]
    assert len(lists) > 8
    for path in lists:
        if path == "/admin/":
            continue
        look(path)
        rows = [row for row in addresses(page, path) if row.endswith("/change/")]
        forms = [form for form in addresses(page, path) if form.endswith("/add/")]
        for further in rows[:1] + forms[:1]:
            look(further)
    look("/admin/nowhere/")
    assert not found, "\n".join(found)
