"""A screen goes over in place of the camera, the other side is told, and the browser's bar brings the camera back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.people import CustomerPage, OperatorPage, Person

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(240)]
KEEP_SCREEN = """
() => {
  const devices = navigator.mediaDevices;
  const ask = devices.getDisplayMedia.bind(devices);
  devices.getDisplayMedia = async (wish) => (window.sharedScreen = await ask(wish));
}
"""
SENDS_SCREEN = """
(wanted) => window.observedPeers
  .filter((peer) => peer.connectionState === "connected")
  .some((peer) => peer.getSenders().some(({track}) =>
    track?.kind === "video" && (track.getSettings().displaySurface !== undefined) === wanted))
"""
# What a press on "stop sharing" in the browser's bar does to the page.
END_BY_BROWSER = """
() => {
  const [track] = window.sharedScreen.getVideoTracks();
  track.stop();
  track.dispatchEvent(new Event("ended"));
}
"""


def share_and_stop(page: Page, button: str, other: Person, note: str) -> None:
    page.evaluate(KEEP_SCREEN)
    page.click(button)
    page.wait_for_function(SENDS_SCREEN, arg=True)
    said = other.page.locator(note, has_text="paylaşıyor")
    expect(said).to_be_visible()
    other.await_more_media()
    page.evaluate(END_BY_BROWSER)
    page.wait_for_function(SENDS_SCREEN, arg=False)
    expect(said).to_be_hidden()
    other.await_more_media()


def test_either_side_shares_its_screen(
    customer: Callable[..., CustomerPage], operator: OperatorPage, complaints: list[str]
) -> None:
    ada = customer("Ada")
    operator.go_available()
    ada.expect_call()
    ada.await_more_media()
    share_and_stop(operator.page, "[data-control=share]", ada, ".ad-call__status")
    share_and_stop(ada.page, '.ad-control[aria-label="Ekranı paylaş"]', operator, ".stage-share")
    assert complaints == []
