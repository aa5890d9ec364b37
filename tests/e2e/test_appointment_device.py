"""Whoever has chosen a time lets this device remind them, too, and takes that back."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from harness.browser.pushed import deliver, shown, subscribe_as
from harness.fakes.push_service import FakePush
from harness.fakes.smtp import FakeMail
from harness.webdriver.page import awaited
from tests.e2e.conftest import Installation
from tests.e2e.test_axe import faults
from tests.e2e.test_hours import MAKE

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(240)]
TIME = re.compile(r"^\d\d:\d\d$")
SOON = """
from datetime import timedelta
from django.utils import timezone
from appointments.models import Appointment
now = timezone.now()
Appointment.objects.update(starts_at=now + timedelta(minutes=10), booked_at=now - timedelta(days=2))
"""


@pytest.fixture
def browser(whole_browser: Browser) -> Browser:
    """Notifications are shown by what the shell leaves away."""
    return whole_browser


def test_this_device_reminds_beside_the_letter(
    installation: Installation, new_context: Callable[..., BrowserContext], mail: FakeMail, push_service: FakePush,
    complaints: list[str],
) -> None:  # fmt: skip
    key, _hours = installation.manage("shell", "--no-imports", "-c", MAKE).split()[-2:]
    phone = new_context(service_workers="allow", permissions=["notifications"])
    subscribe_as(phone, push_service.subscription("phone"))
    page = phone.new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{installation.a.url}/times/?site={key}")
    page.get_by_role("radio", name=TIME).first.check(force=True)
    page.get_by_label("Adınız").fill("Ada")
    page.get_by_label("E-posta adresiniz").fill("ada@example.org")
    page.get_by_role("button", name="Bu saati al").click()
    choose = page.get_by_role("button", name="Bana bu cihazda da hatırlat")
    told = page.get_by_text("Bu cihazda da hatırlatma alır ve çağrılırsınız.")
    choose.click()
    expect(told).to_be_visible()
    page.reload()
    expect(told).to_be_visible()
    assert faults(page, "a time of which this device is told") == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Yalnızca e-postayla").click()
    expect(told).to_be_hidden()
    choose.click()
    expect(told).to_be_visible()

    installation.manage("shell", "--no-imports", "-c", SOON)
    awaited(lambda: bool(push_service.pushed), "the push")
    deliver(page, installation.a.url, push_service.pushed[0].words)
    awaited(lambda: bool(shown(page)), "what is shown")
    [notification] = shown(page)
    assert notification["title"] == "Yaklaşıyor: canlı destek saatiniz"
    page.goto(installation.a.url + notification["url"])
    expect(page.get_by_role("heading", name="Saatiniz ayrıldı")).to_be_visible()
    awaited(lambda: len(mail.delivered) == 2, "the letter beside it")
    assert complaints == []
