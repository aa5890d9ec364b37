"""Tells the notifications which operators there are."""

from __future__ import annotations

from accounts.models import Operator
from notifications.telling.recipients import Contact


def active_operators() -> list[Contact]:
    """Everyone who may open the console."""
    operators = Operator.objects.filter(is_active=True, is_staff=True).order_by("username")
    return [Contact(who.username, who.chat_id, who.language, who.is_backup, who.name) for who in operators]
