"""Tells the notifications which operators there are."""

from __future__ import annotations

from accounts.models import Operator


def active_operators() -> list[tuple[str, str, str]]:
    """(adminId, Telegram chat id or empty, language) of everyone who may open the console."""
    rows = Operator.objects.filter(is_active=True, is_staff=True).order_by("username")
    return list(rows.values_list("username", "chat_id", "language"))
