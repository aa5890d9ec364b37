"""The browser that a customer wants to be called by: kept sealed with the callback, told by push, gone with it.

A push that did not arrive is followed by the e-mail of the same call, where an address was left. Where none was, the
place is held as ever, and a callback that was missed becomes a message.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from infra.sealed import Box, NotOurs
from notifications.browsers import Context, Push, Words
from notifications.telling import subscriptions
from queueing.callbacks.words import call_by_letter, open_row, query_of
from queueing.history.callback_models import Callback

BOX = Box("adminara.device")


@dataclass(frozen=True)
class Device:
    """As a browser tells of itself (RFC 8030, RFC 8291): whoever has the endpoint can send to it."""

    endpoint: str
    public_key: str
    secret: str


def check(device: Device) -> None:
    """Raises DomainError `schema` where nothing could be sent to."""
    subscriptions.check(device.endpoint, device.public_key, device.secret)


def seal(device: Device) -> str:
    return BOX.seal(json.dumps(asdict(device)))


def unseal(text: str) -> Device | None:
    """None for what was sealed with a SECRET_KEY that is gone."""
    try:
        return Device(**json.loads(BOX.open(text)))
    except (NotOurs, TypeError):
        return None


class Called:
    """`browsers.Keeper` of callbacks."""

    def find(self, context: Context, language: str) -> Push | None:
        row = open_row(context)
        device = unseal(row.push) if row is not None and row.push else None
        if row is None or device is None:
            return None
        with translation.override(language):
            return Push(device, _words(row))

    def drop(self, context: Context) -> None:
        """Another one that was chosen meanwhile stays."""
        row = open_row(context)
        if row is not None and row.push and row.browser == context.get("browser"):
            Callback.objects.filter(pk=row.pk, push=row.push).update(push="")

    def given_up(self, context: Context, language: str) -> None:
        call_by_letter(context)


def _words(row: Callback) -> Words:
    """In the language in force."""
    first = _("It is your time") if row.booked_for else _("It is nearly your turn")
    title = _("Your turn: last call") if row.calls > 1 else first
    return Words(title, _("Open this to take your place."), _link(row))


def _link(row: Callback) -> str:
    """The fragment goes to no server; the push service cannot read the whole."""
    return f"{reverse('turn')}{query_of(row)}#place={row.handle}"
