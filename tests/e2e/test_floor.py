"""A supervisor's story on a phone's width and by keyboard: a conversation appears by itself and is taken over, an
operator is sent on a break, and the log says who did it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from harness.browser.people import CustomerPage, OperatorPage
from tests.e2e.conftest import Installation
from tests.e2e.test_axe import faults

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(240)]
Join = Callable[..., CustomerPage]


def test_a_supervisor_steps_in(
    installation: Installation, customer: Join, operator: OperatorPage, new_context: Callable[..., BrowserContext],
    complaints: list[str],
) -> None:  # fmt: skip
    installation.manage("createoperator", "sema", "--name", "Sema", "--role", "supervisor")
    context = new_context()
    desk = OperatorPage(context.new_page())
    desk.sign_in(installation.b.url, "sema", lambda: installation.manage("otp", "sema").splitlines()[-1])
    floor = context.new_page()
    floor.set_viewport_size({"width": 390, "height": 844})
    floor.goto(f"{installation.a.url}/admin/floor/")
    talking = floor.get_by_role("region", name="Görüşmede")
    expect(talking.get_by_text("Şu an görüşme yok.")).to_be_visible()

    # Nothing is loaded anew: rows come by themselves, and what is being written stays.
    ada = customer("Ada", media="chat")
    waiting = floor.get_by_role("region", name="Bekleyenler")
    expect(waiting.get_by_text("Ada", exact=True)).to_be_visible()
    operator.go_available()
    row = talking.get_by_role("listitem").filter(has_text="Ada")
    expect(row).to_be_visible()
    row.locator("summary").focus()
    floor.keyboard.press("Enter")
    note = row.get_by_label("Temsilciye not")
    note.fill("Almanca konuşuyor")
    customer("Ben", media="chat")
    expect(waiting.get_by_text("Ben", exact=True)).to_be_visible()
    expect(note).to_have_value("Almanca konuşuyor")
    expect(note).to_be_focused()
    assert faults(floor, "floor") == []
    assert floor.evaluate("document.documentElement.scrollWidth <= innerWidth")

    # Taken over by keyboard: the colleague's page says so, the customer goes on with her.
    row.get_by_role("button", name="Devral").press("Enter")
    expect(floor.get_by_text("Tamam:")).to_be_visible()
    desk.expect_customer("Ada")
    ada.say("Merhaba")
    desk.expect_line("Merhaba")

    desks = floor.get_by_role("region", name="Temsilciler")
    expect(desks.get_by_role("listitem").filter(has_text="Sema")).to_contain_text("görüşmede")
    operator.expect_customer("Ben")
    deniz = desks.get_by_role("listitem").filter(has_text="Deniz").filter(has_text="görüşmede")
    deniz.get_by_role("button", name="Molaya çıkar").press("Enter")
    expect(floor.get_by_text("Tamam: temsilci molada.")).to_be_visible()
    expect(operator.page.get_by_text("Süpervizör sizi molaya çıkardı")).to_be_visible()

    floor.goto(f"{installation.a.url}/admin/queueing/fairnessentry/?by=sema")
    expect(floor.get_by_text("Görüşmeyi devraldı").first).to_be_visible()
