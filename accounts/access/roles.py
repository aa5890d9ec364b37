"""The roles as groups of the database, and whom they are given to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import AppConfig
from django.apps import apps as installed
from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group

from accounts.access.permissions import Role, allows

if TYPE_CHECKING:
    from accounts.models import Operator


def fill_groups(app_config: AppConfig, using: str, apps: Apps = installed, **_signal: Any) -> None:
    """After each app's migrations, when its permissions are there: the groups exist and hold what their role has of it.

    What somebody has added to a group stays. What was taken out comes back with the next release: the roles are said in
    one place, and whoever needs less takes another group.
    """
    # Django's own receiver does the same, and may be called after this one.
    create_permissions(app_config, verbosity=0, using=using, apps=apps)
    try:
        groups, permissions = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    except LookupError:
        return
    known = permissions._default_manager.using(using).filter(content_type__app_label=app_config.label)
    names = {f"{app_config.label}.{codename}": pk for codename, pk in known.values_list("codename", "pk")}
    for role in Role:
        group, _new = groups._default_manager.using(using).get_or_create(name=role.value)
        group.permissions.add(*(pk for name, pk in names.items() if allows(role, name)))


def give_role(operator: Operator, role: Role) -> None:
    """This role and no other; superusers are those of the admins alone. Other groups stay. Saves the operator."""
    operator.groups.remove(*Group.objects.filter(name__in=list(Role)).exclude(name=role))
    operator.groups.add(Group.objects.get(name=role))
    operator.is_superuser = role is Role.ADMIN
    operator.save(update_fields=["is_superuser"])


def role_of(operator: Operator) -> Role:
    """The highest that somebody has."""
    if operator.is_superuser or operator.groups.filter(name=Role.ADMIN).exists():
        return Role.ADMIN
    supervises = operator.groups.filter(name=Role.SUPERVISOR).exists()
    return Role.SUPERVISOR if supervises else Role.OPERATOR
