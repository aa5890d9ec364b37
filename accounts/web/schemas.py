"""What the account endpoints and the sign-in form accept."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from accounts.models.operator import ADMIN_ID_MAX, ADMIN_ID_PATTERN


def _without_spaces(value: object) -> object:
    """People copy codes as `123 456`."""
    return "".join(value.split()) if isinstance(value, str) else value


AdminId = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=ADMIN_ID_MAX, pattern=ADMIN_ID_PATTERN)
]
Code = Annotated[str, BeforeValidator(_without_spaces), StringConstraints(pattern=r"^[0-9]{6,10}$")]


class OtpRequest(BaseModel):
    """`POST /admin/otp/request`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    adminId: AdminId = "admin"


class OtpAnswer(BaseModel):
    """`POST /admin/otp/verify`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    adminId: AdminId = "admin"
    code: Code


class RevokeRequest(BaseModel):
    """`POST /admin/session/revoke`: this session, another of one's own by its hash, or all of one's own."""

    model_config = ConfigDict(extra="forbid", strict=True)

    all: bool = False
    session: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
