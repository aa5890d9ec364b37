"""Microphone, camera and loudspeaker: chosen in a call and kept for the next; and what is said where none opens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from harness.browser.chromium import CHROMIUM, CHROMIUM_ARGS, OBSERVER
from harness.browser.people import CustomerPage, OperatorPage, Person
from tests.e2e.conftest import PATIENCE_MS, Installation, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(240)]

# The browser's own word for what is sent and where it is heard.
SENT = """
([kind, id]) => window.observedPeers.at(-1).getSenders().some(({track}) =>
  track?.kind === kind && track.readyState === "live" && track.getSettings().deviceId === id)
"""
HEARD = """
(id) => [...document.querySelectorAll("audio, video")].some((element) => element.srcObject?.getAudioTracks().length
  && !element.muted && element.sinkId === id)
"""


@pytest.fixture
def browser(whole_browser: Browser) -> Browser:
    """The shell asks nobody for permission and has no loudspeakers to choose from."""
    return whole_browser


@pytest.fixture
def in_pages() -> str:
    """Cameras as the pages ask for them: devices are what is looked at here."""
    return OBSERVER


def choose_other(picker: Locator) -> str:
    """Picks an entry that is not the chosen one; answers its id."""
    current = picker.input_value()
    other = next(
        value
        for value in picker.locator("option").evaluate_all("(all) => all.map(({value}) => value)")
        if value not in (current, "default")
    )
    picker.select_option(other)
    return str(other)


def choose_other_output(panel: Locator) -> str:
    other = panel.get_by_role("radio", checked=False).last.input_value()
    panel.locator(f'input[value="{other}"]').check()
    return other


def swap_devices(person: Person, panel: Locator) -> tuple[str, str, str]:
    """Another microphone, camera and output; each is in force before this returns."""
    page = person.page
    assert isinstance(page, Page)
    microphone = choose_other(panel.get_by_label("Mikrofon", exact=True))
    page.wait_for_function(SENT, arg=["audio", microphone])
    camera = choose_other(panel.get_by_label("Kamera", exact=True))
    page.wait_for_function(SENT, arg=["video", camera])
    output = choose_other_output(panel)
    page.wait_for_function(HEARD, arg=output)
    return microphone, camera, output


def test_devices_are_swapped_in_the_call_and_kept_for_the_next(
    customer: Callable[..., CustomerPage], operator: OperatorPage, complaints: list[str]
) -> None:
    ada = customer("Ada")
    operator.go_available()
    ada.expect_call()
    ada.await_more_media()

    ada.page.get_by_role("button", name="Aygıtlar").click()
    microphone, camera, output = swap_devices(ada, ada.page.locator(".ad-output-menu"))
    operator.await_more_media()

    operator.page.get_by_role("button", name="Aygıtlar").click()
    swap_devices(operator, operator.page.locator(".ad-call-devices"))
    ada.await_more_media()

    ada.page.reload()
    ada.expect_call()
    ada.page.wait_for_function("() => window.observedPeers.length > 0")
    ada.page.wait_for_function(SENT, arg=["audio", microphone])
    ada.page.wait_for_function(SENT, arg=["video", camera])
    ada.page.wait_for_function(HEARD, arg=output)
    assert complaints == []


FAKE = next(arg for arg in CHROMIUM_ARGS if "fake-device" in arg)
FAKE_UI = "--use-fake-ui-for-media-stream"
WITHOUT = {
    "denied": (
        {FAKE_UI},
        [],
        [],
        "Mikrofon izni verilmedi. Tarayıcının adres çubuğundan izin verip yeniden deneyin.",
        "Kamera izni verilmedi. Tarayıcının adres çubuğundan izin verip yeniden deneyin.",
        "Mikrofon ve kameraya izin verilmedi. Sohbet çalışır; sesli görüşme için tarayıcıda izin verin.",
    ),
    "no device at all": (
        {FAKE_UI, FAKE},
        [],
        ["camera", "microphone"],
        "Kamera ya da mikrofon bulunamadı.",
        "Kamera ya da mikrofon bulunamadı; sıra gelince yazışarak görüşebilirsiniz.",
        "Kamera ya da mikrofon bulunamadı. Sohbet çalışır; sesli görüşme için bir mikrofon bağlayın.",
    ),
    "no camera": (
        {FAKE},
        ["--use-fake-device-for-media-stream=device-count=0"],
        ["camera", "microphone"],
        "Sesiniz geliyor.",
        "Kamera bulunamadı.",
        None,  # a desk without a camera is nothing to complain about
    ),
}


@contextmanager
def other_browser(browser: Browser, without: set[str], extra: list[str]) -> Iterator[Browser]:
    args = [arg for arg in CHROMIUM_ARGS if arg not in without]
    other = browser.browser_type.launch(executable_path=CHROMIUM, args=args + extra)
    yield other
    other.close()


@pytest.mark.parametrize("case", WITHOUT)
def test_what_does_not_open_is_said_in_words_and_the_chat_is_there(
    case: str, browser: Browser, installation: Installation
) -> None:
    without, extra, permissions, microphone, camera, banner = WITHOUT[case]
    with other_browser(browser, without, extra) as bare:

        def page() -> Page:
            context = bare.new_context(locale="tr-TR", permissions=permissions, reduced_motion="reduce")
            context.set_default_timeout(PATIENCE_MS)
            return context.new_page()

        ada = CustomerPage(page(), "Ada")
        ada.join(installation.a.url, "video")
        checked = ada.page.locator(".ad-check__text")
        expect(checked.nth(0)).to_have_text(microphone)
        expect(checked.nth(1)).to_have_text(camera)

        deniz = OperatorPage(page())
        sign_in(installation, deniz)
        deniz.go_available()
        ada.expect_call()
        if banner is None:
            ada.open_chat()
        else:  # without sound it opens by itself
            expect(ada.page.locator(".ad-composer__input")).to_be_visible()
        ada.say("Böyle de konuşuruz")
        deniz.expect_line("Böyle de konuşuruz")
        expect(deniz.page.locator(".ad-banner", has_text=banner or "")).to_have_count(0 if banner is None else 1)
