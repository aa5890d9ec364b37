"""Canned replies."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from desk.replies.variables import unknown_in
from infra import language as spoken
from infra.catalogues import CODE_MAX
from infra.folding import FoldedField, fold
from infra.text import clean_text, is_visible

SHORTCUT_MAX = 32
TEXT_MAX = 3_500
"""Less than a line of chat: there is room for what its places become."""
OWN_MOST = 500
"""Replies of one operator's own."""


class CannedReply(models.Model):
    """Something said often. Without an `owner` it is everybody's, without a `language` it is for every customer."""

    shortcut = models.CharField(
        _("shortcut"),
        max_length=SHORTCUT_MAX,
        validators=[RegexValidator(r"^[\w.-]+\Z", _("Letters, digits and . - _ only."))],
        help_text=_("What is typed after the / in the console: /hello"),
    )
    # What a shortcut is found by; folding makes some letters several.
    shortcut_folded = models.CharField(max_length=SHORTCUT_MAX * 4, editable=False, db_index=True)
    language = models.CharField(
        _("language"),
        max_length=CODE_MAX,
        choices=spoken.choices,
        blank=True,
        help_text=_("Of the customers it is for. Leave empty for all of them."),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("whose"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="canned_replies",
    )
    used = models.PositiveBigIntegerField(_("used"), default=0, editable=False, db_index=True)
    text = models.TextField(
        _("text"),
        max_length=TEXT_MAX,
        help_text=_(
            "The console fills in {customer.name}, {customer.topic} and {operator.name}. "
            "{customer.name|dear customer} says what to write where there is none."
        ),
    )
    folded = FoldedField("shortcut", "text")

    class Meta:
        verbose_name = _("canned reply")
        verbose_name_plural = _("canned replies")
        ordering = ("-used", "shortcut_folded", "id")
        permissions = (("share_cannedreply", "Can edit the canned replies of everybody"),)
        constraints = (
            models.UniqueConstraint(fields=("shortcut_folded", "language", "owner"), name="one_own_reply_each"),
            models.UniqueConstraint(
                fields=("shortcut_folded", "language"), condition=models.Q(owner=None), name="one_shared_reply_each"
            ),
        )

    def __str__(self) -> str:
        return f"/{self.shortcut}"

    def save(self, *args: Any, **options: Any) -> None:
        self.shortcut_folded = _folded(self.shortcut)
        super().save(*args, **options)

    def clean(self) -> None:
        self.text = clean_text(self.text)
        if not is_visible(self.text):
            raise ValidationError({"text": _("There is nothing to see in this text.")})
        if unknown := unknown_in(self.text):
            raise ValidationError({"text": _("Nothing is known as %(names)s.") % {"names": ", ".join(unknown)}})
        same = CannedReply.objects.filter(
            shortcut_folded=_folded(self.shortcut), language=self.language, owner=self.owner
        )
        if same.exclude(pk=self.pk).exists():
            raise ValidationError({"shortcut": _("There is one with this shortcut in this language.")})
        if self.pk is None and self.owner and CannedReply.objects.filter(owner=self.owner).count() >= OWN_MOST:
            raise ValidationError(_("You have %(n)s replies of your own: delete some first.") % {"n": OWN_MOST})


def _folded(shortcut: str) -> str:
    return fold(shortcut)[: SHORTCUT_MAX * 4]
