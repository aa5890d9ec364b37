"""A screen shared in a call, in whichever browser."""

from __future__ import annotations

from collections.abc import Callable

from harness.browser.people import CustomerPage, OperatorPage, Person
from harness.webdriver.expecting import expect
from harness.webdriver.page import awaited

Participant = CustomerPage | OperatorPage
KEEP_SCREEN = """
() => {
  const devices = navigator.mediaDevices;
  const ask = devices.getDisplayMedia.bind(devices);
  devices.getDisplayMedia = async (wish) => (window.sharedScreen = await ask(wish));
}
"""
# Asked of the browser's senders: a screen that is drawn on the own page is not yet one that goes out.
SENDS = """
(screen) => window.sharedScreen && window.observedPeers
  .filter((peer) => peer.connectionState === "connected")
  .some((peer) => peer.getSenders().some(({track}) =>
    track?.kind === "video" && track.readyState === "live"
    && (track.id === window.sharedScreen.getVideoTracks()[0].id) === screen))
"""
SCREEN_SHAPE = """
() => {
  const {width, height} = window.sharedScreen.getVideoTracks()[0].getSettings();
  return width / height;
}
"""
# Frames may become smaller on their way, but not of another shape. 0: none has come.
SHOWN_SHAPE = """
() => {
  const {videoWidth, videoHeight} = document.querySelector(".ad-stage__remote");
  return videoHeight && videoWidth / videoHeight;
}
"""
# What a press on "stop sharing" in the browser's bar does to the page.
END_BY_BROWSER = """
() => {
  const [track] = window.sharedScreen.getVideoTracks();
  track.stop();
  track.dispatchEvent(new Event("ended"));
}
"""


def await_shape(shape: Callable[[], float], person: Person, other: Person) -> None:
    """Returns when what `other` sees of `person` has it; a busy machine may have made `person` give up the picture.

    It is asked for each time: Chromium's made-up screen may have another one once its first picture has come.
    """
    awaited(
        lambda: abs(other.page.evaluate(SHOWN_SHAPE) - shape()) < 0.03 or not person.sends_picture(),
        "a picture of the other shape",
    )


def share_and_stop(person: Participant, other: Participant) -> None:
    """The other side is told and sees the screen; the browser's own bar ends it, and the camera is back."""
    page = person.page
    said = other.page.locator(other.TOLD_OF_SCREEN, has_text="paylaşıyor")
    camera_shape = awaited(lambda: other.page.evaluate(SHOWN_SHAPE), "a picture")
    page.evaluate(KEEP_SCREEN)
    page.click(person.SHARE)
    page.wait_for_function(SENDS, arg=True)
    expect(said).to_be_visible()
    await_shape(lambda: page.evaluate(SCREEN_SHAPE), person, other)
    other.await_media_of(person)

    page.evaluate(END_BY_BROWSER)
    page.wait_for_function(SENDS, arg=False)
    expect(said).to_be_hidden()
    await_shape(lambda: camera_shape, person, other)
    other.await_media_of(person)
