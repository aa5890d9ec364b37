"""Who was to be called back and was not reached becomes a message: somebody owns it, and nobody is lost."""

from __future__ import annotations

from django.conf import settings

from infra.mail import ADDRESS_MOST
from messages_left.leaving import tell
from messages_left.models import NAME_MAX, PHONE_MAX, TEXT_MAX, Message, Why
from queueing.history.recording.callbacks import Missed


def keep(missed: Missed) -> None:
    """Part of the transaction that records the end; the same one again changes nothing."""
    if not settings.MESSAGES:
        return
    message, new = Message.objects.get_or_create(
        key=f"callback-{missed.conversation}",
        defaults={
            "why": Why.CALLBACK,
            "site": missed.site,
            "conversation": missed.conversation,
            "person": missed.person,
            "language": missed.language,
            "name": missed.name[:NAME_MAX],
            "email": missed.email[:ADDRESS_MOST],
            "phone": missed.phone[:PHONE_MAX],
            "text": missed.topic[:TEXT_MAX],
        },
    )
    if new:
        tell(message)
