"""The session layer for everybody else: identify, slide, list, revoke. HTTP and WebSocket share it.

A session is named by `key_hash` (SHA-256 of the key); the key itself is only ever an argument here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import session_store
from accounts.models import OperatorSession
from infra.redis import push


@dataclass(frozen=True)
class SessionInfo:
    """A living session of an active operator. `expires_at_ms` is Unix time in milliseconds."""

    key_hash: str
    admin_id: str
    name: str
    language: str
    expires_at_ms: int


@dataclass(frozen=True)
class SessionSummary:
    """One row for lists; times are aware datetimes."""

    key_hash: str
    admin_id: str
    address: str
    user_agent: str
    created: datetime
    last_seen: datetime
    expires: datetime

    def as_dict(self) -> dict[str, Any]:
        """For JSON: times in ISO 8601."""
        times = {name: getattr(self, name).isoformat() for name in ("created", "last_seen", "expires")}
        return {**asdict(self), **times}


async def identify(session_key: str) -> SessionInfo | None:
    """Whose session that is, or None. Reads the database at most once a minute per session."""
    info: SessionInfo | None = await database_sync_to_async(identify_now)(session_key)
    return info


async def slide(session_key: str) -> SessionInfo | None:
    """Identifies and renews the expiry, writing at most once a minute. None: expired or revoked."""
    info: SessionInfo | None = await database_sync_to_async(slide_now)(session_key)
    return info


def identify_now(session_key: str) -> SessionInfo | None:
    """`identify` for synchronous callers."""
    if not session_key or len(session_key) > 128:
        return None
    key_hash = session_store.hash_key(session_key)
    record = session_store.read(key_hash)
    if record is None or not record.admin_id:
        return None
    return SessionInfo(key_hash, record.admin_id, record.name, record.language, _ms(record.expires))


def slide_now(session_key: str) -> SessionInfo | None:
    """`slide` for synchronous callers."""
    info = identify_now(session_key)
    if info is None:
        return None
    now = timezone.now()
    expires = now + timedelta(milliseconds=settings.SESSION_TTL_MS)
    due = OperatorSession.objects.filter(pk=info.key_hash, last_seen__lte=now - session_store.SLIDE_EVERY)
    if due.update(last_seen=now, expire_date=expires):
        session_store.drop(info.key_hash)
    elif not OperatorSession.objects.filter(pk=info.key_hash).exists():
        return None
    return identify_now(session_key)


def list_sessions(admin_id: str | None = None) -> list[SessionSummary]:
    """The living sessions, newest use first; of one operator or of all."""
    now, longest = timezone.now(), timedelta(seconds=settings.SESSION_MAX_SECS)
    rows = OperatorSession.objects.filter(expire_date__gt=now, created__gt=now - longest, operator__isnull=False)
    if admin_id is not None:
        rows = rows.filter(operator__username=admin_id)
    return [
        SessionSummary(
            key_hash=row.key_hash,
            admin_id=row.operator.username if row.operator else "",
            address=row.address or "",
            user_agent=row.user_agent,
            created=row.created,
            last_seen=row.last_seen,
            expires=min(row.expire_date, row.created + longest),
        )
        for row in rows.select_related("operator").order_by("-last_seen")
    ]


def remove(key_hashes: Iterable[str]) -> list[str]:
    """Ends these sessions in database and cache and has their sockets closed; returns those that lived.

    Callers want `accounts.flows.revoke_session`, which also writes the audit trail.
    """
    names = list(key_hashes)
    with transaction.atomic():
        living = list(OperatorSession.objects.filter(pk__in=names).values_list("pk", flat=True))
        OperatorSession.objects.filter(pk__in=living).delete()
    session_store.forget(living)
    if living:
        transaction.on_commit(lambda: push.broadcast({"kind": "session.revoked", "keys": living}))
    return living


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
