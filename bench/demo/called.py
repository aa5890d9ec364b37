"""A queue that is full, and still no dead end: who waits in it lets their phone tell them, leaves, is told by push when
it is nearly their turn, and comes back to the place by a press.
"""

from __future__ import annotations

from playwright.sync_api import Page, expect

from bench.demo.scene import Scene
from harness.browser.people import CustomerPage, OperatorPage
from harness.browser.pushed import deliver, shown, subscribe_as
from harness.fakes.push_service import FakePush
from harness.webdriver.page import awaited

QUEUE_MOST = 2
"""Of the stack: `QUEUE_MAX_LENGTH`."""


def play(scene: Scene) -> None:
    with FakePush() as service:
        deniz = scene.operator("Deniz")
        ada, bora, cem, ece = (CustomerPage(scene.page(), name) for name in ("Ada", "Bora", "Cem", "Ece"))
        phone = ada.page.context
        phone.grant_permissions(["notifications", "camera", "microphone"], origin=scene.url)
        subscribe_as(phone, service.subscription("phone"))
        _fill(scene, deniz, [cem, ada, bora], ece)
        _leave(scene, ada)
        link = _is_told(scene, deniz, ada.page, service)
        _return(scene, deniz, ada, link)
        assert service.faults == [], service.faults
        for one in (deniz, ada, bora, cem, ece):
            one.page.context.close()


def _fill(scene: Scene, deniz: OperatorPage, customers: list[CustomerPage], late: CustomerPage) -> None:
    served, *waiting = customers
    deniz.go_available()
    served.join(scene.url, "chat")
    deniz.expect_customer(served.name)
    for place, one in enumerate(waiting, 1):
        one.join(scene.url, "audio")
        one.expect_place(place)
    late.join(scene.url, "chat")
    expect(late.page.get_by_role("heading", name="Şu anda sıra dolu")).to_be_visible()
    scene.clock.step("one talks, two wait, and the queue is full for the next one, who may leave a message")
    scene.shoot_all("called-1-full", late.page)


def _leave(scene: Scene, ada: CustomerPage) -> None:
    page = ada.page
    page.get_by_role("button", name="Sıram yaklaşınca haber verin").click()
    page.get_by_label("Bu cihazda bildirimle haber verin").check()
    scene.shoot_all("called-2-asked", page)
    page.get_by_role("button", name="Yerimi sakla ve haber ver").click()
    expect(page.get_by_role("heading", name="Bu sayfayı kapatabilirsiniz")).to_be_visible()
    scene.clock.step("the first of them lets this device tell them: the page may be closed")
    scene.shoot_all("called-3-kept", page)
    # Any page of that origin: the worker is told, whatever is open.
    page.goto(f"{scene.url}/robots.txt")


def _is_told(scene: Scene, deniz: OperatorPage, page: Page, service: FakePush) -> str:
    expect(deniz.page.locator(".ad-row-held").first).to_have_text("Sayfada değil; çağrıldı")
    scene.shoot("called-4-console", deniz.page)
    awaited(lambda: bool(service.pushed), "the push")
    told = service.pushed[-1]
    scene.clock.step(f"the push service has it, signed by {told.sender['sub']} and encrypted for the browser")
    deliver(page, scene.url, told.words)
    awaited(lambda: bool(shown(page)), "what is shown")
    [notification] = shown(page)
    scene.clock.step(f"the worker shows: {notification['title']} · {notification['body']}")
    return str(notification["url"])


def _return(scene: Scene, deniz: OperatorPage, ada: CustomerPage, link: str) -> None:
    ada.page.goto(scene.url + link)
    ada.expect_place(1)
    scene.clock.step("a press leads back to the place, which was kept")
    scene.shoot("called-5-back", ada.page)
    deniz.hang_up()
    deniz.expect_customer("Ada")
    ada.expect_call()
    ada.await_more_media(frames=0)
    scene.clock.step("it is their turn: the call runs")
    scene.shoot("called-6-call", ada.page)
    deniz.hang_up()
