"""Something on every page of the admin: run in the installation by `manage.py shell`."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import Path

from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.models import Operator
from appointments.models import Appointment
from desk.files import storage
from desk.files.models import File, State
from desk.models import CannedReply, Note, Outcome, Rating, Tag, WrapUp
from hours.models import ExceptionalDays, OpeningHours
from messages_left.models import Attachment, Message, Reply
from notifications.models import Card, OutboxMessage, PushSubscription
from queueing.blocklist.models import BlockEntry
from queueing.history.fairness_models import FairnessEntry
from queueing.history.models import Conversation
from queueing.history.set_aside_models import SetAsideEntry
from sites.line_models import Line
from sites.models import Site
from tests.queueing.full_conversation import a_full_conversation

RECORDED = Path(__file__).parent.parent / "messages_left" / "recorded"
WORD = "Muvaffakiyetsizleştiricileştiriveremeyebileceklerimizdenmişsinizcesine"
"""No blank in it at which a line could end."""
LONG = "Kargo gecikti, müşteri iadeyi ya da yenisini bekliyor; depoya soruldu, yanıt yarın sabah."


FIRST = "Fu11Admin0000001"


def fill(admin_id: str) -> None:
    """Rows of which some are long, by this operator where they are anybody's; once for an installation, but for what
    was taken back."""
    # Nobody serves it: whoever does serves the default line no longer.
    Line.objects.get_or_create(
        key="iade", defaults={"names": {"tr": "İade ve değişim", "en": "Returns"}, "priority": 1}
    )
    if Conversation.objects.filter(pk=FIRST).exists():
        return
    operator = Operator.objects.get(username=admin_id)
    first = a_full_conversation(FIRST, operator=operator)
    a_full_conversation("Fu11Admin0000002")
    Conversation.objects.filter(pk=first.pk).update(topic=LONG)
    Rating.objects.create(conversation=first, score=2, comment=LONG)
    # Put away: others' consoles ask for nothing.
    outcome = Outcome.objects.create(names={"tr": "Başka birime verildi", "en": "Passed on"}, active=False)
    tag = Tag.objects.create(names={"tr": "Kargo ve iade", "en": "Delivery and returns"}, active=False)
    wrap_up = WrapUp.objects.create(conversation=first, outcome=outcome, by=operator)
    wrap_up.tags.add(tag)
    Note.objects.create(conversation=first, text=LONG, author=operator, admin_id=admin_id, key="full-admin-1")
    File.objects.create(
        conversation=first, side="customer", name="dekont.pdf", size=48_213, mime="application/pdf", state=State.READY
    )
    CannedReply.objects.create(shortcut="merhaba", text="Merhaba {customer.name}, " + LONG)
    CannedReply.objects.create(shortcut="kargo", text=LONG, owner=operator, language="tr")
    BlockEntry.objects.create(kind="address", value="203.0.113.7", reason=LONG, created_by=admin_id)
    SetAsideEntry.objects.create(
        entry_id="1700000000000-0", conversation=FIRST, kind="joined", fields="{}", reason=LONG
    )
    FairnessEntry.objects.create(
        entry_id="1700000000000-1", kind="jumped", at=timezone.now(), conversation=first, admin_id=admin_id, places=3
    )
    FairnessEntry.objects.create(
        entry_id="1700000000000-2", kind="transferred", at=timezone.now(), conversation=first, admin_id=admin_id,
        to="Eda", note=LONG,
    )  # fmt: skip
    FairnessEntry.objects.create(
        entry_id="1700000000000-3", kind="skipped", at=timezone.now(), conversation=first, admin_id=admin_id,
        other_id="Fu11Admin0000002",
    )  # fmt: skip
    card = Card.objects.create(notification=f"customer_joined:{FIRST}", conversation=FIRST)
    OutboxMessage.objects.create(
        notification=card.notification,
        dedupe_key="full-admin-1",
        kind="customer_joined",
        channel="telegram",
        card=card,
        admin_id=admin_id,
        chat_id="424242",
        language="tr",
        conversation=FIRST,
        state="failed",
        last_error=LONG,
        attempts=5,
        next_at=timezone.now(),
    )
    message = Message.objects.create(
        key="full-admin-1", name=WORD, email="ada@example.com", phone="+90 555 111 22 33", text=LONG, language="tr"
    )
    for kind, name in (("voice", "voice.webm"), ("video", "video.webm")):
        recorded = (RECORDED / name).read_bytes()
        row = Attachment(message=message, kind=kind, name=name, size=len(recorded), seconds=1, state="ready")
        row.mime, row.stored = f"{'audio' if kind == 'voice' else 'video'}/webm", f"messages/{row.pk}"
        storage.save(row.stored, BytesIO(recorded))
        row.save()
    Attachment.objects.create(message=message, name=LONG, size=48_213, state="waiting")
    Reply.objects.create(message=message, author=operator, admin_id=admin_id, text=LONG)
    for number, state in enumerate(("booked", "called", "met", "missed", "cancelled")):
        Appointment.objects.create(
            key=f"full-admin-{number}", starts_at=timezone.now() - timedelta(days=number + 2), minutes=15, state=state,
            name=WORD, email="ada@example.com", topic=LONG, language="tr", zone="Europe/Berlin", nth=number,
            conversation=FIRST if state == "met" else f"Fu11Admin000001{number}", owner=operator if number else None,
            called_at=timezone.now(), mailbox="full-admin",
        )  # fmt: skip
    PushSubscription.objects.create(
        admin_id=admin_id, digest="0" * 64, endpoint="https://push.example/1", language="tr", browser="Firefox · Linux"
    )
    shop = Site.objects.create(name="Mağaza", origins=["https://magaza.example"])
    hours = OpeningHours.objects.create(site=shop, monday="09:00–12:30, 13:30–18:00", saturday="10:00–14:00")
    ExceptionalDays.objects.create(hours=hours, first=timezone.localdate(), note=LONG[:80])
    Group.objects.create(name="Gece vardiyası")


def take_back() -> None:
    """What later tests would be offered in forms and consoles."""
    Line.objects.filter(key="iade").delete()
