"""What pages say in the visitor's language: chosen, kept, fetched again where it did not come, and never waited for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from harness.browser.people import CustomerPage, OperatorPage
from harness.processes import Running, free_port
from tests.e2e.conftest import START_SECS, Installation
from tests.e2e.foreign_site import HOSTS, LOADED, serving
from tests.support.catalogues import GERMAN, with_german_and_arabic

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(240)]
TEXTS = "**/texts/**"
TURKISH = "Bir uzmanla hemen konuşun"
ENGLISH = "Talk to an expert right away"


def test_with_a_third_catalogue_the_button_is_a_list(
    data: dict[str, str],
    tmp_path: Path,
    new_context: Callable[..., BrowserContext],
    complaints: list[str],
) -> None:
    folder = with_german_and_arabic(tmp_path / "locale")
    port = free_port()
    with Running("-m", "support.web", "--announce", PORT=str(port), LOCALE_DIR=str(folder), **data) as web:
        web.await_line(lambda line: line.startswith("ready "), START_SECS)
        page = new_context().new_page()
        page.goto(f"http://127.0.0.1:{port}/")
        title, choice = page.get_by_role("heading", level=1), page.locator("select.ad-head__languages")
        expect(title).to_have_text(TURKISH)
        assert choice.locator("option").all_inner_texts() == ["Türkçe", "English", "العربيّة", "Deutsch"]
        choice.focus()
        choice.select_option("de")
        expect(title).to_have_text(GERMAN["customer.welcome.title"])
        expect(page.locator("html")).to_have_attribute("lang", "de")
        expect(choice).to_be_focused()
        # What has no German yet.
        expect(page.locator("button[type=submit]")).to_have_text("Join the queue")
        page.reload()
        expect(title).to_have_text(GERMAN["customer.welcome.title"])
        choice.select_option("ar")
        expect(title).to_have_text(ENGLISH)
        expect(page.locator("html")).to_have_attribute("dir", "rtl")

        _on_another_site(new_context().new_page(), f"http://localhost:{port}")

        page = new_context(locale="de-AT").new_page()
        page.goto(f"http://127.0.0.1:{port}/admin/login/")
        expect(page.locator("html")).to_have_attribute("lang", "de")
        expect(page.get_by_role("button", name="Deutsch")).to_have_attribute("aria-current", "true")
        expect(page.locator("#answer button[type=submit]").first).to_have_text("Anmelden")
    assert complaints == []


def _on_another_site(page: Page, service: str) -> None:
    """The site asks for the language, in any order, and hears of the visitor's own choice."""
    with serving(service, HOSTS) as shop:
        page.goto(f"{shop}/plain")
        page.wait_for_function(LOADED)
        launcher, widget = page.locator("button.launcher"), page.frame_locator("iframe")
        expect(launcher).to_have_accessible_name("Live support")
        page.evaluate("() => Adminara.setLocale('de')")
        expect(launcher).to_have_accessible_name(GERMAN["embed.open"])
        launcher.click()
        title, html = widget.get_by_role("heading", level=1), widget.locator("html")
        expect(title).to_have_text(GERMAN["customer.welcome.title"])
        widget.locator("#ad-name").fill("Ada")
        page.evaluate("() => Adminara.setLocale('ar')")
        expect(html).to_have_attribute("dir", "rtl")
        # What no page speaks is the nearest that one does.
        page.evaluate("() => Adminara.setLocale('de-AT')")
        expect(title).to_have_text(GERMAN["customer.welcome.title"])
        expect(html).to_have_attribute("lang", "de")
        expect(widget.locator("#ad-name")).to_have_value("Ada")
        widget.locator("select.ad-head__languages").select_option("tr")
        expect(title).to_have_text(TURKISH)
        expect(launcher).to_have_accessible_name("Canlı desteği kapat")


def test_texts_that_do_not_come_are_fetched_again(
    installation: Installation, new_context: Callable[..., BrowserContext]
) -> None:
    page = new_context().new_page()
    page.route(TEXTS, lambda route: route.abort())
    page.goto(installation.a.url)
    page.locator("#ad-name").focus()
    expect(page.get_by_text("Sayfa eksik yüklendi. Yeniden deneniyor")).to_be_visible()
    page.unroute(TEXTS)
    expect(page.locator("form[data-taken]")).to_have_count(1)
    expect(page.get_by_role("heading", name=TURKISH)).to_be_visible()
    # A language that does not come leaves the page as it is.
    page.route(TEXTS, lambda route: route.abort())
    page.get_by_role("button", name="English").click()
    expect(page.get_by_text("Dil değiştirilemedi.")).to_be_visible()
    expect(page.get_by_role("heading", name=TURKISH)).to_be_visible()
    page.unroute(TEXTS)
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name=ENGLISH)).to_be_visible()


def test_a_reloaded_call_does_not_wait_for_its_texts(
    customer: Callable[..., CustomerPage], operator: OperatorPage
) -> None:
    operator.go_available()
    ada = customer("Ada")
    ada.expect_call()
    operator.expect_customer("Ada")
    operator.await_media_of(ada)
    ada.page.route(TEXTS, lambda route: route.abort())
    ada.page.reload()
    # The operator sees and hears the page that cannot say anything yet.
    ada.page.wait_for_function("() => window.observedPeers.some((peer) => peer.connectionState === 'connected')")
    operator.await_media_of(ada)
    expect(ada.page.locator(".ad-call")).to_have_count(0)
    ada.page.unroute(TEXTS)
    ada.expect_call()
    ada.await_media_of(operator)

    operator.page.route(TEXTS, lambda route: route.abort())
    operator.page.reload()
    operator.page.wait_for_function("() => window.observedPeers.some((peer) => peer.connectionState === 'connected')")
    ada.await_media_of(operator)
    operator.page.unroute(TEXTS)
    operator.expect_customer("Ada")
    operator.await_media_of(ada)
    ada.hang_up()
