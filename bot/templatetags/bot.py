"""What other pages show of the bot."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django import template
from django.conf import settings
from django.utils.translation import gettext as _

from bot import api, poll_state
from infra.errors import StoreUnavailable

register = template.Library()
SILENT_SECS = 90.0  # a poll takes half a minute at most


@dataclass(frozen=True)
class Presses:
    """How presses of Accept come to us. `ok` False: they do not."""

    text: str
    ok: bool


@register.simple_tag
def presses() -> Presses:
    """Whether Accept works now, as far as can be seen from here: Telegram is not asked."""
    if not settings.TELEGRAM_BOT_TOKEN:
        return Presses(_("There is no bot: TELEGRAM_BOT_TOKEN is not set."), False)
    if not api.polling():
        return Presses(_("The Accept button works: Telegram calls our webhook."), True)
    try:
        silent = time.time() - poll_state.progress().emptied_at
    except StoreUnavailable:
        return Presses(_("Redis does not answer: the Accept button does not work."), False)
    if silent > SILENT_SECS:
        return Presses(_("The Accept button does not work: is `manage.py telegrambot` running?"), False)
    return Presses(_("The Accept button works: `manage.py telegrambot` asks Telegram."), True)
