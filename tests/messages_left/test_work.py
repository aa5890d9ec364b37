"""Messages in the admin: found, taken, answered by e-mail, noted, done; and gone with the person."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent, Operator
from harness.fakes.smtp import FakeMail, MailFault
from messages_left import keeping, metrics
from messages_left.models import Message, Reply, State
from notifications.models import OutboxMessage
from notifications.sending import delivery, outbox
from queueing.history.models import Conversation
from tests.messages_left.conftest import CID, TOKEN, Leave

pytestmark = pytest.mark.django_db
Browser = Callable[[Operator], Client]


def page(message: Message) -> str:
    return f"/admin/messages_left/message/{message.pk}/change/"


def work(seconds: float = 0) -> None:
    """What the worker does with what is due."""
    now = timezone.now() + timedelta(seconds=seconds)
    for row, claim in outbox.claim_due(now):
        delivery.deliver(row, claim, now=lambda: now)


def test_it_is_found_taken_noted_and_done(message: Message, browser: Browser, people: dict[str, Operator]) -> None:
    ayse, bob = browser(people["ayse"]), browser(people["bob"])
    assert b"Kargom gelmedi." in ayse.get("/admin/messages_left/message/?q=KARGOM").content
    assert ayse.post(page(message), {"do": "take"}).status_code == 302
    answer = bob.post(page(message), {"do": "take"}, follow=True).content.decode()
    assert "Message taken by Ayşe Kaya" in answer
    assert "Take it over" in answer
    assert ">Türkçe</dd>" in answer
    # Who has seen an older owner takes nobody's away.
    bob.post(page(message), {"do": "take-over", "owner": "somebody"})
    message.refresh_from_db()
    assert message.admin_id == "ayse"
    bob.post(page(message), {"do": "take-over", "owner": "ayse"})
    bob.post(page(message), {"do": "note", "note": "arandı\x00, <b>yarın</b>"})
    bob.post(page(message), {"do": "done"})
    message.refresh_from_db()
    assert (message.state, message.admin_id, message.note) == (State.DONE, "bob", "arandı\ufffd, <b>yarın</b>")
    html = bob.get(page(message)).content.decode()
    assert "&lt;b&gt;yarın" in html
    ayse.post(page(message), {"do": "reopen"})
    message.refresh_from_db()
    assert (message.state, message.owner, message.admin_id) == (State.OPEN, None, "")
    kinds = list(AuditEvent.objects.order_by("id").values_list("kind", "actor"))
    assert [kind for kind in kinds if kind[0].startswith("message")] == [
        ("message_taken", "ayse"), ("message_taken", "bob"), ("message_done", "bob"), ("message_reopened", "ayse"),
    ]  # fmt: skip


def test_a_reply_goes_by_e_mail_and_says_how_it_went(
    message: Message, browser: Browser, people: dict[str, Operator], mail: FakeMail, settings: Any
) -> None:
    settings.MAIL_REPLY_TO = "ekip@example.org"
    ayse = browser(people["ayse"])
    text = "Bugün yola çıktı.\r\nBcc: victim@example.com\r\n\r\n.\r\n"
    assert ayse.post(page(message), {"do": "reply", "reply": text}).status_code == 302
    message.refresh_from_db()
    assert (message.state, message.admin_id) == (State.TAKEN, "ayse")
    work()
    (letter,) = mail.delivered
    assert letter.recipients == ["ada@example.com"]
    assert letter.message["Reply-To"] == "ekip@example.org"
    assert letter.message["Auto-Submitted"] is None
    assert letter.message["Bcc"] is None
    assert letter.message["Subject"].strip() == "support.example.org adresindeki mesajınıza yanıt"
    assert letter.body.startswith("Bugün yola çıktı.\nBcc: victim@example.com\n\n.\n\nAyşe Kaya\n")
    assert "> Kargom gelmedi." in letter.body
    assert "sent" in ayse.get(page(message)).content.decode()
    assert "ada@example.com" not in str(list(OutboxMessage.objects.filter(kind="reply").values()))


def test_a_reply_that_cannot_be_is_told_and_kept_in_the_page(
    message: Message, browser: Browser, people: dict[str, Operator], mail: FakeMail, settings: Any
) -> None:
    ayse = browser(people["ayse"])
    answer = ayse.post(page(message), {"do": "reply", "reply": "x" * 3001})
    assert (answer.status_code, b"x" * 3001 in answer.content) == (200, True)
    assert "There is nothing to see" in ayse.post(page(message), {"do": "reply", "reply": "\u200b"}).content.decode()
    mail.fault(MailFault("RCPT", "550 no such user"))
    ayse.post(page(message), {"do": "reply", "reply": "merhaba"})
    work()
    assert "address refused" in ayse.get(page(message)).content.decode()
    settings.MAIL_URL = ""
    assert "MAIL_URL" in ayse.get(page(message)).content.decode()
    assert "cannot be answered" in ayse.post(page(message), {"do": "reply", "reply": "merhaba"}).content.decode()
    assert Reply.objects.count() == 1


def test_only_who_may_works_with_them(message: Message, browser: Browser, people: dict[str, Operator]) -> None:
    assert Client().get(page(message)).status_code == 302
    people["bob"].is_staff = False
    people["bob"].save()
    for answer in (
        browser(people["bob"]).get(page(message)),
        browser(people["ayse"]).post(f"/admin/messages_left/message/{message.pk}/delete/", {"post": "yes"}),
        browser(people["ayse"]).get("/admin/messages_left/message/add/"),
    ):
        assert answer.status_code in (302, 403)
    message.refresh_from_db()
    assert browser(people["ayse"]).post(page(message), {"do": "whatever"}).status_code == 302
    assert message.state == State.OPEN


def test_deleting_is_erasing_first(message: Message, browser: Browser) -> None:
    root = Operator.objects.create_user("root", name="Root", is_superuser=True)
    answer = browser(root).post(f"/admin/messages_left/message/{message.pk}/delete/", {"post": "yes"})
    assert answer.status_code == 302
    assert not Message.objects.exists()
    assert "Kargom" not in str(list(OutboxMessage.objects.values()))
    assert AuditEvent.objects.get(kind="message_deleted").actor == "root"


def test_a_link_of_a_card_opens_the_page(message: Message) -> None:
    answer = Client().get(f"/admin/open/message/{message.pk}/")
    assert page(message) in answer.content.decode()
    assert Client().get("/admin/open/message/a/b/").status_code == 404


def test_figures_tell_how_long_somebody_waits_for_an_answer(message: Message) -> None:
    Message.objects.update(left_at=timezone.now() - timedelta(hours=5))
    found = {(one.name, *one.samples[0].labels.values()): one.samples[0].value for one in metrics.collect()}
    assert found["messages_left", "open"] == 1
    assert 17_990 < found["messages_left_age_seconds", "open"] < 18_100
    Message.objects.update(state=State.DONE)
    assert [sample.value for one in metrics.collect() for sample in one.samples] == [0, 0, 0, 0]


# -- a person's data --------------------------------------------------------------------------------------------------


def said() -> str:
    return str([list(model.objects.values()) for model in (Message, Reply, OutboxMessage)])


def run(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("person", *arguments, stdout=out)
    return dict(json.loads(out.getvalue()))


def test_old_ones_lose_their_person_and_keep_their_course(
    message: Message, browser: Browser, people: dict[str, Operator], mail: FakeMail, settings: Any
) -> None:
    browser(people["ayse"]).post(page(message), {"do": "reply", "reply": "gizli yanıt"})
    settings.RETENTION_DAYS = 30
    assert keeping.forget_old() == 0
    Message.objects.update(left_at=timezone.now() - timedelta(days=31))
    assert keeping.forget_old() == 1
    assert [word for word in ("Ada", "ada@", "Kargom", "gizli") if word in said()] == []
    work()
    assert mail.delivered == []
    row = Message.objects.get()
    assert (row.admin_id, row.state) == ("ayse", State.DONE)
    shown = browser(people["ayse"]).get(page(message)).content.decode()
    assert "What it said was erased." in shown
    # There is nothing left to do about it, so nobody can make it work again.
    assert "reopen" not in shown
    browser(people["ayse"]).post(page(message), {"do": "reopen"})
    message.refresh_from_db()
    assert message.state == State.DONE


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("by", ["conversation", "person"])
def test_a_persons_data_has_them_and_erasure_takes_them(leave: Leave, by: str) -> None:
    Conversation.objects.create(id=CID, joined_at=timezone.now(), status="ended", ended_at=timezone.now())
    leave(token=TOKEN)
    if by == "person":
        Message.objects.update(conversation="", person="person-1")
    who = ("--identity", "person-1") if by == "person" else ("--conversation", CID)
    (told,) = run("export", *who)["messages_left"]
    assert (told["text"], told["email"]) == ("Kargom gelmedi.", "ada@example.com")
    run("erase", *who, "--wait", "0")
    assert [word for word in ("Ada", "ada@", "Kargom") if word in said()] == []
