"""The permission of a stranger to upload files for a message: a signed word, good for an hour, that no store keeps."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

from django.core import signing
from django.utils.translation import gettext as _

from infra.errors import DomainError
from messages_left.attachments.models import DRAFT_MAX

SALT = "adminara.message.draft"
GOOD_SECS = 3600
TOKEN_MOST = 200


@dataclass(frozen=True)
class Draft:
    """`ends_at`: seconds since 1970."""

    id: str
    token: str
    ends_at: int


def make() -> Draft:
    draft = secrets.token_hex(12)
    token = signing.TimestampSigner(salt=SALT).sign(draft)
    return Draft(draft, token, int(time.time()) + GOOD_SECS)


def read(token: str) -> str:
    """The draft that it is for. Raises DomainError draft_invalid: forged, foreign or too old."""
    try:
        if len(token) > TOKEN_MOST:
            raise signing.BadSignature
        draft = signing.TimestampSigner(salt=SALT).unsign(token, max_age=GOOD_SECS)
    except signing.BadSignature:
        text = _("Too much time has passed since these files were chosen. Please send again.")
        raise DomainError("draft_invalid", text, retryable=True, retry_after=1.0) from None
    return draft[:DRAFT_MAX]
