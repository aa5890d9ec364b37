"""A customer and an operator in a video call on the hosted page, with a line of chat each way."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from bench.demo.scene import Scene
from harness.browser.people import CustomerPage


def play(scene: Scene) -> None:
    step = scene.clock.step
    operator = scene.operator()
    step("operator signed in with a one-time code, console open")

    customer = CustomerPage(scene.page(), "Ada")
    customer.join(scene.url, "video")
    expect(customer.page.locator(".ad-place__number")).to_be_visible()
    step(f"customer joined, position {customer.page.inner_text('.ad-place__number')}")
    operator.expect_waiting("Ada")
    step("operator sees the customer on the board")
    _shoot(scene, "1-waiting", customer.page, operator.page)

    operator.go_available()
    customer.expect_call()
    operator.expect_customer("Ada")
    step("operator available, both are ready")
    expect(customer.page.locator(".ad-stage--picture")).to_be_attached()
    step("connected, first picture at the customer")
    expect(operator.page.locator(".ad-stage--picture")).to_be_attached()
    step("first picture at the operator")
    customer.await_more_media()
    operator.await_more_media()
    frames, audio = customer.media()
    step(f"media flows both ways (customer: {frames} frames decoded, {audio} bytes of audio)")

    customer.open_chat()
    customer.say("Merhaba, siparişim nerede?")
    operator.expect_line("Merhaba, siparişim nerede?")
    operator.say("Hemen bakıyorum.")
    customer.expect_line("Hemen bakıyorum.")
    step("a line of chat each way")
    _shoot(scene, "2-call", customer.page, operator.page)

    operator.hang_up()
    customer.expect_ended()
    step("operator hung up, both see the end")
    _shoot(scene, "3-ended", customer.page, operator.page)
    operator.page.context.close()
    customer.page.context.close()


def _shoot(scene: Scene, name: str, customer: Page, operator: Page) -> None:
    scene.shoot_all(f"{name}-customer", customer)
    scene.shoot_all(f"{name}-console", operator)
