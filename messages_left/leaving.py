"""A message on its way from a customer's page into the database: charged, judged, cleaned, kept once, told.

Nothing here needs Redis: a customer meets a dead end also when it is out. Then each process counts by itself.
"""

from __future__ import annotations

import logging
from typing import Annotated, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field

from infra import mail
from infra.errors import DomainError
from infra.mail import ADDRESS_MOST
from infra.storable import storable
from infra.writing import language
from infra.writing.text import clean_line, clean_text, is_visible
from messages_left.attachments import quota, taking
from messages_left.attachments.signs import signs
from messages_left.models import NAME_MAX, PAGE_KEY_MAX, PHONE_MAX, TEXT_MAX, Message, Why
from notifications import services
from notifications.content.templates import TOPIC_LENGTH
from notifications.models import Kind
from queueing import tokens
from queueing.blocklist import rules
from queueing.errors import QueueRefused
from queueing.history.models import Conversation
from queueing.identity import verify
from sites import lookup as sites
from sites.answers import is_phone
from sites.profile import KEY_MAX

logger = logging.getLogger(__name__)
IDENTITY_MOST = 4_096


class MessageRequest(BaseModel):
    """`key`: a random word of the page, by which a repeated request is the same message. `identity`: what the site
    has signed of its visitor, as in `queue:join`; one that is not good (any more) counts as none. `files`: ids of what
    was uploaded for it; then it needs no text."""

    model_config = ConfigDict(extra="forbid")

    key: Annotated[str, Field(min_length=16, max_length=PAGE_KEY_MAX, pattern="^[A-Za-z0-9_-]+$")]
    text: Annotated[str, Field(max_length=TEXT_MAX)] = ""
    name: Annotated[str, Field(max_length=NAME_MAX)] = ""
    email: Annotated[str, Field(max_length=ADDRESS_MOST)] = ""
    phone: Annotated[str, Field(max_length=PHONE_MAX)] = ""
    why: Why = Why.OTHER
    site: Annotated[str, Field(max_length=KEY_MAX)] = ""
    identity: Annotated[str, Field(max_length=IDENTITY_MOST)] = ""
    files: Annotated[list[Annotated[str, Field(pattern="^[0-9a-f]{32}$")]], Field(max_length=quota.MOST)] = []


# -- what is kept -----------------------------------------------------------------------------------------------------


def leave(given: MessageRequest, address: str, token: str = "") -> tuple[Message, bool]:
    """The message, and whether it is new: the same key again is answered with what it made. Call
    `limits.admit` before.

    `token`: of the conversation that came to nothing, where the page has one. Raises QueueRefused `blocked`,
    DomainError `message_refused` (`fields`), `files_gone`, `files_full`, DatabaseError.
    """
    person = _person(given.identity)
    if rules.is_blocked(address, person):
        raise QueueRefused("blocked")
    made = Message.objects.filter(key=given.key).first()
    if made is not None:
        return made, False
    message = Message(
        key=given.key, why=given.why, site=sites.find(given.site).site.key, language=language.in_force(), **_said(given)
    )
    try:
        with transaction.atomic():
            _prove(message, person, token)
            message.save(force_insert=True)
            taking.bind(message.pk, given.files)
            tell(message)
    except IntegrityError:
        # The same key, at the same moment.
        return Message.objects.get(key=given.key), False
    logger.info("message left", extra={"message_left": message.pk, "why": str(given.why)})
    return message, True


def _person(identity: str) -> str:
    if not identity:
        return ""
    try:
        return verify(identity).sub
    except DomainError:
        return ""


def _prove(message: Message, person: str, token: str) -> None:
    """What the page can prove of who it is; in the open transaction."""
    message.person = person
    conversation = tokens.conversation_of(token) if token else None
    if not conversation:
        return
    # Locked where the database can: one that is being erased takes this message along, or is not known to it.
    rows = Conversation.objects.select_for_update().filter(pk=conversation)
    row = rows.only("person", "anonymised_at").first()
    if row is not None and row.anonymised_at is not None:
        return
    message.conversation = conversation
    message.person = person or (row.person if row else "")


def _said(given: MessageRequest) -> dict[str, str]:
    """Cleaned. Raises DomainError `message_refused` with a sentence for each field."""
    faults: dict[str, str] = {}
    text = clean_text(storable(given.text)).strip()
    if not is_visible(text) and not given.files:
        faults["text"] = _("Please write what it is about.")
    email, phone = _email(given.email, faults), _phone(given.phone, faults)
    if not email and not phone and not faults.keys() & {"email", "phone"}:
        faults["email"] = _("Please say how you can be reached: by e-mail or by phone.")
    if faults:
        raise DomainError("message_refused", " ".join(faults.values()), fields=faults)
    name = clean_line(storable(given.name))
    return {"name": name if is_visible(name) else "", "email": email, "phone": phone, "text": text}


def _email(given: str, faults: dict[str, str]) -> str:
    if not given.strip():
        return ""
    try:
        return mail.address(given)
    except ValueError:
        faults["email"] = _("This is not an e-mail address that can be sent to.")
        return ""


def _phone(given: str, faults: dict[str, str]) -> str:
    phone = clean_line(given)
    if not phone:
        return ""
    if not is_phone(phone):
        faults["phone"] = _("This is no phone number.")
        return ""
    return phone


def tell(message: Message) -> None:
    """The operators, with a card; part of the transaction that keeps it."""
    context: dict[str, Any] = {
        "message": message.pk,
        "name": message.name,
        "topic": " ".join(filter(None, (signs(message.attachments.all()), message.text)))[:TOPIC_LENGTH],
        "conversation": message.conversation,
    }
    services.enqueue(Kind.MESSAGE_LEFT, context=context, dedupe_key=message.notification)
