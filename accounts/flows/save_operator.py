"""Use case: an operator is created or changed from the command line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts import audit
from accounts.clients import NOBODY
from accounts.models import Operator


@dataclass(frozen=True)
class Saved:
    """`changed` names the fields that are different now; none, and not `created`, means it was so already."""

    operator: Operator
    created: bool
    changed: tuple[str, ...]


def save_operator(admin_id: str, given: dict[str, Any]) -> Saved:
    """Creates that operator or changes what is `given`. Raises Django's ValidationError."""
    with transaction.atomic():
        operator = Operator.objects.filter(username=admin_id.strip()).first()
        if operator is None:
            operator = Operator.objects.create_user(admin_id, **{"name": admin_id.strip(), **given})
            audit.record(audit.Kind.OPERATOR_CREATED, operator.username, NOBODY)
            return Saved(operator, True, tuple(given))
        changed = tuple(name for name, value in given.items() if getattr(operator, name) != value)
        if changed:
            for name in changed:
                setattr(operator, name, given[name])
            operator.full_clean()
            operator.save(update_fields=[*changed, "folded"])
            audit.record(audit.Kind.OPERATOR_CHANGED, operator.username, NOBODY, fields=list(changed))
        return Saved(operator, False, changed)
