"""Who may do what: the one place that says so, in roles that each have what the one before has.

Operators need no group for theirs: whoever may open the console has it. Supervisors are the members of a group, admins
may do everything, as superusers do. Other groups and single permissions add to this (docs/roles.md).
"""

from __future__ import annotations

from enum import StrEnum
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
        # Of their conversation and of earlier ones, as the chat that they belong to.
        "desk.view_file",
        # Their own; those of everybody take `share_cannedreply`.
        "desk.view_cannedreply",
        "desk.add_cannedreply",
        "desk.change_cannedreply",
        "desk.delete_cannedreply",
        # To take, to answer, to call done.
        "messages_left.view_message",
        "messages_left.change_message",
        # The agenda: to see who comes, to take it, to cancel it.
        "appointments.view_appointment",
        "appointments.change_appointment",
        # To read; one's own may be changed without more.
        "desk.view_note",
        # Their own entries alone: `sees_whole_trail`.
        "accounts.view_auditevent",
    }
)

OF_SUPERVISORS = frozenset(
    {
        # Who talks with whom and who waits, and to step in: pass on, end, take over, send on a break.
        "queueing.supervise_floor",
        "queueing.view_fairnessentry",
        # What an operator wrote in anger is taken back the same day.
        "queueing.delete_blockentry",
        "desk.share_cannedreply",
        "desk.view_outcome",
        "desk.add_outcome",
        "desk.change_outcome",
        "desk.view_tag",
        "desk.add_tag",
        "desk.change_tag",
    }
)
"""Besides what every operator may."""


class Role(StrEnum):
    """Names of groups that each installation has."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


def allows(role: Role, permission: str) -> bool:
    """Whether somebody of this role, and of no other group, has the permission (`app.codename`)."""
    if role is Role.ADMIN:
        return True
    return permission in OF_EVERY_OPERATOR or (role is Role.SUPERVISOR and permission in OF_SUPERVISORS)


def of_every_operator(user: Operator | AnonymousUser) -> frozenset[str]:
    """`OF_EVERY_OPERATOR` for who may open the console, nothing for others."""
    return OF_EVERY_OPERATOR if user.is_active and user.is_staff else frozenset()


def sees_whole_trail(user: Operator | AnonymousUser) -> bool:
    """Whether the audit entries of others are shown: to superusers, and to whom somebody gave that permission."""
    if user.is_superuser or user.is_anonymous:
        return user.is_superuser
    given = Permission.objects.filter(Q(user=user) | Q(group__user=user))
    return given.filter(content_type__app_label="accounts", codename="view_auditevent").exists()
