"""What is kept under an e-mail address that somebody typed: conversations, callbacks, chosen times, messages, letters.

Nobody has proven whose address it is: whoever typed another's has left their own words under it. So this is for an
operator alone, who reads what was found before anything of it goes.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q

from infra import audit, mail
from notifications import retention as notifications
from queueing.blocklist import rules
from queueing.history.callback_models import Callback
from queueing.history.models import Conversation
from queueing.history.privacy import extensions, personal_data, traces
from queueing.history.recording import journal
from sites.questions import Kind

BRIEF = ("id", "conversation", "conversation_id", "kind", "status", "state", "name", "email", "joined_at", "left_at",
         "starts_at", "asked_at", "created_at")  # fmt: skip
"""What says which row it is, and little of what stands in it."""


def export(address: str, *, by: str) -> dict[str, Any]:
    """Everything that bears it, as plain JSON values. Raises ValueError for what is no address; StoreUnavailable,
    DatabaseError."""
    mailbox = mail.mailbox_of(mail.address(address))
    ids = _conversations(mailbox)
    found = {"email": address, **_found(ids, mailbox)}
    audit.record("person_exported", by, who=_who(mailbox), conversations=len(ids))
    return found


def listed(address: str) -> dict[str, Any]:
    """Which rows `erase` would empty. Raises as `export` does."""
    mailbox = mail.mailbox_of(mail.address(address))
    found = _found(_conversations(mailbox), mailbox)
    return {name: [_brief(row) for row in rows] for name, rows in found.items() if rows}


def erase(address: str, *, by: str) -> dict[str, Any]:
    """Erases who they were, where it bears the address; figures stay. Raises as `export` does: before anything is
    erased when Redis is out."""
    mailbox = mail.mailbox_of(mail.address(address))
    ids = _conversations(mailbox)
    besides = {name: len(rows) for name, rows in _besides(mailbox).items() if rows}
    dropped, done = personal_data.take_out(ids)
    with transaction.atomic():
        extensions.forget_mailbox(mailbox)
        notifications.anonymise_addressed(mailbox)
    notifications.redraw_refused(ids)
    audit.record("person_erased", by, who=_who(mailbox), conversations=len(ids), newly=done)
    held = [*extensions.discard(ids), *traces.wipe()]
    return {
        "conversations": ids, "erased": done, "besides": besides, "dropped_from_redis": dropped, "still_held": held,
    }  # fmt: skip


def _conversations(mailbox: str) -> list[str]:
    """Whose form before it, identity, callback or chosen time bears the address. What happened a second ago is recorded
    before."""
    journal.record()
    near = mail.name_in(mailbox)
    rows = Conversation.objects.filter(Q(answers__icontains=near) | Q(attributes__icontains=near)).order_by("joined_at")
    ids = [row.pk for row in rows.only("answers", "attributes") if _bears(row, mailbox)]
    callbacks = Callback.objects.filter(email__istartswith=near).values_list("pk", "email")
    ids += [pk for pk, email in callbacks if mail.is_of(mailbox, email)]
    return list(dict.fromkeys([*ids, *extensions.found([mailbox])]))


def _bears(row: Conversation, mailbox: str) -> bool:
    given = [one.get("value") for one in row.answers if isinstance(one, dict) and one.get("kind") == Kind.EMAIL]
    identity = row.attributes.get("identity")
    signed = identity.get("email") if isinstance(identity, dict) else None
    return any(mail.is_of(mailbox, one) for one in (*given, signed))


def _found(ids: list[str], mailbox: str) -> dict[str, Any]:
    found = personal_data.about(ids)
    for name, rows in _besides(mailbox).items():
        known = found.get(name, [])
        found[name] = [*known, *(row for row in rows if row not in known)]
    return found


def _brief(row: dict[str, Any]) -> dict[str, Any]:
    return {key: row[key] for key in BRIEF if key in row}


def _besides(mailbox: str) -> dict[str, list[dict[str, Any]]]:
    """What bears the address and hangs on no conversation, or on another one."""
    return {**extensions.exported_of_mailbox(mailbox), "letters": personal_data.plain(notifications.addressed(mailbox))}


def _who(mailbox: str) -> str:
    """For the trail: it must not keep what was just erased."""
    return f"e-mail {rules.identity_digest(mailbox)[:12]}"
