"""Who may change whom: nobody changes, signs out or deletes an operator who has rights that they lack.

Otherwise a right to edit operators would be every right: the superuser's codes would go to whatever chat the editor
writes there. Rights are handed on only by who has them.
"""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.db.models import Q, QuerySet

from accounts.models import Operator


def may_manage(actor: Operator | AnonymousUser, target: Operator) -> bool:
    """Whether `actor` has every right of `target`; what `actor` may do with operators at all is asked elsewhere."""
    if actor.is_superuser:
        return True
    return not target.is_superuser and _rights_of(target) <= set(actor.get_all_permissions())


def may_manage_group(actor: Operator | AnonymousUser, group: Group) -> bool:
    """Whether `actor` has every right of the group and of all its members."""
    if actor.is_superuser:
        return True
    given = _names(Permission.objects.filter(group=group))
    members = Operator.objects.filter(groups=group)
    return given <= set(actor.get_all_permissions()) and all(may_manage(actor, member) for member in members)


def grantable(actor: Operator | AnonymousUser, permissions: QuerySet[Permission]) -> QuerySet[Permission]:
    """Those of `permissions` that `actor` has."""
    if actor.is_superuser:
        return permissions
    own = actor.get_all_permissions()
    held = [one.pk for one in permissions.select_related("content_type") if _name(one) in own]
    return permissions.filter(pk__in=held)


def _rights_of(target: Operator) -> set[str]:
    # Not `get_all_permissions`: that is empty for who is not active, and they may be made active again.
    return _names(Permission.objects.filter(Q(user=target) | Q(group__user=target)))


def _names(permissions: QuerySet[Permission]) -> set[str]:
    return {_name(one) for one in permissions.select_related("content_type")}


def _name(permission: Permission) -> str:
    return f"{permission.content_type.app_label}.{permission.codename}"
