"""What the widget saw of the customer's page, browser and devices, in words. Nothing of it is verified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from queueing.history.models import Conversation

UNTROUBLED = frozenset({"ok", "granted", "skipped", "pending", "running", "quiet"})
"""Works, or was not asked for; as static/js/ui/console/board/board-model.js has it."""


@dataclass(frozen=True)
class VisitFact:
    """`link`: the value is the address of a page."""

    label: str
    value: str
    link: bool = False


def facts(conversation: Conversation) -> list[VisitFact]:
    """Those that are known, in the order in which people look for them."""
    seen = conversation.visit
    found = [
        VisitFact(_("Title of the page"), _text(seen, "title")),
        VisitFact(_("Page"), _text(seen, "page"), link=True),
        VisitFact(_("Came from"), _text(seen, "referrer"), link=True),
        VisitFact(_("Local time"), local_time(conversation.joined_at, _text(seen, "time_zone"))),
        VisitFact(_("Browser"), " · ".join(filter(None, (_text(seen, "browser"), _text(seen, "system"))))),
        VisitFact(_("Device check"), check_words(conversation.device_check)),
    ]
    return [fact for fact in found if fact.value]


def local_time(at: datetime, zone: str) -> str:
    """When that was for the customer; the name alone of a zone that this machine does not know."""
    try:
        return f"{at.astimezone(ZoneInfo(zone)):%H:%M} · {zone}" if zone else ""
    except (ValueError, OSError, KeyError):
        return zone


def check_words(check: Mapping[str, Any]) -> str:
    """In a sentence what does not work; empty without a check."""
    if not check:
        return ""
    turn = check.get("turn")
    what = [
        _("no microphone") if _failed(check.get("microphone")) else "",
        _("nothing heard from the microphone") if check.get("microphone") == "quiet" else "",
        _("no camera") if _failed(check.get("camera")) else "",
        _("relay server unreachable") if isinstance(turn, list) and turn and not any(map(_reached, turn)) else "",
    ]
    return ", ".join(filter(None, what)) or _("passed")


def _failed(value: Any) -> bool:
    return value is False or (isinstance(value, str) and value not in UNTROUBLED)


def _reached(probe: Any) -> bool:
    return isinstance(probe, dict) and bool(probe.get("ok"))


def _text(seen: Mapping[str, Any], name: str) -> str:
    value = seen.get(name, "")
    return value if isinstance(value, str) else ""
