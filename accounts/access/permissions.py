"""What every operator may do without being given it: the one place that says so.

Superusers may do everything; groups and single permissions add to this. Changing operators, ending sessions of others,
lifting blocks, sending notifications again and switching maintenance are not in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser, Permission
from django.db.models import Q

if TYPE_CHECKING:
    from accounts.models import Operator

OF_EVERY_OPERATOR = frozenset(
    {
        # Conversations with their transcript, timeline and figures: a customer may come back to a colleague.
        "queueing.view_conversation",
        "queueing.view_conversationevent",
        "queueing.view_chatmessage",
        "queueing.view_callsample",
        # Blocking cannot wait for a superuser; lifting can.
        "queueing.view_blockentry",
        "queueing.add_blockentry",
        "notifications.view_outboxmessage",
        "notifications.view_card",
        # Their own; those of everybody take `share_cannedreply`.
        "desk.view_cannedreply",
        "desk.add_cannedreply",
        "desk.change_cannedreply",
        "desk.delete_cannedreply",
        # Their own entries alone: `sees_whole_trail`.
        "accounts.view_auditevent",
    }
)


def of_every_operator(user: Operator | AnonymousUser) -> frozenset[str]:
    """`OF_EVERY_OPERATOR` for who may open the console, nothing for others."""
    return OF_EVERY_OPERATOR if user.is_active and user.is_staff else frozenset()


def sees_whole_trail(user: Operator | AnonymousUser) -> bool:
    """Whether the audit entries of others are shown: to superusers, and to whom somebody gave that permission."""
    if user.is_superuser or user.is_anonymous:
        return user.is_superuser
    given = Permission.objects.filter(Q(user=user) | Q(group__user=user))
    return given.filter(content_type__app_label="accounts", codename="view_auditevent").exists()
