"""The whole job over two web processes: the customer's page is on A, the operator's console on B."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from harness.browser.people import CustomerPage, OperatorPage, await_more_media_of_both
from tests.e2e.conftest import Installation, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(240)]
Join = Callable[..., CustomerPage]


def test_two_customers_one_after_the_other(
    installation: Installation, customer: Join, operator: OperatorPage, complaints: list[str]
) -> None:
    ada = customer("Ada")
    ada.expect_place(1)
    bora = customer("Bora")
    bora.expect_place(2)
    operator.expect_waiting("Ada", "Bora")

    operator.go_available()
    ada.expect_call()
    operator.expect_customer("Ada")
    bora.expect_place(1)
    await_more_media_of_both(ada, operator)

    ada.open_chat()
    ada.say("merhaba, duyuyor musunuz?")
    operator.expect_line("merhaba, duyuyor musunuz?")
    operator.say("evet, buyurun")
    ada.expect_line("evet, buyurun")

    operator.hang_up()
    ada.expect_ended()
    operator.expect_customer("Bora")  # the wrap-up ends by itself
    bora.expect_call()
    await_more_media_of_both(bora, operator)
    assert operator.lines() == []

    assert installation.queue()["active"] == 1
    assert installation.manage("queue", "check").strip() == "clean"
    assert complaints == []


@pytest.mark.parametrize("side", ["customer", "operator"])
def test_the_web_process_of_one_side_dies_in_the_middle_of_the_call(
    side: str, installation: Installation, customer: Join, operator: OperatorPage
) -> None:
    ada = customer("Ada")
    operator.go_available()
    ada.expect_call()
    ada.open_chat()
    await_more_media_of_both(ada, operator)
    ada.say("önce 1")
    operator.expect_line("önce 1")

    dying = installation.web_a if side == "customer" else installation.web_b
    before = (
        ada.page.evaluate("() => window.observedPeers.length"),
        operator.page.evaluate("() => window.observedPeers.length"),
    )
    dying.process.send_signal(signal.SIGKILL)
    dying.process.wait(10)

    # Said while the socket is down or has just come back; each has to arrive once.
    ada.say("sonra 1")
    operator.say("sonra 2")
    await_more_media_of_both(ada, operator)
    operator.expect_line("sonra 1")
    ada.expect_line("sonra 2")
    ada.say("sonra 3")
    operator.expect_line("sonra 3")

    assert sorted(ada.lines()) == sorted(["önce 1", "sonra 1", "sonra 2", "sonra 3"])
    assert sorted(operator.lines()) == sorted(["önce 1", "sonra 1", "sonra 2", "sonra 3"])
    # The media never needed a new connection: it is not the server's business.
    after = (
        ada.page.evaluate("() => window.observedPeers.length"),
        operator.page.evaluate("() => window.observedPeers.length"),
    )
    assert after == before
    assert installation.queue()["active"] == 1

    operator.hang_up()
    ada.expect_ended()
    assert installation.manage("queue", "check").strip() == "clean"


def test_a_reloaded_page_is_back_in_its_call(
    installation: Installation, customer: Join, operator: OperatorPage
) -> None:
    ada = customer("Ada")
    operator.go_available()
    ada.expect_call()
    ada.await_more_media()
    operator.say("bir satır")
    ada.page.reload()
    ada.expect_call()
    await_more_media_of_both(ada, operator)
    ada.open_chat()
    ada.expect_line("bir satır")
    operator.page.reload()
    operator.expect_customer("Ada")
    operator.await_more_media()
    operator.expect_line("bir satır")


def test_a_waiting_customer_who_reloads_keeps_the_place(customer: Join, operator: OperatorPage) -> None:
    ada = customer("Ada", "chat")
    ada.expect_place(1)
    bora = customer("Bora", "chat")
    bora.expect_place(2)
    ada.page.reload()
    ada.expect_place(1)
    expect(bora.page.locator(".ad-place__number")).to_have_text("2")
    operator.expect_waiting("Ada", "Bora")


# Buttons that something else would take the press of, were it in the middle or near an edge, and those that are no size
# for a finger: by their names.
HARD_TO_PRESS = """
() => [...document.querySelectorAll(".ad-call-controls button")].filter((one) => one.offsetParent).filter((one) => {
  const {left, right, top, bottom, width, height} = one.getBoundingClientRect();
  const middle = (top + bottom) / 2;
  const isOurs = (x) => one.contains(document.elementFromPoint(x, middle));
  return ![left + 2, (left + right) / 2, right - 2].every(isOurs) || Math.min(width, height) < 24;
}).map((one) => one.dataset.control ?? one.innerText)
"""
ROWS_OF_BUTTONS = """
() => {
  const shown = [...document.querySelectorAll(".ad-call-control")].filter((button) => button.offsetParent !== null);
  return new Set(shown.map((button) => Math.round(button.getBoundingClientRect().top))).size;
}
"""
SCREENS = ((1440, 900), (1280, 800), (1024, 700), (900, 700), (834, 1112), (390, 844), (320, 568))


def test_every_button_of_a_call_can_be_pressed_whatever_the_width(customer: Join, operator: OperatorPage) -> None:
    ada = customer("Ada")
    operator.go_available()
    ada.expect_call()
    operator.await_more_media()
    for line in range(12):
        operator.say(f"{line}. satır")
    page = operator.page
    assert page.evaluate(ROWS_OF_BUTTONS) == 1, "at 1280 × 800"
    for width, height in SCREENS:
        page.set_viewport_size({"width": width, "height": height})
        expect(page.locator("[data-control=end]")).to_be_in_viewport(ratio=1)
        assert page.evaluate(HARD_TO_PRESS) == [], f"at {width} × {height}"


def test_a_console_that_freezes_at_the_match_loses_the_customer_to_the_next(
    installation: Installation,
    customer: Join,
    operator: OperatorPage,
    new_context: Callable[..., BrowserContext],
    complaints: list[str],
) -> None:
    operator.go_available()
    freezer = operator.page.context.new_cdp_session(operator.page)
    freezer.send("Debugger.enable")
    freezer.send("Debugger.pause")
    ada = customer("Ada")
    ada.expect_call()

    # Whether to leave is asked of where one is: the question goes when that is over.
    question = ada.page.get_by_role("dialog")
    ada.page.click(".ad-control--danger")
    expect(question).to_be_visible()
    overdue(installation)
    expect(ada.page.locator(".ad-waiting")).to_be_visible()
    expect(question).to_have_count(0)
    ada.expect_place(1)
    expect(ada.page.locator(".ad-toast")).to_contain_text("yanıt vermedi")
    other = OperatorPage(new_context().new_page())
    sign_in(installation, other)
    ada.page.get_by_role("button", name="Sıradan çık").click()
    expect(question).to_be_visible()
    other.go_available()
    ada.expect_call()
    expect(question).to_have_count(0)
    other.expect_customer("Ada")
    await_more_media_of_both(ada, other)
    other.say("Buyurun")
    ada.expect_line("Buyurun")

    freezer.send("Debugger.disable")
    expect(operator.page.locator(".ad-banner", has_text="yanıt vermediniz")).to_be_visible()
    expect(operator.page.locator(".ad-switch")).to_have_attribute("aria-checked", "false")
    operator.go_available()
    expect(operator.page.locator(".ad-banner", has_text="yanıt vermediniz")).to_be_hidden()

    # Both said something: whoever speaks has answered.
    overdue(installation)
    assert installation.queue()["active"] == 1
    assert installation.manage("queue", "check").strip() == "clean"
    # What the frozen page asked for belonged to somebody else by then.
    assert [complaint for complaint in complaints if "403" not in complaint] == []


def test_a_customer_is_passed_on_to_a_colleague_with_a_note(
    installation: Installation,
    customer: Join,
    operator: OperatorPage,
    new_context: Callable[..., BrowserContext],
    complaints: list[str],
) -> None:
    operator.go_available()
    ada = customer("Ada")
    ada.expect_call()
    ada.open_chat()
    ada.say("Faturam iki kez çekildi")
    operator.expect_line("Faturam iki kez çekildi")
    ada.await_more_media()
    other = OperatorPage(new_context().new_page())
    sign_in(installation, other)
    other.go_available()

    operator.page.keyboard.press("p")
    dialog = operator.page.locator(".ad-transfer")
    expect(dialog.locator("input")).to_have_count(2)
    dialog.locator("label", has_text="Deniz").click()
    dialog.locator("textarea").fill("İade istiyor")
    dialog.locator("button[type=submit]").click()

    other.expect_customer("Ada")
    expect(other.page.locator(".ad-customer-transfer")).to_have_text("Deniz aktardı: İade istiyor")
    other.expect_line("Faturam iki kez çekildi")
    expect(ada.page.locator(".ad-toast")).to_contain_text("aktarılıyorsunuz")
    ada.expect_call()
    await_more_media_of_both(ada, other)
    other.say("Hemen bakıyorum")
    ada.expect_line("Hemen bakıyorum")
    assert ada.lines() == ["Faturam iki kez çekildi", "Hemen bakıyorum"]
    expect(operator.page.locator(".ad-stage-ended")).to_contain_text("aktarıldı")
    assert installation.manage("queue", "check").strip() == "clean"
    assert complaints == []


def overdue(installation: Installation) -> None:
    """What has to be answered has waited for it as long as it may."""
    installation.manage(
        "shell",
        "--no-imports",
        "-c",
        "from infra.redis.client import client, execute, key\n"
        "from queueing.live import store\n"
        "client().hset(key('meta'), 'reachable_at', 0)\n"
        "for cid in client().zrange(key('answer'), 0, -1): client().zadd(key('answer'), {cid: 1}, xx=True)\n"
        "execute(store.tick('', known=False))",
    )
