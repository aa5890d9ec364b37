"""A chat becomes a call in two browsers: proposed, taken back, accepted without a camera, reloaded; devices refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from harness.browser.people import CustomerPage, OperatorPage
from tests.e2e.conftest import Installation

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(240)]
Join = Callable[..., CustomerPage]

NO_DEVICES = """
() => {
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", "NotAllowedError"));
}
"""
HAS_SOUND_BUT_NO_PICTURE = """
async (bytes) => {
  const now = await window.observedMedia();
  return now.audioBytes > bytes && now.framesDecoded === 0;
}
"""


def test_a_chat_becomes_a_call_when_both_want_it(
    installation: Installation, customer: Join, operator: OperatorPage, complaints: list[str]
) -> None:
    ada = customer("Ada", "chat")
    operator.go_available()
    ada.expect_call()
    operator.expect_customer("Ada")
    card, desk = ada.page.locator(".ad-invite"), operator.page.locator(".ad-invitation-card")

    # Proposed by the customer; the console rings, and answers in words.
    ada.page.get_by_role("button", name="Sesli görüşme öner").click()
    expect(card).to_contain_text("Sesli görüşme önerdiniz.")
    expect(desk).to_contain_text("Ada sesli görüşmek istiyor.")
    operator.page.reload()
    expect(desk).to_contain_text("Ada sesli görüşmek istiyor.")
    desk.get_by_role("button", name="Şimdi değil").click()
    expect(ada.page.locator(".ad-toast")).to_contain_text("sohbetle sürdürmek istiyor")
    expect(card).to_be_hidden()
    # Again at once: the sentence says what to do instead.
    ada.page.get_by_role("button", name="Sesli görüşme öner").click()
    expect(ada.page.locator(".ad-toast--warning")).to_contain_text("Önce sohbette sorun")

    # Proposed by the operator, taken back, and proposed again while the customer's page is away.
    operator.page.click("[data-control=picture]")
    expect(card).to_contain_text("Deniz sizinle görüntülü görüşmek istiyor.")
    desk.get_by_role("button", name="Vazgeç").click()
    expect(card).to_be_hidden()
    operator.page.click("[data-control=picture]")
    ada.page.reload()
    expect(card).to_contain_text("Deniz sizinle görüntülü görüşmek istiyor.")
    card.get_by_role("button", name="Kamerasız kabul et").click()

    expect(operator.page.locator(".ad-stage-call-box")).to_be_visible()
    ada.await_more_media()
    operator.page.wait_for_function(HAS_SOUND_BUT_NO_PICTURE, arg=1000)
    ada.say("sizi görüyorum")
    operator.expect_line("sizi görüyorum")

    # The page that comes after goes on in the call, and opens no camera either.
    ada.page.reload()
    ada.expect_call()
    ada.await_more_media()
    operator.page.wait_for_function(HAS_SOUND_BUT_NO_PICTURE, arg=operator.media()[1] + 1000)
    ada.page.get_by_role("button", name="Kamerayı aç").click()
    operator.await_more_media()

    (row,) = installation.queue()["active_rows"]
    assert row["media"] == "video"
    ada.hang_up()
    assert installation.manage("queue", "check").strip() == "clean"
    assert complaints == []


def test_who_accepts_and_then_refuses_the_devices_reads_so_and_goes_on_writing(
    customer: Join, operator: OperatorPage
) -> None:
    ada = customer("Ada", "chat")
    ada.page.evaluate(NO_DEVICES)
    operator.go_available()
    ada.expect_call()
    operator.page.click("[data-control=voice]")
    ada.page.locator(".ad-invite").get_by_role("button", name="Kabul et").click()
    expect(ada.page.locator(".ad-toast--warning")).to_contain_text("Mikrofon")
    ada.await_more_media(frames=-1)
    ada.say("mikrofonum yok, yazıyorum")
    operator.expect_line("mikrofonum yok, yazıyorum")


def test_an_operator_s_camera_can_wait_for_the_answer(customer: Join, operator: OperatorPage) -> None:
    operator.page.get_by_role("button", name="Ayarlar", exact=True).click()
    operator.page.get_by_label("Kameram ancak ben yanıt verince açılsın").check()
    operator.page.reload()
    operator.go_available()
    ada = customer("Ada")
    ada.expect_call()
    ada.page.wait_for_function(HAS_SOUND_BUT_NO_PICTURE, arg=1000)
    operator.page.keyboard.press("Shift")
    ada.await_more_media()
