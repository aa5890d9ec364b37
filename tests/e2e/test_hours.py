"""Opening hours of one site, from closed to open: what customers and the page around the widget find, what somebody
writes in the admin, and who gets in.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from harness.browser.people import CustomerPage
from tests.e2e.conftest import Installation
from tests.e2e.test_axe import faults
from tests.e2e.test_sites import owner  # noqa: F401  fixtures

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(300)]

# Closed until noon of the day after tomorrow, by a clock far from the customer's.
MAKE = """
from datetime import timedelta
from django.utils import timezone
from hours.models import ExceptionalDays, OpeningHours
from sites.models import Site
site = Site.objects.create(name="Night shop")
hours = OpeningHours.objects.create(site=site, zone="Europe/Istanbul")
day = timezone.localdate() + timedelta(days=2)
ExceptionalDays.objects.create(hours=hours, first=day, hours_text="12:00–18:00", note="Inventory")
print(site.key, hours.pk)
"""
CLOSE = """
from hours.models import OpeningHours
for hours in OpeningHours.objects.filter(site__key="{key}"):
    hours.monday = hours.tuesday = hours.wednesday = hours.thursday = hours.friday = hours.saturday = hours.sunday = ""
    hours.save()
"""


def opens_for_everybody(page: Page, address: str) -> None:
    """Somebody writes the hours: one day, copied to the others, and sees beside them what they mean."""
    page.goto(address)
    shown = page.locator(".ad-hours-preview")
    expect(shown).to_contain_text("Şu anda kapalı.")
    expect(shown).to_contain_text("Inventory")
    assert faults(page, "opening hours") == []
    page.locator("#id_monday").fill("18-9")
    expect(shown).to_contain_text("başlamadan bitiyor")
    page.locator("#id_monday").fill("0-24")
    page.locator(".ad-hours-copy select").select_option("monday")
    page.get_by_role("button", name="her güne").click()
    expect(page.locator("#id_sunday")).to_have_value("0-24")
    expect(shown).to_contain_text("Şu anda açık")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert faults(page, "opening hours on a phone") == []
    page.set_viewport_size({"width": 1280, "height": 800})
    page.locator("[name=_continue]").click()
    expect(page.locator(".messagelist")).to_contain_text("Night shop")
    expect(page.locator("#id_sunday")).to_have_value("00:00–24:00")


SHOP = """<!doctype html><html lang="en"><title>Shop</title><body><button id="help">Help</button>
<script src="{service}/embed.js" data-site="{key}"></script>
<script>
const show = () => (help.hidden = Adminara.status() === "closed");
Adminara.on("ready", show);
Adminara.on("status-changed", show);
</script>"""


def hides_its_button(page: Page, service: str, key: str) -> None:
    """A page of others, which the loader tells that nobody is taken."""
    shop = SHOP.format(service=service, key=key)
    # Under the service's own address: Chromium lets no other page ask this machine.
    page.route(f"{service}/shop", lambda route: route.fulfill(content_type="text/html", body=shop))
    page.goto(f"{service}/shop")
    expect(page.locator("#help")).to_be_hidden()
    assert page.evaluate("() => Adminara.status()") == "closed"


def test_closed_then_open(
    installation: Installation, new_context: Callable[..., BrowserContext], owner: Page,  # noqa: F811
) -> None:  # fmt: skip
    key, row = installation.manage("shell", "--no-imports", "-c", MAKE).split()[-2:]
    page = new_context(locale="en-GB", timezone_id="America/New_York").new_page()
    page.goto(f"{installation.a.url}/?site={key}&locale=en")
    expect(page.get_by_role("heading", name="We are closed right now")).to_be_visible()
    # Noon in Istanbul, in the customer's own words and time.
    expect(page.get_by_text("We open on")).to_have_text(re.compile(r" at 0[45]:00.AM E[SD]T\.$"))
    assert faults(page, "closed") == []
    page.locator(".ad-head").get_by_role("button", name="Türkçe").click()
    expect(page.locator(".ad-lead:visible")).to_contain_text("itibarıyla açığız")
    hides_its_button(new_context().new_page(), installation.a.url, key)
    # Whoever insists is refused by the queue itself, in words.
    page.get_by_role("button", name="Forma dön").click()
    page.fill("#ad-name", "Ada")
    page.check("input[value=chat]", force=True)
    page.click("button[type=submit]")
    expect(page.get_by_text("Destek şu anda kapalı")).to_be_visible()

    opens_for_everybody(owner, f"{installation.b.url}/admin/hours/openinghours/{row}/change/")
    ada = CustomerPage(page, "Ada")
    ada.join(f"{installation.a.url}/?site={key}", "chat")
    ada.expect_place(1)

    # Closing puts nobody out: the place is kept, over a reload too; only nobody new gets in.
    installation.manage("shell", "--no-imports", "-c", CLOSE.format(key=key))
    page.reload()
    ada.expect_place(1)
    late = new_context().new_page()
    late.goto(f"{installation.a.url}/?site={key}")
    expect(late.get_by_role("heading", name="Şu anda kapalıyız")).to_be_visible()
