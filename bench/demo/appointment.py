"""A closed site, and a time of one's own: it is chosen on the page, confirmed by e-mail, reminded of by e-mail and on
the device, and when it has come its customer stands at the head of the queue and is called.
"""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from bench.demo.message import CLOSE, OPEN
from bench.demo.scene import Scene
from harness.browser.people import CustomerPage, OperatorPage
from harness.browser.pushed import deliver, shown, subscribe_as
from harness.fakes.push_service import FakePush
from harness.fakes.smtp import Delivered, FakeMail
from harness.webdriver.page import awaited

ADDRESS = "ada.kaya@example.net"
LINK = re.compile(r"https?://\S+/times/\S+")
OFFERED = """
from hours.models import OpeningHours
week = {day: "09:00-18:00" for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")}
OpeningHours.objects.filter(site__key="").update(**week)
print("as every day")
"""
TAKEN = """
from appointments.models import Appointment, mailbox_of
row = Appointment.objects.get(email=%r)
same = {name: getattr(row, name) for name in ("site", "line", "starts_at", "minutes", "origin")}
for seat, name in enumerate(("Bora Demir", "Zeynep Arslan"), 1):
    email = f"{name.split()[0].lower()}@example.net"
    Appointment.objects.create(
        **same, key=email, seat=seat, name=name, email=email, mailbox=mailbox_of(email), topic="Kargo", media="audio",
        language="tr",
    )
print("others")
"""
SOON = """
from datetime import timedelta
from django.utils import timezone
from appointments.models import Appointment
now = timezone.now()
Appointment.objects.filter(email=%r).update(starts_at=now + timedelta(minutes=10), booked_at=now - timedelta(days=2))
Appointment.objects.exclude(email=%r).update(starts_at=now + timedelta(minutes=80))
print("soon")
"""
NOW = """
from django.utils import timezone
from appointments.models import Appointment
print(Appointment.objects.filter(email=%r).update(starts_at=timezone.now()))
"""


def play(scene: Scene, mail: FakeMail) -> None:
    with FakePush() as service:
        deniz = scene.operator("Deniz")
        page = scene.page()
        page.context.grant_permissions(["notifications", "camera", "microphone"], origin=scene.url)
        subscribe_as(page.context, service.subscription("phone"))
        scene.manage("shell", "--no-imports", "-c", CLOSE)
        try:
            times = _find(scene, page)
        finally:
            scene.manage("shell", "--no-imports", "-c", OPEN)
        link = _choose(scene, times, mail)
        _is_reminded(scene, times, mail, service)
        bora = CustomerPage(scene.page(), "Bora")
        bora.join(scene.url, "chat")
        bora.expect_place(1)
        _is_called(scene, bora, mail)
        _agenda(scene, deniz)
        _come(scene, times, link, deniz, bora)
        assert service.faults == [], service.faults
        for one in (deniz.page, page, bora.page):
            one.context.close()


def _find(scene: Scene, page: Page) -> Page:
    """The site is closed now, and opens every day: the page leads to its times."""
    closed = page.get_by_role("heading", name="Şu anda kapalıyız")

    def is_closed() -> bool:
        page.goto(scene.url)
        return closed.count() > 0

    awaited(is_closed, "a closed site")
    scene.clock.step("the site is closed, and offers a time of one's own")
    scene.shoot_all("appointment-1-closed", page)
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Bir saat seç").click()
    scene.manage("shell", "--no-imports", "-c", OFFERED)
    times = opened.value
    awaited(lambda: _has_times(times), "times to choose from")
    return times


def _has_times(times: Page) -> bool:
    times.reload()
    return times.get_by_role("radio", name=re.compile(r"^\d\d:\d\d$")).count() > 3


