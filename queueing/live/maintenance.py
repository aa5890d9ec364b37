"""Maintenance as people switch it: no new customers while it is on; who waits or talks is served on.

An outage of Redis needs none of this: customers are refused and come back by themselves (`signaling.hub.shutdown`).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from infra import audit
from infra.clock import now_ms
from infra.redis.client import execute
from infra.redis.scripts import Command, text
from queueing.live.store import script

logger = logging.getLogger(__name__)

MESSAGE_LENGTH = 300


@dataclass(frozen=True)
class Maintenance:
    """`message` is for customers to read, empty for the usual one; `until_ms` is the planned end, if one was said."""

    on: bool
    message: str = ""
    until_ms: int | None = None

    @property
    def until(self) -> datetime | None:
        """The planned end in the zone of the admin pages."""
        if self.until_ms is None:
            return None
        return timezone.localtime(datetime.fromtimestamp(self.until_ms / 1000, UTC))

    @property
    def still_planned(self) -> datetime | None:
        """The planned end while it lies ahead: what has passed is not promised any more."""
        return self.until if self.until_ms is not None and self.until_ms > now_ms() else None

    def sentence(self) -> str:
        """What a customer who is refused reads."""
        message = self.message or _("Support is under maintenance and takes no new conversations.")
        end = self.still_planned
        if end is None:
            return f"{message} {_('Please try again later.')}" if not self.message else message
        style = "TIME_FORMAT" if end.date() == timezone.localdate() else "SHORT_DATETIME_FORMAT"
        return f"{message} {_('Planned end: %(time)s.') % {'time': date_format(end, style)}}"

    def as_dict(self) -> dict[str, Any]:
        """`{"maintenance": bool, "message"?: str, "until"?: ISO}`"""
        end = self.until
        return {
            "maintenance": self.on,
            **({"message": self.message} if self.message else {}),
            **({"until": end.isoformat()} if end else {}),
        }


def command(word: str, message: str = "", until_ms: int | None = None) -> Command[Maintenance]:
    """`word`: on, off or status."""
    return Command(script("maintenance"), (word, message, until_ms or ""), _parse)


def _parse(reply: Any) -> Maintenance:
    on, message, until_ms = reply
    return Maintenance(bool(int(on)), text(message), int(until_ms) if until_ms else None)


def current() -> Maintenance:
    """Raises StoreUnavailable."""
    return execute(command("status"))


def switch(
    on: bool,
    *,
    actor: str,
    request: HttpRequest | None = None,
    message: str = "",
    until: datetime | None = None,
) -> Maintenance:
    """Switches, and says so in the audit trail; on again replaces message and end.

    Raises StoreUnavailable, and ValueError with a sentence.
    """
    message = " ".join(message.split())
    if len(message) > MESSAGE_LENGTH:
        raise ValueError(_("The message has at most %(most)d characters.") % {"most": MESSAGE_LENGTH})
    if until is not None and until <= timezone.now():
        raise ValueError(_("The planned end is in the past."))
    until_ms = int(until.timestamp() * 1000) if until else None
    state = execute(command("on", message, until_ms) if on else command("off"))
    audit.record("maintenance_switched", actor, request, **state.as_dict())
    logger.info("maintenance %s", "on" if state.on else "off", extra={"actor": actor, "until_ms": state.until_ms})
    return state
