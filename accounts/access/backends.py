"""How Django finds an operator: by a session that a one-time code opened, never by a password."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from accounts.access.permissions import of_every_operator


class OtpBackend(ModelBackend):
    """Permissions and `get_user` as usual, with those of every operator; `authenticate` refuses everything."""

    def get_group_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        given: set[str] = super().get_group_permissions(user_obj, obj)
        return given | of_every_operator(user_obj) if obj is None else given

    async def aget_group_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        given: set[str] = await super().aget_group_permissions(user_obj, obj)
        return given | of_every_operator(user_obj) if obj is None else given

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> None:
        return None

    async def aauthenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> None:
        return None
