"""The browsers that operators want to be told by: kept, found, dropped."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from infra.errors import DomainError
from infra.storable import storable
from notifications.models import PushSubscription
from notifications.transports import outside

EACH_MOST = 10
"""Browsers of one operator; the oldest make room."""
KEY_BYTES, SECRET_BYTES = 65, 16


def add(
    admin_id: str, endpoint: str, public_key: str, secret: str, *, language: str, browser: str, session: str = ""
) -> None:
    """Keeps it, for this operator alone from now on, until the `session` (hash of its key) is ended. Raises DomainError
    `schema` where nothing could be sent to."""
    check(endpoint, public_key, secret)
    fields = {
        "admin_id": admin_id,
        "endpoint": endpoint,
        "public_key": public_key,
        "secret": secret,
        "language": language,
        "browser": storable(browser)[:120],
        "session": session,
        "created_at": timezone.now(),
    }
    with transaction.atomic():
        PushSubscription.objects.update_or_create(digest=_digest(endpoint), defaults=fields)
        kept = PushSubscription.objects.filter(admin_id=admin_id).order_by("-created_at", "-id")
        PushSubscription.objects.filter(pk__in=[one.pk for one in kept[EACH_MOST : EACH_MOST * 2]]).delete()


def check(endpoint: str, public_key: str, secret: str) -> None:
    """Raises DomainError `schema` where nothing could be sent to. What the endpoint's name leads to is seen when
    something is sent, by a worker."""
    if _size(public_key) != KEY_BYTES or _size(secret) != SECRET_BYTES:
        raise _wrong("keys")
    try:
        outside.checked(endpoint)
    except outside.Refused:
        raise _wrong("endpoint") from None


def remove(admin_id: str, endpoint: str) -> None:
    """Does nothing for one that is not (any more) this operator's."""
    PushSubscription.objects.filter(admin_id=admin_id, digest=_digest(endpoint)).delete()


def signed_out(sessions: Iterable[str]) -> None:
    """Who signs out of a browser is not told there any more. `sessions`: hashes of their keys."""
    PushSubscription.objects.filter(session__in=list(sessions)).delete()


def forget(admin_id: str) -> None:
    """All of this operator's browsers."""
    PushSubscription.objects.filter(admin_id=admin_id).delete()


def drop(pk: int) -> None:
    """Its browser wants none any more."""
    PushSubscription.objects.filter(pk=pk).delete()


def found(pk: int) -> PushSubscription | None:
    return PushSubscription.objects.filter(pk=pk).first()


def of(admin_ids: Iterable[str]) -> list[PushSubscription]:
    names = list(admin_ids)
    return list(PushSubscription.objects.filter(admin_id__in=names).order_by("id")) if names else []


def told(subscription: PushSubscription) -> None:
    PushSubscription.objects.filter(pk=subscription.pk).update(told_at=timezone.now())


def _digest(endpoint: str) -> str:
    return hashlib.sha256(endpoint.encode()).hexdigest()


def _size(text: str) -> int:
    """Of what base64url says; 0 where it says nothing."""
    try:
        return len(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        return 0


def _wrong(field: str) -> DomainError:
    message = _("This browser cannot be told by push.")
    return DomainError("schema", message, fields={field: message})
