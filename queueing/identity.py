"""Who a customer is, when the site's own server says so: a JSON Web Token signed with IDENTITY_SECRET (HS256).

A token without an end, or with one more than a day ahead, is refused: what a browser holds can be copied.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import jwt
from django.conf import settings
from django.utils.translation import gettext as _
from pydantic import AfterValidator, BaseModel, Field, ValidationError

from infra.errors import DomainError
from infra.writing.text import clean_line
from sites.lines import PRIORITY_MAX

LONGEST = timedelta(days=1)
LEEWAY_SECS = 30


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be printable")
    return text


class Identity(BaseModel):
    """`sub` is the site's own id of the person: taken as it is, or not at all. The rest is cleaned.
    `priority`: 0 to PRIORITY_MAX, as of a line."""

    sub: Annotated[str, Field(min_length=1, max_length=128), AfterValidator(_printable)]
    name: Annotated[str, Field(max_length=80), AfterValidator(clean_line)] = ""
    priority: Annotated[int, Field(ge=0, le=PRIORITY_MAX)] = 0
    email: Annotated[str, Field(max_length=254), AfterValidator(clean_line)] = ""


def verify(token: str) -> Identity:
    """Raises DomainError `identity_invalid` for a token that the site's server did not make for now."""
    if not settings.IDENTITY_SECRET:
        raise _refused(_("This support server accepts no signed identities. Join without one."))
    try:
        claims = jwt.decode(
            token,
            settings.IDENTITY_SECRET,
            algorithms=["HS256"],
            leeway=LEEWAY_SECS,
            options={"require": ["exp", "sub"], "verify_aud": False},
        )
        if datetime.fromtimestamp(claims["exp"], UTC) > datetime.now(UTC) + LONGEST + timedelta(seconds=LEEWAY_SECS):
            raise _refused(_("The signed identity is valid for too long. The site has to sign one for at most a day."))
        return Identity.model_validate(claims)
    except (jwt.InvalidTokenError, ValidationError) as error:
        raise _refused(_("The signed identity is forged or expired. Reload the page, or join without it.")) from error


def _refused(message: str) -> DomainError:
    return DomainError("identity_invalid", message)
