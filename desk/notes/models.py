"""Notes."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from infra.writing.folding import FoldedField
from queueing.history.models import PERSON_MAX

TEXT_MAX = 2_000
KEY_MAX = 64


class About(models.TextChoices):
    CONVERSATION = "conversation", _("the conversation")
    PERSON = "person", _("the person")


class Note(models.Model):
    """Written in one conversation, and gone with it. `person` is who the site says that the customer is; their later
    conversations show it. `key` is a random word of the page: the same one again is the same note."""

    conversation = models.ForeignKey(
        "queueing.Conversation", verbose_name=_("conversation"), on_delete=models.CASCADE, related_name="notes"
    )
    person = models.CharField(_("person"), max_length=PERSON_MAX, blank=True, db_index=True, editable=False)
    about = models.CharField(_("about"), max_length=12, choices=About.choices, default=About.CONVERSATION)
    text = models.TextField(_("text"), max_length=TEXT_MAX)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("author"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    admin_id = models.CharField(_("author's adminId"), max_length=64, blank=True, editable=False)
    key = models.CharField(max_length=KEY_MAX, editable=False)
    at = models.DateTimeField(_("written"), auto_now_add=True, db_index=True)
    edited_at = models.DateTimeField(_("edited"), null=True, blank=True, editable=False)
    folded = FoldedField("text")

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ("-at", "-id")
        constraints = (models.UniqueConstraint(fields=("conversation", "key"), name="one_note_each_key"),)

    def __str__(self) -> str:
        line = " ".join(self.text.split())
        return line if len(line) <= 60 else f"{line[:59]}…"
