"""Somebody finds support closed, chooses a time, and stands at the head of the queue when it has come."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from harness.browser.people import CustomerPage, OperatorPage
from harness.fakes.smtp import FakeMail
from harness.webdriver.page import awaited
from tests.e2e.conftest import Installation
from tests.e2e.test_axe import faults
from tests.e2e.test_hours import MAKE

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(240)]
LINK = re.compile(r"https?://\S+/times/\S+")
PLACE = re.compile(r"https?://\S+#place=\S+")
NOW = """
from django.utils import timezone
from appointments.models import Appointment
Appointment.objects.update(starts_at=timezone.now())
"""


def test_a_time_is_chosen_where_it_is_closed_and_kept_at_the_head_of_the_queue(
    installation: Installation, customer: Callable[..., CustomerPage], operator: OperatorPage,
    new_context: Callable[..., BrowserContext], mail: FakeMail, complaints: list[str],
) -> None:  # fmt: skip
    key, _hours = installation.manage("shell", "--no-imports", "-c", MAKE).split()[-2:]
    context = new_context(locale="tr-TR", timezone_id="Europe/Berlin")
    page = context.new_page()
    page.goto(f"{installation.a.url}/?site={key}")
    expect(page.get_by_role("heading", name="Şu anda kapalıyız")).to_be_visible()
    with context.expect_page() as opened:
        page.get_by_role("link", name="Bir saat seç").click()
    times = opened.value
    expect(times.get_by_role("heading", name="Bir saat seçin")).to_be_visible()
    expect(times.get_by_text("Europe/Berlin")).to_be_visible()
    assert faults(times, "choosing a time") == []
    times.set_viewport_size({"width": 390, "height": 844})
    assert times.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    times.get_by_role("radio").first.check(force=True)
    times.get_by_label("Adınız").fill("Ada")
    times.get_by_label("E-posta adresiniz").fill("ada@example.org")
    times.get_by_role("radio", name="Sohbet").check(force=True)
    times.get_by_role("button", name="Bu saati al").click()
    expect(times.get_by_role("heading", name="Saatiniz ayrıldı")).to_be_visible()
    assert faults(times, "a chosen time") == []
    awaited(lambda: bool(mail.delivered), "the confirming letter")
    confirmed = mail.delivered[0]
    assert confirmed.recipients == ["ada@example.org"]
    assert [part.get_filename() for part in confirmed.message.iter_attachments()] == ["invite.ics"]
    link = LINK.search(confirmed.body)
    assert link is not None

    bora = customer("Bora", "chat")
    bora.expect_place(1)
    installation.manage("shell", "--no-imports", "-c", NOW)
    awaited(lambda: len(mail.delivered) == 2, "the call")
    assert PLACE.search(mail.delivered[1].body)
    bora.expect_place(2)
    # The link of the confirming letter leads there, too.
    ada = CustomerPage(times, "Ada")
    times.goto(link[0])
    expect(times.get_by_role("heading", name="Sıra sizde")).to_be_visible()
    times.get_by_role("button", name="Şimdi yerimi al").click()
    ada.expect_place(1)
    agenda = operator.page.locator(".ad-agenda")
    expect(agenda).to_contain_text("Ada")
    operator.go_available()
    operator.expect_customer("Ada")
    operator.hang_up()
    operator.expect_customer("Bora")
    operator.hang_up()
    assert complaints == []
