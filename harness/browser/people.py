"""What a customer and an operator do and see, in the words of the pages' roles and classes."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page as PlaywrightPage

from harness.webdriver.expecting import expect
from harness.webdriver.page import Page as WebDriverPage
from harness.webdriver.page import awaited

# Chromium comes with Playwright's page, Firefox and WebKit with one that has the words of it that stand here.
Page = PlaywrightPage | WebDriverPage

MORE_MEDIA = """
async ([frames, bytes]) => {
  const now = await window.observedMedia();
  return now.framesDecoded > frames && now.audioBytes > bytes;
}
"""
# The names of the paths in force, of both ends.
FRAGMENTS = """
() => {
  const peer = window.observedPeers.at(-1);
  const of = (description) => /a=ice-ufrag:(\\S+)/.exec(description?.sdp ?? "")?.[1];
  return [of(peer.currentLocalDescription), of(peer.currentRemoteDescription)];
}
"""
RESTARTED = f"""
(before) => {{
  const peer = window.observedPeers.at(-1);
  const now = ({FRAGMENTS})();
  const settled = peer.signalingState === "stable" && peer.connectionState === "connected";
  return settled && now.every((name, at) => name !== before[at]);
}}
"""
SENDS_PICTURE = """
() => window.observedPeers.at(-1).getTransceivers().some(({receiver, sender, currentDirection}) =>
  receiver.track.kind === "video" && currentDirection?.includes("send")
  && sender.getParameters().encodings.some(({active}) => active !== false))
"""
# On a busy machine the next customer may be here before anybody has looked.
WRAPS_UP_OR_GOES_ON = """
(customer) => !document.querySelector(".ad-stage-ended").hidden
  || document.querySelector(".ad-customer-name").textContent !== customer
"""


class Person:
    def __init__(self, page: Page) -> None:
        self.page = page

    def media(self) -> tuple[int, int]:
        """Decoded frames and received audio bytes of open connections, from the browser's own statistics."""
        found = self.page.evaluate("() => window.observedMedia()")
        return found["framesDecoded"], found["audioBytes"]

    def await_more_media(
        self, frames: int = 3, audio_bytes: int = 1000, *, since: tuple[int, int] | None = None
    ) -> None:
        """Returns when so much more has been decoded and received than now, or than `since`, an earlier `media()`."""
        have_frames, have_bytes = since or self.media()
        self.page.wait_for_function(MORE_MEDIA, arg=[have_frames + frames, have_bytes + audio_bytes])

    def await_media_of(self, other: Person, *, since: tuple[int, int] | None = None) -> None:
        """As `await_more_media`; but where a busy machine made `other` give up its picture, sound is enough."""
        have_frames, have_bytes = since or self.media()

        def came() -> bool:
            frames, audio_bytes = self.media()
            return audio_bytes > have_bytes + 1000 and (frames > have_frames + 3 or not other.sends_picture())

        awaited(came, "media")

    def sends_picture(self) -> bool:
        return bool(self.page.evaluate(SENDS_PICTURE))

    def restart_paths(self) -> None:
        """An ICE restart that this side's browser begins; returns when both ends have settled on new paths."""
        before = self.page.evaluate(FRAGMENTS)
        self.page.evaluate("() => void window.observedPeers.at(-1).restartIce()")
        self.page.wait_for_function(RESTARTED, arg=before)


def await_more_media_of_both(one: Person, other: Person) -> None:
    """`await_more_media` of each, at the same time: a call costs half a core as long as it is looked at."""
    before = one.media(), other.media()
    one.await_more_media(since=before[0])
    other.await_more_media(since=before[1])


def await_media_both_ways(one: Person, other: Person) -> None:
    """`await_media_of` the other for each, at the same time."""
    before = one.media(), other.media()
    one.await_media_of(other, since=before[0])
    other.await_media_of(one, since=before[1])


class CustomerPage(Person):
    SHARE = '.ad-control[aria-label="Ekranı paylaş"]'
    TOLD_OF_SCREEN = ".ad-call__status"

    def __init__(self, page: Page, name: str) -> None:
        super().__init__(page)
        self.name = name

    def join(self, url: str, media: str) -> None:
        self.page.goto(url)
        self.page.fill("#ad-name", self.name)
        self.page.check(f"input[value={media}]", force=True)
        self.page.click("button[type=submit]")

    def expect_place(self, place: int) -> None:
        expect(self.page.locator(".ad-place__number")).to_have_text(str(place))

    def expect_call(self) -> None:
        expect(self.page.locator(".ad-call")).to_be_visible()

    def expect_ended(self) -> None:
        expect(self.page.locator(".ad-medal")).to_be_visible()

    def open_chat(self) -> None:
        box = self.page.locator(".ad-composer__input")
        if not box.is_visible():
            self.page.click(".ad-control[aria-label=Sohbet]")
        expect(box).to_be_visible()

    def hang_up(self) -> None:
        self.page.click(".ad-control--danger")
        self.page.click(".ad-dialog .ad-button--danger")
        self.expect_ended()

    def say(self, text: str) -> None:
        self.page.fill(".ad-composer__input", text)
        self.page.press(".ad-composer__input", "Enter")

    def lines(self) -> list[str]:
        return self.page.locator(".ad-line__text").all_inner_texts()

    def expect_line(self, text: str) -> None:
        expect(self.page.locator(".ad-line__text", has_text=text)).to_have_count(1)


class OperatorPage(Person):
    SHARE = "[data-control=share]"
    TOLD_OF_SCREEN = ".ad-stage-share"

    def sign_in(self, url: str, admin_id: str, code: Callable[[], str]) -> None:
        self.page.goto(f"{url}/admin/console/")
        self.page.fill("#admin-id", admin_id)
        self.page.click("#ask button[type=submit]")
        expect(self.page.locator("#code")).to_be_visible()
        self.page.fill("#code", code())
        # A complete code is submitted by the page itself.
        expect(self.page.locator(".ad-availability")).to_be_visible()

    def go_available(self) -> None:
        self.page.click(".ad-switch")
        expect(self.page.locator(".ad-switch")).to_have_attribute("aria-checked", "true")

    def expect_waiting(self, *names: str) -> None:
        expect(self.page.locator(".ad-row-waiting .ad-row-name")).to_have_text(list(names))

    def expect_customer(self, name: str) -> None:
        expect(self.page.locator(".ad-customer-name")).to_have_text(name)

    def answer(self) -> None:
        """As a person who sits there; where nobody does, the customer is given back after a minute."""
        self.page.click(".ad-customer-name")

    def say(self, text: str) -> None:
        self.page.fill(".ad-composer__input", text)
        self.page.press(".ad-composer__input", "Enter")

    def lines(self) -> list[str]:
        return self.page.locator(".ad-line__text").all_inner_texts()

    def expect_line(self, text: str) -> None:
        expect(self.page.locator(".ad-line__text", has_text=text)).to_have_count(1)

    def hang_up(self) -> None:
        customer = self.page.evaluate("() => document.querySelector('.ad-customer-name').textContent")
        self.page.click("[data-control=end]")
        self.page.click(".ad-confirm .ad-button--danger")
        self.page.wait_for_function(WRAPS_UP_OR_GOES_ON, arg=customer)
