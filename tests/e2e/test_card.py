"""The customer card, from a site's page over the widget into console and admin; the typing preview."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator

import jwt
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from harness.browser.people import CustomerPage, OperatorPage
from tests.e2e.conftest import IDENTITY_SECRET, Installation
from tests.e2e.test_axe import faults

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(240)]
Join = Callable[..., CustomerPage]
EARLIER = """
from datetime import timedelta
from django.utils import timezone
from desk.models import Note, Outcome, WrapUp
from queueing.models import Conversation
outcome, _new = Outcome.objects.get_or_create(names={"tr": "Çözüldü"}, defaults={"active": False})
for number in range(1, 24):
    at = timezone.now() - timedelta(days=number)
    row = Conversation.objects.create(
        pk=f"earlier-{number}", name="Ada", person="ada-1", attributes={"identity": {"sub": "ada-1"}}, media="audio",
        status="ended", joined_at=at, claimed_at=at, ended_at=at + timedelta(seconds=75), admin_id="efe",
    )
    if number == 1:
        WrapUp.objects.create(conversation=row, outcome=outcome, version=1)
        Note.objects.create(conversation=row, person="ada-1", text="Kargo sordu", key="a", admin_id="efe")
"""
SWITCH = "from sites.models import Site; Site.objects.update_or_create(key='', defaults={{'typing_preview': {on}}})"


@pytest.fixture
def framed(installation: Installation, new_context: Callable[..., BrowserContext]) -> Page:
    """The widget on the sample site, of whose server the visitor is known."""
    page = new_context(timezone_id="Asia/Tokyo").new_page()
    page.goto(f"{installation.a.url}/demo/")
    page.wait_for_function("() => window.Adminara?.open")
    return page


def signed(sub: str) -> str:
    claims = {"sub": sub, "name": "Ada", "email": "ada@example.com", "exp": int(time.time()) + 600}
    return jwt.encode(claims, IDENTITY_SECRET)


def test_who_asks_and_from_where_is_read_by_keyboard(
    installation: Installation, framed: Page, operator: OperatorPage, complaints: list[str]
) -> None:
    installation.manage("shell", "--no-imports", "-c", EARLIER)
    user = json.dumps({"identity": signed("ada-1"), "name": "Ada", "attributes": {"plan": "pro"}})
    framed.evaluate(
        f"""() => {{
          Adminara.setUser({user});
          Adminara.open();
        }}"""
    )
    widget = framed.frame_locator("iframe")
    expect(widget.locator("#ad-name")).to_have_value("Ada")
    # The site shows another page of its own without loading one, and the visitor goes on in the frame.
    framed.evaluate(
        """() => {
          history.pushState({}, "", "/demo/kasa?token=s3cret#x");
          document.title = "Kasa <b>";
          window.focus();
        }"""
    )
    widget.locator("input[value=chat]").check(force=True)
    widget.locator("button[type=submit]").click()
    operator.expect_waiting("Ada")
    operator.go_available()
    operator.expect_customer("Ada")

    page = operator.page
    page.locator(".ad-customer-name").click()
    page.keyboard.press("i")
    card = page.locator(".ad-about")
    expect(card).to_be_focused()
    expect(card.locator(".ad-about-vouched")).to_contain_text("ada-1 · Ada · ada@example.com")
    here = f"{installation.a.url}/demo/kasa"
    expect(card.locator(".ad-about-facts:not(.ad-answers)")).to_contain_text(f"Kasa <b>{here}")
    assert "s3cret" not in page.content()
    expect(card.get_by_role("link", name=here)).to_have_attribute("target", "_blank")
    expect(card.locator(".ad-about-facts:not(.ad-answers)")).to_contain_text(re.compile(r"\d\d:\d\d · Asia/Tokyo"))
    expect(card.locator(".ad-about-facts:not(.ad-answers)")).to_contain_text("Chrome ")
    expect(card.locator(".ad-about-facts:not(.ad-answers)")).to_contain_text("Türkçe")
    expect(card.locator(".ad-customer-details")).to_have_text("planpro")

    expect(card.locator("summary")).to_have_text("Önceki görüşmeler (23)")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(card.locator("summary")).to_be_focused()
    page.keyboard.press("Enter")
    first = card.locator(".ad-about-one").first
    expect(first).to_contain_text("Sesli · 01:15 · efe")
    expect(first).to_contain_text("Çözüldü")
    expect(first).to_contain_text("1 not")
    expect(card.locator(".ad-about-one")).to_have_count(20)
    expect(card.locator(".ad-about-more")).to_contain_text("3")
    page.keyboard.press("Tab")
    expect(first.get_by_role("link")).to_be_focused()
    with page.context.expect_page() as opened:
        page.keyboard.press("Enter")
    expect(opened.value.locator("h1", has_text="Ada")).to_be_visible()
    assert "/conversation/earlier-1/" in opened.value.url
    opened.value.close()
    found = faults(page, "console with the card")

    # On a phone it has a tab of its own, and nothing stands out to the side.
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("navigation", name="Bölümler").get_by_role("button", name="Müşteri").click()
    expect(card).to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    found += faults(page, "console with the card on a phone")
    page.set_viewport_size({"width": 1280, "height": 800})

    operator.hang_up()
    page.goto(f"{installation.b.url}/admin/queueing/conversation/?q=Ada")
    page.locator("#result_list tbody tr th a, #result_list tbody tr td a").first.click()
    about = page.locator(".ad-conversation-about")
    expect(about.get_by_role("link", name=here)).to_be_visible()
    expect(about.first).to_contain_text("ada-1")
    others = page.locator(".ad-conversation-other")
    expect(others).to_have_count(20)
    expect(others.first).to_contain_text("Çözüldü")
    found += faults(page, "conversation with the card")
    assert complaints == []
    assert not found, "\n".join(found)


@pytest.fixture
def _preview(installation: Installation) -> Iterator[None]:
    installation.manage("shell", "--no-imports", "-c", SWITCH.format(on=True))
    yield
    installation.manage("shell", "--no-imports", "-c", SWITCH.format(on=False))


@pytest.mark.usefixtures("_preview")
def test_what_is_being_written_is_seen_where_the_site_says_so(
    customer: Join, operator: OperatorPage, complaints: list[str]
) -> None:
    ada = customer("Ada", media="chat")
    operator.expect_waiting("Ada")
    operator.go_available()
    operator.expect_customer("Ada")
    ada.expect_call()
    expect(ada.page.locator(".ad-chat__preview")).to_have_text(
        "Temsilci, yazdıklarınızı siz göndermeden önce de görür."
    )
    box = ada.page.locator(".ad-composer__input")
    box.press_sequentially("Kartım <b>çalışmıyor</b>")
    preview = operator.page.locator(".ad-chat-preview-text")
    expect(preview).to_have_text("Kartım <b>çalışmıyor</b>")
    found = faults(operator.page, "console with a typing preview") + faults(ada.page, "chat that is previewed")
    box.fill("")
    expect(preview).to_be_hidden()
    box.press_sequentially("Neyse")
    expect(preview).to_have_text("Neyse")
    box.press("Enter")
    operator.expect_line("Neyse")
    expect(preview).to_be_hidden()
    assert complaints == []
    assert not found, "\n".join(found)
