"""Who may not join: the root of the block list. Redis has the copy that decides (`queueing.blocklist.rules`)."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from infra.writing.folding import FoldedField


class BlockEntry(models.Model):
    """One block. For an address and an identity `value` is a keyed digest: who reads the table learns neither.

    `hint` is the little that operators need to tell entries apart (`203.0.x.x`). A network is kept as it is, since it
    names no single person and has to be compared by its bits. There are no blocks by name: a name costs nothing to
    change and belongs to others as well.
    """

    class What(models.TextChoices):
        ADDRESS = "address", _("address")
        NETWORK = "network", _("network")
        IDENTITY = "identity", _("signed identity")

    kind = models.CharField(_("kind"), max_length=16, choices=What)
    value = models.CharField(_("value"), max_length=64)
    hint = models.CharField(_("who"), max_length=64, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    until = models.DateTimeField(_("until"), null=True, blank=True, help_text=_("Leave empty to block for ever."))
    created_by = models.CharField(_("blocked by"), max_length=64, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    folded = FoldedField("hint", "reason", "created_by")

    class Meta:
        verbose_name = _("block")
        verbose_name_plural = _("block list")
        ordering = ("-created_at", "-id")
        default_permissions = ("add", "delete", "view")
        constraints = (models.UniqueConstraint(fields=("kind", "value"), name="one_block_each"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.hint or self.value}"

    @property
    def in_force(self) -> bool:
        return self.until is None or self.until > timezone.now()
