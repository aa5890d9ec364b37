"""Operators among themselves: a chat that becomes a call, a note, a customer who is passed on, an outcome, and a match
that nobody answers.
"""

from __future__ import annotations

from playwright.sync_api import Page, expect

from bench.demo.scene import Scene
from harness.browser.people import CustomerPage, OperatorPage

OUTCOMES = """
from desk.models import Outcome
for place, (tr, en) in enumerate((("Çözüldü", "Solved"), ("Açık kaldı", "Still open"))):
    if not any(one.names.get("tr") == tr for one in Outcome.objects.all()):
        Outcome.objects.create(names={"tr": tr, "en": en}, position=place)
print("done")
"""


def play(scene: Scene) -> None:
    scene.manage("shell", "--no-imports", "-c", OUTCOMES)
    deniz, ekin = scene.operator("Deniz"), scene.operator("Ekin")
    ada = CustomerPage(scene.page(), "Ada")
    _chat_that_becomes_a_call(scene, ada, deniz)
    _note_and_transfer(scene, ada, deniz, ekin)
    _outcome(scene, ada, ekin)
    _nobody_answers(scene, deniz, ekin)
    for one in (ada, deniz, ekin):
        one.page.context.close()


def _chat_that_becomes_a_call(scene: Scene, ada: CustomerPage, deniz: OperatorPage) -> None:
    ada.join(scene.url, "chat")
    deniz.expect_waiting("Ada")
    deniz.go_available()
    deniz.expect_customer("Ada")
    ada.expect_call()
    ada.say("Faturam iki kez çekildi.")
    deniz.expect_line("Faturam iki kez çekildi.")
    deniz.page.click("[data-control=picture]")
    expect(ada.page.locator(".ad-invite")).to_be_visible()
    scene.clock.step("a chat; the operator proposes a video call")
    _shoot(scene, "desk-1-proposed", ada.page, deniz.page)
    ada.page.locator(".ad-invite").get_by_role("button", name="Kamerayla kabul et").click()
    ada.await_more_media()
    deniz.await_more_media()
    scene.clock.step("accepted: the chat is a call, media flows both ways")
    _shoot(scene, "desk-2-called", ada.page, deniz.page)


def _note_and_transfer(scene: Scene, ada: CustomerPage, deniz: OperatorPage, ekin: OperatorPage) -> None:
    desk = deniz.page
    desk.keyboard.press("t")
    note = desk.get_by_role("textbox", name="Yeni not")
    expect(note).to_be_focused()
    desk.keyboard.type("Dekontu gönderdi, iadeyi muhasebe yapacak.")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator(".ad-note-text")).to_be_visible()
    scene.clock.step("a note that the customer does not see")
    scene.shoot_all("desk-3-note-console", desk)
    ekin.go_available()
    desk.evaluate("() => document.activeElement.blur()")
    desk.keyboard.press("p")
    dialog = desk.locator(".ad-transfer")
    dialog.locator("label", has_text="Ekin").click()
    dialog.locator("textarea").fill("Çift çekim, iade istiyor")
    scene.shoot_all("desk-4-transfer-console", desk)
    dialog.locator("button[type=submit]").click()
    ekin.expect_customer("Ada")
    expect(ekin.page.locator(".ad-customer-transfer")).to_contain_text("Deniz aktardı")
    ekin.expect_line("Faturam iki kez çekildi.")
    for page in (ada.page, ekin.page):
        expect(page.locator(".ad-stage--picture")).to_be_attached()
    scene.clock.step("passed on to a colleague, with a note: the same chat, media with the new operator")
    _shoot(scene, "desk-5-passed-on", ada.page, ekin.page)


def _outcome(scene: Scene, ada: CustomerPage, ekin: OperatorPage) -> None:
    ekin.page.keyboard.press("o")
    ekin.page.get_by_role("radio", name="Çözüldü").check()
    expect(ekin.page.locator(".ad-wrap-up-form .ad-dossier-status")).to_have_text("Kaydedildi.")
    scene.shoot_all("desk-6-outcome-console", ekin.page)
    ekin.hang_up()
    ada.expect_ended()
    ekin.page.locator(".ad-switch").click()
    expect(ekin.page.locator(".ad-switch")).to_have_attribute("aria-checked", "false")
    scene.clock.step("what came of it is said; the call is over, the colleague on a break")


def _nobody_answers(scene: Scene, deniz: OperatorPage, ekin: OperatorPage) -> None:
    """The first operator's page stands still, as one does in a laptop that was closed."""
    expect(deniz.page.locator(".ad-switch")).to_have_attribute("aria-checked", "true")
    freezer = deniz.page.context.new_cdp_session(deniz.page)
    freezer.send("Debugger.enable")
    freezer.send("Debugger.pause")
    bora = CustomerPage(scene.page(), "Bora")
    bora.join(scene.url, "video")
    bora.expect_call()
    scene.clock.step("matched with an operator whose page stands still")
    expect(bora.page.locator(".ad-waiting")).to_be_visible()
    scene.clock.step("nobody answers: back at the head of the line by itself")
    scene.shoot_all("desk-7-nobody-answers", bora.page)
    ekin.go_available()
    ekin.expect_customer("Bora")
    bora.await_more_media()
    scene.clock.step("the next one takes the call")
    freezer.send("Debugger.disable")
    expect(deniz.page.locator(".ad-banner", has_text="yanıt vermediniz")).to_be_visible()
    scene.shoot_all("desk-8-told-console", deniz.page)
    ekin.hang_up()
    bora.expect_ended()
    bora.page.context.close()


def _shoot(scene: Scene, name: str, customer: Page, operator: Page) -> None:
    scene.shoot_all(name, customer)
    scene.shoot_all(f"{name}-console", operator)
