"""Use case: an operator was changed or deleted. The trail says by whom and what it was before, and the chat that the
operator had until then is told: whoever takes an account over cannot do it unseen. Browsers of whom is no operator (by
that name) any more are told of nothing."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from accounts import audit_log
from accounts.clients import Client
from accounts.models import Operator
from notifications.models import Kind
from notifications.services import enqueue
from notifications.telling import subscriptions
from notifications.telling.recipients import Recipient

FIELDS = ("username", "name", "chat_id", "language", "is_backup", "is_active", "is_staff", "is_superuser")
Snapshot = dict[str, Any]


def snapshot(operator: Operator) -> Snapshot:
    """What counts as a change, as JSON; nothing of it is a secret. Groups and permissions by name."""
    fields: Snapshot = {name: getattr(operator, name) for name in FIELDS}
    fields["groups"] = sorted(operator.groups.values_list("name", flat=True))
    fields["user_permissions"] = sorted(operator.user_permissions.values_list("codename", flat=True))
    return fields


def note_change(before: Snapshot, operator: Operator, *, by: str, client: Client) -> tuple[str, ...]:
    """Writes down what is different from `before` and tells the old chat; the names of the fields. `by` is an adminId,
    or `command`. Part of the caller's transaction."""
    after = snapshot(operator)
    changes: Snapshot = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if changes:
        audit_log.record(audit_log.Kind.OPERATOR_CHANGED, before["username"], client, by=by, **changes)
        _tell(before, list(changes), by)
        if operator.username != before["username"] or not (operator.is_active and operator.is_staff):
            subscriptions.forget(before["username"])
    return tuple(changes)


def note_deletion(before: Snapshot, *, by: str, client: Client) -> None:
    """The same for an operator who is gone."""
    audit_log.record(audit_log.Kind.OPERATOR_DELETED, before["username"], client, by=by, name=before["name"])
    _tell(before, [], by)
    subscriptions.forget(before["username"])


def _tell(before: Snapshot, fields: list[str], by: str) -> None:
    if not before["chat_id"]:
        return
    old = Recipient(before["username"], before["chat_id"], before["language"])
    context = {"account": before["username"], "fields": fields, "by": by}
    enqueue(Kind.ACCOUNT_CHANGED, context=context, dedupe_key=f"account:{uuid4().hex}", recipients=[old])