def _choose(scene: Scene, times: Page, mail: FakeMail) -> str:
    expect(times.get_by_role("heading", name="Bir saat seçin")).to_be_visible()
    other = scene.page()
    other.goto(times.url)
    wanted = times.locator("[name=slot]").nth(2).get_attribute("value")
    for page, name, address in ((other, "Cem Aydın", "cem@example.net"), (times, "Ada Kaya", ADDRESS)):
        # Its day may be folded.
        page.locator(f'[name=slot][value="{wanted}"]').evaluate("(one) => { one.checked = true; }")
        page.get_by_label("Adınız").fill(name)
        page.get_by_label("E-posta adresiniz").fill(address)
    times.get_by_label("Konu").or_(times.locator("[name=topic]")).first.fill("Çantamın tokası")
    times.get_by_role("radio", name="Görüntülü").check(force=True)
    times.get_by_role("heading", name="Bir saat seçin").scroll_into_view_if_needed()
    scene.shoot_all("appointment-2-times", times)
    times.get_by_role("button", name="Bu saati al").click()
    expect(times.get_by_role("heading", name="Saatiniz ayrıldı")).to_be_visible()
    scene.clock.step("a time is chosen, by the customer's own clock")
    scene.shoot_all("appointment-3-kept", times)
    other.get_by_role("button", name="Bu saati al").click()
    expect(other.get_by_text("Yakınındaki boş saatler")).to_be_visible()
    scene.clock.step("somebody else wanted the same one, and is offered those next to it")
    scene.shoot_all("appointment-3-gone", other)
    other.context.close()
    times.get_by_role("button", name="Bana bu cihazda da hatırlat").click()
    expect(times.get_by_text("Bu cihazda da hatırlatma alır ve çağrılırsınız.")).to_be_visible()
    scene.shoot_all("appointment-4-here-too", times)
    letter = _letter(mail, 1)
    file = [part.get_filename() for part in letter.message.iter_attachments()]
    scene.clock.step(f"confirmed by e-mail: {letter.message['Subject']}, with {', '.join(map(str, file))}")
    found = LINK.search(letter.body)
    assert found is not None
    return found[0]


def _is_reminded(scene: Scene, times: Page, mail: FakeMail, service: FakePush) -> None:
    scene.manage("shell", "--no-imports", "-c", TAKEN % ADDRESS)
    scene.manage("shell", "--no-imports", "-c", SOON % (ADDRESS, ADDRESS))
    scene.clock.step(f"two days later: {_letter(mail, 2).message['Subject']}")
    awaited(lambda: bool(service.pushed), "the push")
    deliver(times, scene.url, service.pushed[-1].words)
    awaited(lambda: bool(shown(times)), "what is shown")
    [notification] = shown(times)
    scene.clock.step(f"and on the device: {notification['title']} · {notification['body']}")


def _is_called(scene: Scene, bora: CustomerPage, mail: FakeMail) -> None:
    scene.clock.step("somebody without a time waits")
    scene.manage("shell", "--no-imports", "-c", NOW % ADDRESS)
    scene.clock.step(f"the time has come: {_letter(mail, 3).message['Subject']}")
    bora.expect_place(2)
    scene.shoot("appointment-5-second", bora.page)


def _agenda(scene: Scene, deniz: OperatorPage) -> None:
    page = deniz.page
    page.reload()
    expect(page.locator(".ad-agenda")).to_contain_text("çağrıldı")
    scene.shoot_all("appointment-6-console", page)
    admin = page.context.new_page()
    admin.goto(f"{scene.url}/admin/appointments/appointment/")
    scene.clock.step("the agenda stands in the console and in the admin")
    scene.shoot_all("appointment-7-admin", admin)
    admin.locator("#result_list tbody tr th a").first.click()
    scene.shoot_all("appointment-8-admin-one", admin)
    admin.close()


def _come(scene: Scene, times: Page, link: str, deniz: OperatorPage, bora: CustomerPage) -> None:
    ada = CustomerPage(times, "Ada Kaya")
    times.goto(link)
    expect(times.get_by_role("heading", name="Sıra sizde")).to_be_visible()
    scene.shoot_all("appointment-9-your-time", times)
    times.get_by_role("button", name="Şimdi yerimi al").click()
    ada.expect_place(1)
    scene.clock.step("the link of the letter takes the place at the head of the queue")
    deniz.go_available()
    deniz.expect_customer("Ada Kaya")
    ada.expect_call()
    expect(times.locator(".ad-stage--picture")).to_be_attached()
    ada.await_more_media()
    scene.clock.step("the call runs")
    scene.shoot("appointment-10-call", times)
    deniz.hang_up()
    deniz.expect_customer("Bora")
    deniz.hang_up()


def _letter(mail: FakeMail, number: int) -> Delivered:
    """The `number`-th that Ada got."""

    def mine() -> list[Delivered]:
        return [one for one in mail.delivered if one.recipients == [ADDRESS]]

    awaited(lambda: len(mine()) >= number, f"letter {number}")
    return mine()[number - 1]
