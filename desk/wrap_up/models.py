"""Outcomes, tags, and what was said of each conversation."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from desk.wrap_up import labels

LABELS_MOST = 200
"""Outcomes, or tags, that may be chosen from at once. More are put away first."""
TAGS_MOST = 20
"""Tags of one conversation."""


class Label(models.Model):
    """Something to choose, named in every language. Once it was chosen it can be put away, not deleted."""

    names = models.JSONField(_("names"), default=dict)
    position = models.PositiveSmallIntegerField(
        _("position"), default=0, help_text=_("The lowest comes first; those of one position by name.")
    )
    active = models.BooleanField(
        _("can be chosen"),
        default=True,
        help_text=_("Without this it is put away: it stays where it was chosen, and is offered no more."),
    )

    class Meta:
        abstract = True
        ordering = ("position", "id")

    def __str__(self) -> str:
        return labels.shown(self.names) or "–"


class Outcome(Label):
    """What came of a conversation; it has one at most."""

    class Meta(Label.Meta):
        verbose_name = _("outcome")
        verbose_name_plural = _("outcomes")


class Tag(Label):
    """What a conversation was about; it may have several."""

    class Meta(Label.Meta):
        verbose_name = _("tag")
        verbose_name_plural = _("tags")


class WrapUp(models.Model):
    """What an operator gave. `version` rises with each change: who changes it says which one they saw."""

    conversation = models.OneToOneField(
        "queueing.Conversation",
        verbose_name=_("conversation"),
        on_delete=models.CASCADE,
        related_name="wrap_up",
        primary_key=True,
    )
    outcome = models.ForeignKey(
        Outcome, verbose_name=_("outcome"), null=True, blank=True, on_delete=models.PROTECT, related_name="wrap_ups"
    )
    tags: models.ManyToManyField[Tag, Tagging] = models.ManyToManyField(
        Tag, verbose_name=_("tags"), through="Tagging", related_name="wrap_ups"
    )
    version = models.PositiveIntegerField(default=0, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("given by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    at = models.DateTimeField(_("given"), auto_now=True)

    class Meta:
        verbose_name = _("wrap-up")
        verbose_name_plural = _("wrap-ups")

    def __str__(self) -> str:
        return str(self.conversation_id)


class Tagging(models.Model):
    """A tag that was chosen."""

    wrap_up = models.ForeignKey(WrapUp, on_delete=models.CASCADE, related_name="taggings")
    tag = models.ForeignKey(Tag, on_delete=models.PROTECT, related_name="taggings")

    class Meta:
        verbose_name = _("chosen tag")
        verbose_name_plural = _("chosen tags")
        constraints = (models.UniqueConstraint(fields=("wrap_up", "tag"), name="one_tagging_each"),)

    def __str__(self) -> str:
        return f"{self.wrap_up_id}: {self.tag}"
