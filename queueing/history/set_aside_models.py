"""Journal entries that could not become history: the journal goes on without them, and nothing of them is lost."""

from __future__ import annotations

import json

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

REASON_MAX = 300


class SetAsideEntry(models.Model):
    """One entry of the journal that the database or the recorder refused, whole, to be applied again.

    `fields` is JSON in ASCII, so that whatever was refused can be stored here.
    """

    entry_id = models.CharField(_("journal entry"), max_length=40, unique=True)
    conversation = models.CharField(_("conversation"), max_length=64, blank=True, db_index=True)
    kind = models.CharField(_("event"), max_length=32, blank=True)
    fields = models.TextField(_("content"))
    reason = models.CharField(_("why it was refused"), max_length=REASON_MAX)
    attempts = models.PositiveIntegerField(_("attempts"), default=1)
    at = models.DateTimeField(_("set aside"), default=timezone.now, db_index=True)

    class Meta:
        ordering = ("id",)
        verbose_name = _("entry set aside")
        verbose_name_plural = _("entries set aside")
        default_permissions = ("view", "change")

    def __str__(self) -> str:
        return f"{self.entry_id} {self.kind}"

    @property
    def entry(self) -> tuple[str, dict[str, str]]:
        """As the journal had it."""
        return self.entry_id, dict(json.loads(self.fields))
