"""Housekeeping that belongs to no app."""

from celery import shared_task
from django.core.management import call_command

from support.ops.heartbeat import beat


@shared_task(name="support.ops.heartbeat")
def heartbeat() -> None:
    """Leaves a sign of life: proves that beat, the broker and a worker all run."""
    beat()


@shared_task(name="support.clear_expired_sessions")
def clear_expired_sessions() -> None:
    """Deletes the rows of sessions that have ended."""
    call_command("clearsessions")
