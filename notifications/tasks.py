"""The Celery side: a sweep claims what is due and hands each row to a delivery.

Whoever enqueues asks for one (`notifications.sending.prompt`); beat starts one every second besides.
"""

import logging
from datetime import timedelta

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError

from notifications import cards, policy
from notifications.sending import delivery, idle, outbox, prompt

log = logging.getLogger(__name__)


@shared_task(name=prompt.SWEEP, ignore_result=True)
def sweep() -> int:
    """Claims due rows and hands them over; returns how many. Any number of sweeps may run at once."""
    prompt.sweep_begins()
    if idle.is_idle(timezone.now()):
        return 0
    cards.look_after(timezone.now())
    claimed = outbox.claim_due(timezone.now())
    for row_id, claim in claimed:
        try:
            # A delivery that a worker finds only after the lease is not its own any more.
            deliver.apply_async((row_id, claim), expires=policy.LEASE_SECS)
        except OperationalError:
            outbox.release(row_id, claim, timezone.now() + timedelta(seconds=policy.STORE_OUT_SECS))
            log.warning("delivery not handed over: the broker does not answer", extra={"notification_id": row_id})
    return len(claimed)


@shared_task(name="notifications.deliver", ignore_result=True)
def deliver(row_id: int, claim: str) -> None:
    """Delivers one claimed row."""
    delivery.deliver(row_id, claim)
