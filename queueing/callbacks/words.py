"""What somebody who is to be called reads, whichever way it goes: of the row that is open, in the language in force.
And the e-mail that goes where another way did not reach them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse
from django.utils.translation import gettext as _

from notifications import services as notifications
from queueing.history.callback_models import Callback
from queueing.history.models import Status

SALT = "adminara.give-up"


def open_row(context: Mapping[str, Any]) -> Callback | None:
    """Of a notification's context. None for who has come, or left, by now."""
    rows = Callback.objects.select_related("conversation").exclude(handle="")
    row = rows.filter(conversation=str(context.get("conversation", "")), state=Callback.State.OPEN).first()
    return row if row is not None and row.conversation.status == Status.WAITING else None


def call_by_letter(context: Mapping[str, Any]) -> None:
    """The e-mail of the same call, where an address was left; in the open transaction."""
    row, call = open_row(context), context.get("call")
    if row is not None and row.email and isinstance(call, int):
        notifications.call_back(row.conversation_id, call, row.email, row.language)


def confirm_by_letter(context: Mapping[str, Any]) -> None:
    """The e-mail that the place is kept, as `call_by_letter`."""
    row = open_row(context)
    if row is not None and row.email:
        asked_ms = int(row.asked_at.timestamp() * 1000)
        notifications.confirm_callback(row.conversation_id, asked_ms, row.email, row.language)


def host_of(row: Callback) -> str:
    return urlsplit(row.origin).hostname or ""


def title(row: Callback) -> str:
    host = {"host": host_of(row)}
    if row.calls > 1:
        return _("Your turn at %(host)s: last call") % host
    return (_("It is your time at %(host)s") if row.booked_for else _("It is nearly your turn at %(host)s")) % host


def note() -> str:
    return _(
        "When it is your turn, your place is kept for %(minutes)s minutes. Do not pass the link on: whoever opens "
        "it takes your place. If you did not ask for this, ignore it."
    ) % {"minutes": max(1, round(settings.CALLBACK_HOLD_SECS / 60))}


def place_link(row: Callback) -> str:
    return f"{row.origin}/{query_of(row)}#place={row.handle}"


def query_of(row: Callback) -> str:
    """By which a page of ours knows the site; empty for the default one."""
    site = row.conversation.site
    return f"?{urlencode({'site': site})}" if site else ""


def give_up_link(row: Callback) -> str:
    """To a page that asks first: who reads letters by machine follows their links. The signature stands in the query,
    which no log of ours keeps."""
    return (
        f"{row.origin}{reverse('give-up', args=[row.conversation_id])}?key={_signer().signature(row.conversation_id)}"
    )


def may_give_up(conversation: str, signed: str) -> bool:
    """Whether a link of ours says so."""
    try:
        _signer().unsign(f"{conversation}:{signed}")
    except BadSignature:
        return False
    return True


def _signer() -> Signer:
    return Signer(salt=SALT)
