"""The e-mail that answers a message: what the operator wrote, and below it what the customer had written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from messages_left.attachments.signs import signs
from messages_left.models import Reply
from notifications.content.letters import Letter


def letter(context: Mapping[str, Any], language: str) -> Letter | None:
    """None when the message was erased meanwhile."""
    number = int(context.get("reply", 0))
    found = Reply.objects.select_related("message", "author").filter(pk=number, message__erased_at=None).first()
    if found is None:
        return None
    with translation.override(language):
        host = urlsplit(settings.PUBLIC_URL).hostname or ""
        at = date_format(timezone.localtime(found.message.left_at), "SHORT_DATETIME_FORMAT")
        head = _("On %(at)s you wrote at %(host)s:") % {"at": at, "host": host}
        said = "\n".join(filter(None, (signs(found.message.attachments.all()), found.message.text)))
        quoted = "\n".join(f"> {line}" for line in said.split("\n"))
        body = f"{found.text}\n\n{found.author_name}\n\n{head}\n{quoted}\n"
        return Letter(_("Reply to your message at %(host)s") % {"host": host}, body, answered=True)
