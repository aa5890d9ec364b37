"""One row per signed-in browser: the root of the session layer (Redis only caches it)."""

from __future__ import annotations

from importlib import import_module
from typing import ClassVar

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.utils.translation import gettext_lazy as _

KEY_HASH_LENGTH = 64
USER_AGENT_MAX = 255


class SessionManager(BaseSessionManager["OperatorSession"]):
    """Django's, typed."""


class OperatorSession(AbstractBaseSession):
    """`session_key` holds the SHA-256 of the key, never the key: a leaked table opens no session."""

    session_key = models.CharField(_("session hash"), max_length=KEY_HASH_LENGTH, primary_key=True)
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="sessions",
        null=True,
        verbose_name=_("operator"),
    )
    address = models.GenericIPAddressField(_("address"), null=True)
    user_agent = models.CharField(_("browser"), max_length=USER_AGENT_MAX, blank=True)
    created = models.DateTimeField(_("signed in"))
    last_seen = models.DateTimeField(_("last seen"))

    objects: ClassVar[SessionManager] = SessionManager()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ("-last_seen",)

    def __str__(self) -> str:
        return self.hash_prefix

    @property
    def key_hash(self) -> str:
        return self.session_key

    @property
    def hash_prefix(self) -> str:
        """Enough to tell sessions apart for a reader, in lists and in the audit trail."""
        return self.session_key[:12]

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        # By its name: the store needs this model.
        store: type[SessionBase] = import_module(settings.SESSION_ENGINE).SessionStore
        return store
