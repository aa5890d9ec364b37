"""The e-mails of a callback: that the place is kept, and that it is nearly the customer's turn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from notifications.content.letters import Letter
from queueing.callbacks import words


def letter_of(context: Mapping[str, Any], language: str) -> Letter | None:
    """The e-mail that calls, as `notifications.content.letters` asks for it. None for who has come, or left, by now."""
    row = words.open_row(context)
    if row is None:
        return None
    with translation.override(language):
        if row.calls > 1:
            intro = _("It was your turn at %(host)s, and you were not there. Your place is kept a little longer.")
        elif row.booked_for:
            intro = _("The time that you chose at %(host)s has come. You are at the head of the queue.")
        else:
            intro = _("It is nearly your turn at %(host)s. You asked to be called; your place was kept.")
        intro %= {"host": words.host_of(row)}
        how = _("Open this link to take your place, on this device or on another:")
        link, note = words.place_link(row), words.note()
        return Letter(words.title(row), f"{intro}\n\n{how}\n{link}\n\n{note}\n")


def kept_letter_of(context: Mapping[str, Any], language: str) -> Letter | None:
    """The e-mail that says at once that the place is kept; the link that takes it comes with the call. None for who is
    called already, or has left."""
    row = words.open_row(context)
    if row is None or row.calls:
        return None
    with translation.override(language):
        host = {"host": words.host_of(row)}
        intro = _("You asked at %(host)s to be called. We have your place; you may close the page.") % host
        then = _("When it is nearly your turn, you get another e-mail with the link that takes your place.")
        leave = _("If you cannot come, give your place up here, so that nobody waits for you:")
        note = _("If you did not ask for this, ignore it: two more e-mails will come at most.")
        link = words.give_up_link(row)
        body = f"{intro}\n\n{then}\n\n{leave}\n{link}\n\n{note}\n"
        return Letter(_("Your place at %(host)s is kept") % host, body)
