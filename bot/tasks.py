"""What the worker does for the bot. No retries: the next beat is the retry."""

from __future__ import annotations

import logging

from celery import shared_task
from django.conf import settings

from bot import api, poll_state
from infra.clock import now_ms
from infra.errors import StoreUnavailable
from notifications import hearing
from notifications.transports import telegram
from notifications.transports.errors import DeliveryError

log = logging.getLogger(__name__)

POLLED_SECS = 90.0
"""A poller that has fetched nothing for so long is gone: a poll takes less than half a minute."""

FAILING_SECS = 120.0
"""What waits at Telegram, after a failure so lately, is what could not be brought."""


@shared_task(name="bot.look", ignore_result=True)
def look() -> None:
    """Whether customers who write to the bot are heard: they are offered it then alone."""
    if not (settings.ENABLE_CALLBACKS and settings.CALLBACKS_BY_TELEGRAM and telegram.configured()):
        return
    try:
        name = api.name() if _listens() else ""
        hearing.hears(name) if name else hearing.is_deaf()
    except DeliveryError as error:
        log.warning("telegram was not asked whether the bot hears", extra={"error": error.text})
    except ValueError:
        log.warning("what telegram calls the bot is no name")
    except StoreUnavailable:
        log.warning("whether the bot hears was not kept: redis is not reachable")


def _listens() -> bool:
    """Whether messages come in, as presses do. Raises DeliveryError, StoreUnavailable."""
    if api.polling():
        return now_ms() / 1000 - poll_state.progress().emptied_at < POLLED_SECS
    webhook = api.webhook()
    failing = webhook.pending > 0 and now_ms() / 1000 - webhook.last_error_at < FAILING_SECS
    return webhook.brings_messages and not failing
