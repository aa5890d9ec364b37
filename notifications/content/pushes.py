"""What a push says. Push services keep it for a while, and screens show it while they are locked: no name, no topic."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode

from django.utils import translation
from django.utils.translation import gettext as _

from notifications.browsers import Words
from notifications.models import Kind, OutboxMessage

CONSOLE = "/admin/console/"


def payload(message: OutboxMessage) -> bytes:
    """JSON `{title, body, tag, url}`; `tag`: a later one of the same takes its place on the screen. Raises ValueError
    for a kind that is not pushed."""
    with translation.override(message.language):
        title, body = _words(message.kind)
    return as_told(message, Words(title, body, CONSOLE))


def as_told(message: OutboxMessage, words: Words) -> bytes:
    """The same, of words that somebody else has."""
    told = {"title": words.title, "body": words.body, "tag": topic(message), "url": words.url}
    return json.dumps(told, ensure_ascii=False).encode()


def topic(message: OutboxMessage) -> str:
    """32 characters that tell nothing of what they stand for."""
    about = f"{message.kind}:{message.conversation}"
    return urlsafe_b64encode(hashlib.sha256(about.encode()).digest()[:24]).decode()


def _words(kind: str) -> tuple[str, str]:
    if kind == Kind.CUSTOMER_JOINED:
        return _("A customer is waiting"), _("Open the console to take them.")
    if kind == Kind.UNANSWERED:
        return _("You did not answer"), _("Your customer went back into the queue, and you are on a break.")
    if kind == Kind.TEST:
        return _("Test message"), _("This browser can be told by push.")
    raise ValueError(kind)
