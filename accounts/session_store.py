"""Django's session engine: the database row is the root, Redis is a short-lived cache of it.

* A wiped Redis logs nobody out (the row is read again) and revives nobody (there is no row).
* Redis out: reads go to the database, writes still reach the row.
* A revoke leaves a tombstone in the cache, so that no request that was reading meanwhile can put the session
  back; entries live at most `CACHE_SECS`, so that a revoke made while Redis is out holds soon after it returns.
* Rows and cache know the SHA-256 of the key only; the key itself exists in the operator's cookie.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY as USER_ID
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.core.cache import BaseCache, caches
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import OperatorSession
from accounts.models.session import USER_AGENT_MAX
from infra.clock import now_ms

log = logging.getLogger(__name__)

CACHE_SECS = 60
SLIDE_EVERY = timedelta(seconds=60)
TOMBSTONE_SECS = 900
CLIENT = "client"
"""Session entry `{"address", "user_agent", "created"}`, set at login and mirrored into the row's columns."""

RENEWED = "renewed"
"""Session entry: when the cookie was last sent, in ms since 1970."""


def hash_key(session_key: str) -> str:
    """How a session is named everywhere except in its cookie."""
    return hashlib.sha256(session_key.encode()).hexdigest()


@dataclass(frozen=True)
class Record:
    """What a session row says, as it is cached. The operator fields are empty without an operator."""

    data: dict[str, Any]
    expires: datetime
    last_seen: datetime
    admin_id: str = ""
    name: str = ""
    language: str = ""

    @property
    def alive(self) -> bool:
        return self.expires > timezone.now()

    @property
    def due_for_slide(self) -> bool:
        """Whether its last use is old enough to be written down again: once a minute, not with every request.

        A socket slides the row but cannot renew the cookie, so the cookie's own age counts as well.
        """
        cookie_age_ms = now_ms() - int(self.data.get(RENEWED, 0))
        return bool(self.admin_id) and (
            timezone.now() - self.last_seen > SLIDE_EVERY or cookie_age_ms > settings.SESSION_TTL_MS // 12
        )


def read(key_hash: str) -> Record | None:
    """The living session of that hash, from the cache or else from its row; None when there is none."""
    entry, revoked = _cached(key_hash)
    if revoked:
        return None
    if entry is None:
        entry = _from_database(key_hash)
        if entry is not None:
            _fill(key_hash, entry)
    return entry if entry is not None and entry.alive else None


def forget(key_hashes: Iterable[str]) -> None:
    """Makes the cache refuse these sessions, whose rows were deleted: now, and again after a commit."""
    names = list(key_hashes)
    _bury(names)
    if not transaction.get_autocommit():
        # Until the commit others still see the rows; a reader may cache one again.
        transaction.on_commit(lambda: _bury(names))


def drop(key_hash: str) -> None:
    """Takes the cached copy away after its row changed; the next reader caches the new one."""
    _uncache(key_hash)
    if not transaction.get_autocommit():
        transaction.on_commit(lambda: _uncache(key_hash))


def _bury(names: list[str]) -> None:
    try:
        _cache().set_many({_tombstone(name): 1 for name in names}, timeout=TOMBSTONE_SECS)
        _cache().delete_many([_entry(name) for name in names])
    except Exception as error:
        log.warning("session cache unreachable while revoking; entries lapse in %s s: %s", CACHE_SECS, error)


class SessionStore(SessionBase):
    """See the module. `session_key` is the secret of the cookie; every look-up goes by its hash."""

    @property
    def key_hash(self) -> str:
        """Empty while there is no session."""
        return hash_key(self.session_key) if self.session_key else ""

    def load(self) -> dict[str, Any]:
        record = read(self.key_hash) if self.session_key else None
        if record is None:
            self._session_key = None
            return {}
        if record.due_for_slide:
            # Django's middleware then saves the row and renews the cookie with the response.
            self.modified = True
        return dict(record.data)

    def get_session_cookie_age(self) -> int:
        return int(settings.SESSION_TTL_MS) // 1000

    def exists(self, session_key: str) -> bool:
        return OperatorSession.objects.filter(pk=hash_key(session_key)).exists()

    def create(self) -> None:
        while True:
            self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:
        if self.session_key is None:
            self.create()
            return
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        if USER_ID in data:
            data[RENEWED] = now_ms()
        values = self._columns(data)
        try:
            with transaction.atomic():
                if must_create:
                    OperatorSession.objects.create(pk=self.key_hash, **values)
                elif not OperatorSession.objects.filter(pk=self.key_hash).update(**values):
                    # Revoked meanwhile: a late save must not bring it back.
                    raise UpdateError
        except IntegrityError:
            if must_create:
                raise CreateError from None
            raise
        drop(self.key_hash)

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is None:
            return
        name = hash_key(key)
        OperatorSession.objects.filter(pk=name).delete()
        forget([name])

    @classmethod
    def clear_expired(cls) -> None:
        OperatorSession.objects.filter(expire_date__lt=timezone.now()).delete()

    def _columns(self, data: dict[str, Any]) -> dict[str, Any]:
        now = timezone.now()
        client = data.get(CLIENT) or {}
        created = client.get("created")
        return {
            "session_data": self.encode(data),
            "expire_date": self.get_expiry_date(modification=now),
            "operator_id": data.get(USER_ID),
            "address": client.get("address"),
            "user_agent": str(client.get("user_agent", ""))[:USER_AGENT_MAX],
            "created": datetime.fromisoformat(created) if created else now,
            "last_seen": now,
        }


def _from_database(key_hash: str) -> Record | None:
    row = OperatorSession.objects.select_related("operator").filter(pk=key_hash).first()
    if row is None:
        return None
    operator = row.operator
    if operator is not None and not (operator.is_active and operator.is_staff):
        return None
    return Record(
        data=SessionStore().decode(row.session_data),
        # However often it is used, a session has a longest life.
        expires=min(row.expire_date, row.created + timedelta(seconds=settings.SESSION_MAX_SECS)),
        last_seen=row.last_seen,
        admin_id=operator.username if operator else "",
        name=operator.get_short_name() if operator else "",
        language=operator.language if operator else "",
    )


def _cache() -> BaseCache:
    return caches[settings.SESSION_CACHE_ALIAS]


def _entry(key_hash: str) -> str:
    return f"session:{key_hash}"


def _tombstone(key_hash: str) -> str:
    return f"session-revoked:{key_hash}"


def _cached(key_hash: str) -> tuple[Record | None, bool]:
    try:
        found = _cache().get_many([_entry(key_hash), _tombstone(key_hash)])
    except Exception as error:
        log.warning("session cache unreachable, reading the database: %s", error)
        return None, False
    entry = found.get(_entry(key_hash))
    return entry if isinstance(entry, Record) else None, _tombstone(key_hash) in found


def _fill(key_hash: str, entry: Record) -> None:
    try:
        _cache().set(_entry(key_hash), entry, timeout=CACHE_SECS)
    except Exception as error:
        log.debug("session not cached: %s", error)


def _uncache(key_hash: str) -> None:
    try:
        _cache().delete(_entry(key_hash))
    except Exception as error:
        log.debug("session cache not dropped: %s", error)
