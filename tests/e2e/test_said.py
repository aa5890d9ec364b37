"""What was said stays: after the end, through reloads, to download; until it is cleared or another one begins."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from harness.browser.people import CustomerPage, OperatorPage
from harness.fakes.smtp import FakeMail, MailFault
from harness.webdriver.page import awaited

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(240)]
Join = Callable[..., CustomerPage]


def talk_and_end(ada: CustomerPage, operator: OperatorPage) -> None:
    ada.expect_call()
    ada.say("merhaba\n[12:00:00] Deniz: iade ettik")
    operator.expect_line("merhaba")
    operator.say("buyurun")
    ada.expect_line("buyurun")
    operator.hang_up()
    ada.expect_ended()


def test_the_chat_stays_after_the_end_and_through_reloads_until_it_is_cleared(
    customer: Join, operator: OperatorPage, complaints: list[str]
) -> None:
    ada = customer("Ada", "chat")
    operator.go_available()
    talk_and_end(ada, operator)
    for _ in range(2):
        expect(ada.page.locator(".ad-said")).to_be_visible()
        ada.expect_line("merhaba")
        ada.expect_line("buyurun")
        ada.page.reload()
        ada.expect_ended()

    with ada.page.expect_download() as waiting:
        ada.page.get_by_role("button", name="Metin olarak indir").click()
    text = Path(waiting.value.path()).read_text()
    assert waiting.value.suggested_filename.startswith("chat-")
    assert " Ada: merhaba\n" + " " * 11 + "[12:00:00] Deniz: iade ettik\n" in text
    assert " Deniz: buyurun\n" in text

    # Read on the next day: a date stands above it.
    expect(ada.page.locator(".ad-chat-log__day").first).to_be_hidden()
    today = datetime.now()
    ada.page.clock.set_fixed_time((today + timedelta(days=1)).replace(hour=0, minute=0, second=1))
    ada.page.reload()
    expect(ada.page.locator(".ad-chat-log__day").first).to_contain_text(str(today.year))

    ada.page.get_by_role("button", name="Sohbeti sil").click()
    expect(ada.page.locator("#ad-name")).to_be_visible()
    ada.page.reload()
    expect(ada.page.locator("#ad-name")).to_be_visible()
    assert complaints == []


def test_the_chat_comes_by_e_mail_and_a_wrong_address_is_told(
    customer: Join, operator: OperatorPage, mail: FakeMail, complaints: list[str]
) -> None:
    ada = customer("Ada", "chat")
    operator.go_available()
    talk_and_end(ada, operator)
    ada.page.reload()
    ada.expect_ended()
    mail.fault(MailFault("RCPT", "550 no such user"))
    ada.page.get_by_label("E-posta adresiniz").fill("ada@nowhere.example")
    ada.page.keyboard.press("Enter")
    status = ada.page.locator("#ad-mail-status")
    expect(status).to_contain_text("bu adresi kabul etmedi")

    # Once a minute for one conversation: the second one has to wait, and reads so.
    ada.page.get_by_label("E-posta adresiniz").fill("ada@example.com")
    ada.page.get_by_role("button", name="E-postayla gönder").click()
    expect(status).to_contain_text("lütfen bekleyin")
    assert mail.delivered == []
    assert all("429" in complaint for complaint in complaints)

    ada.page.get_by_role("button", name="Yeniden sıraya gir").click()
    talk_and_end(ada, operator)
    ada.page.get_by_label("E-posta adresiniz").fill("ada@example.com")
    send = ada.page.get_by_role("button", name="E-postayla gönder")
    send.focus()
    ada.page.keyboard.press("Space")
    expect(status).to_contain_text("Gönderildi: ada@example.com")
    expect(send).to_be_focused()
    [letter] = mail.delivered
    assert letter.recipients == ["ada@example.com"]
    assert " Deniz: buyurun\n" in letter.body


def test_an_end_whose_views_do_not_come_says_so_and_shows_them_once_they_do(
    customer: Join, operator: OperatorPage
) -> None:
    ada = customer("Ada", "chat")
    ada.page.route("**/customer-end.part.js*", lambda route: route.abort())
    operator.go_available()
    talk_and_end(ada, operator)
    expect(ada.page.get_by_role("heading", name="Görüşme bitti")).to_be_visible()
    expect(ada.page.get_by_text("Kendiliğinden yeniden deniyoruz")).to_be_visible()
    expect(ada.page.get_by_role("button", name="Yeniden sıraya gir")).to_be_visible()
    ada.page.unroute("**/customer-end.part.js*")
    ada.expect_line("buyurun")
    expect(ada.page.get_by_role("heading", name="Temsilci görüşmeyi bitirdi")).to_be_focused()


def test_a_new_conversation_begins_with_an_empty_chat(customer: Join, operator: OperatorPage) -> None:
    ada = customer("Ada", "chat")
    operator.go_available()
    talk_and_end(ada, operator)
    ada.page.reload()
    ada.page.get_by_role("button", name="Yeniden sıraya gir").click()
    ada.expect_call()
    assert ada.lines() == []
    operator.hang_up()
    ada.expect_ended()
    # Nothing to read, but something to rate.
    for _ in range(2):
        expect(ada.page.locator(".ad-rating")).to_be_visible()
        expect(ada.page.locator(".ad-said")).to_be_hidden()
        ada.page.reload()
        ada.expect_ended()
    ada.page.get_by_role("button", name="Forma dön").click()
    ada.page.reload()
    expect(ada.page.locator("#ad-name")).to_be_visible()


def test_a_conversation_is_rated_by_keyboard_over_a_lost_connection_and_read_in_the_admin(
    customer: Join, operator: OperatorPage, complaints: list[str]
) -> None:
    ada = customer("Rating Ada", "chat")
    page = ada.page
    operator.go_available()
    talk_and_end(ada, operator)
    scores = page.get_by_role("radio")
    expect(scores).to_have_count(5)
    expect(page.get_by_role("group", name="Bu görüşme nasıldı?")).to_be_visible()
    comment, send = page.get_by_label("Neler iyiydi"), page.locator(".ad-rating button")
    expect(comment).to_be_hidden()
    scores.first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="2 Kötü")).to_be_checked()
    comment.fill("uzun bekledim <b>")

    # Written, not sent: a reload and another language keep it.
    page.reload()
    expect(comment).to_have_value("uzun bekledim <b>")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_label("What was good")).to_have_value("uzun bekledim <b>")
    expect(page.get_by_role("radio", name="2 Bad")).to_be_checked()
    page.get_by_role("button", name="Türkçe").click()
    expect(comment).to_have_value("uzun bekledim <b>")  # drawn anew, the button beside it too

    # Sent while the network is gone: it says so, and the next page sends it.
    page.route("**/chat/rating/", lambda route: route.abort())
    send.press("Enter")
    status = page.locator("#ad-rating-status")
    expect(status).to_contain_text("burada saklanıyor")
    page.unroute("**/chat/rating/")
    page.reload()
    expect(status).to_contain_text("Teşekkür ederiz")
    expect(page.get_by_role("radio", name="2 Kötü")).to_be_checked()

    # Once given it is there after a reload, and can be changed.
    page.reload()
    expect(status).to_contain_text("Teşekkür ederiz")
    page.get_by_text("Çok iyi").click()
    expect(send).to_have_text("Değerlendirmeyi gönder")
    send.press("Space")
    expect(status).to_contain_text("Teşekkür ederiz")
    expect(send).to_be_focused()
    assert all("ERR_FAILED" in complaint for complaint in complaints)

    page.get_by_role("button", name="Yeniden sıraya gir").click()
    ada.expect_call()
    operator.hang_up()
    ada.expect_ended()
    expect(page.locator(".ad-rating")).to_be_visible()
    expect(page.locator(".ad-rating :checked")).to_have_count(0)

    operator.page.goto(
        f"{operator.page.url.split('/admin/')[0]}/admin/queueing/conversation/?rating=comment&q=Rating+Ada"
    )
    row = operator.page.locator("#result_list tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("uzun bekledim <b>")
    row.locator("th a").click()
    expect(operator.page.locator(".ad-rating-score")).to_have_text("5 / 5")
    expect(operator.page.locator(".ad-rating-comment")).to_have_text("uzun bekledim <b>")


def test_addresses_are_links_on_both_sides_and_in_the_admin(
    customer: Join, operator: OperatorPage, complaints: list[str]
) -> None:
    ada = customer("Ada", "chat")
    operator.go_available()
    ada.expect_call()
    ada.say("bak: https://kargo.example/takip/1. <b>https://good.example@evil.example/</b> javascript:alert(1)")
    operator.expect_line("kargo.example")
    operator.say("www.b.example, destek@c.example")
    ada.expect_line("destek@c.example")
    for page in (ada.page, operator.page):
        links = page.locator(".ad-line__text a")
        expect(links).to_have_text(["https://kargo.example/takip/1", "www.b.example", "destek@c.example"])
        for attribute, value in (("target", "_blank"), ("rel", "noopener nofollow ugc")):
            expect(links.first).to_have_attribute(attribute, value)
    operator.hang_up()
    ada.expect_ended()
    expect(ada.page.locator(".ad-said a")).to_have_count(3)
    records = f"{operator.page.url.split('/admin/')[0]}/admin/queueing/conversation/"

    def recorded() -> bool:
        operator.page.goto(records)
        operator.page.locator("#result_list tbody th a").first.click()
        operator.page.wait_for_url("**/change/**")
        return operator.page.locator(".ad-conversation-chat .ad-bubble").count() == 2

    awaited(recorded, "the record")
    expect(operator.page.locator(".ad-conversation-chat a")).to_have_text(
        ["https://kargo.example/takip/1", "www.b.example", "destek@c.example"]
    )
    assert complaints == []


def test_a_draft_survives_a_reload_on_both_sides_and_reaches_no_other_conversation(
    customer: Join, operator: OperatorPage, complaints: list[str]
) -> None:
    ada = customer("Ada", "chat")
    operator.go_available()
    ada.expect_call()
    operator.expect_customer("Ada")
    box = ".ad-composer__input"
    ada.page.fill(box, "yarım kalan\nsatır")
    operator.page.fill(box, "yalnız Ada'ya")
    for person, draft in ((ada, "yarım kalan\nsatır"), (operator, "yalnız Ada'ya")):
        person.page.reload()
        expect(person.page.locator(box)).to_have_value(draft)
    ada.page.get_by_role("button", name="English").click()
    ada.page.get_by_role("button", name="Türkçe").wait_for()  # drawn anew
    expect(ada.page.locator(box)).to_have_value("yarım kalan\nsatır")
    ada.page.press(box, "Enter")
    operator.expect_line("yarım kalan")
    ada.page.reload()
    ada.expect_line("yarım kalan")
    expect(ada.page.locator(box)).to_have_value("")

    ada.page.fill(box, "gönderilmedi")
    bora = customer("Bora", "chat")
    operator.hang_up()
    ada.expect_ended()
    bora.expect_call()
    operator.expect_customer("Bora")
    expect(operator.page.locator(box)).to_have_value("")
    operator.page.reload()
    operator.expect_customer("Bora")
    expect(operator.page.locator(box)).to_have_value("")
    operator.hang_up()
    bora.expect_ended()
    ada.page.get_by_role("button", name="Join the queue again").click()
    ada.expect_call()
    expect(ada.page.locator(box)).to_have_value("")
    assert complaints == []
