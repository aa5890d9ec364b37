"""Use case: an operator is created or changed from the command line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts import audit_log
from accounts.access.permissions import Role
from accounts.access.roles import give_role
from accounts.clients import NOBODY
from accounts.flows.note_change import note_change, snapshot
from accounts.models import Operator


@dataclass(frozen=True)
class Saved:
    """`changed` names the fields that are different now; none, and not `created`, means it was so already."""

    operator: Operator
    created: bool
    changed: tuple[str, ...]


def save_operator(admin_id: str, given: dict[str, Any], role: Role | None = None) -> Saved:
    """Creates that operator (the very first as superuser) or changes what is `given`; with a role in that one.

    Raises Django's ValidationError."""
    with transaction.atomic():
        operator = Operator.objects.filter(username=admin_id.strip()).first()
        if operator is None:
            # Somebody has to be able to change everything, and to make others able to.
            first = {"is_superuser": not Operator.objects.exists()}
            operator = Operator.objects.create_user(admin_id, **{"name": admin_id.strip(), **first, **given})
            if role is not None:
                give_role(operator, role)
            audit_log.record(audit_log.Kind.OPERATOR_CREATED, operator.username, NOBODY)
            return Saved(operator, True, tuple(given))
        before = snapshot(operator)
        changed = tuple(name for name, value in given.items() if getattr(operator, name) != value)
        if changed:
            for name in changed:
                setattr(operator, name, given[name])
            operator.full_clean()
            operator.save(update_fields=[*changed, "folded"])
        if role is not None:
            give_role(operator, role)
            changed = tuple(name for name, value in snapshot(operator).items() if before[name] != value)
        if changed:
            note_change(before, operator, by="command", client=NOBODY)
        return Saved(operator, False, changed)
