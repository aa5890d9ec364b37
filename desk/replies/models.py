"""Canned replies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from desk.replies.variables import unknown_in
from infra.writing import language as spoken
from infra.writing.catalogues import CODE_MAX
from infra.writing.folding import FoldedField, fold
from infra.writing.text import clean_text, is_visible

if TYPE_CHECKING:
    Text = models.CharField[str, str]
else:  # generic for the type checker only
    Text = models.CharField

SHORTCUT_MAX = 32
TEXT_MAX = 3_500
"""Less than a line of chat: there is room for what its places become."""
MOST_USED_FIRST = ("-used", "shortcut_folded", "id")
OWN_MOST = 500
"""Replies of one operator's own."""
USES_MOST = 500
"""Uses in one conversation that are kept."""


class ShortcutField(Text):
    """Some keyboards and file systems write a letter and its mark as two."""

    def to_python(self, value: Any) -> Any:
        return normalize("NFC", value) if isinstance(value, str) else super().to_python(value)

    def deconstruct(self) -> Any:
        name, _path, arguments, options = super().deconstruct()
        return name, "django.db.models.CharField", arguments, options


class CannedReply(models.Model):
    """Something said often. Without an `owner` it is everybody's, without a `language` it is for every customer."""

    shortcut = ShortcutField(
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
        ordering = MOST_USED_FIRST
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
        self.shortcut_folded = folded(self.shortcut)
        super().save(*args, **options)

    def clean(self) -> None:
        self.text = clean_text(self.text)
        if not is_visible(self.text):
            raise ValidationError({"text": _("There is nothing to see in this text.")})
        if unknown := unknown_in(self.text):
            raise ValidationError({"text": _("Nothing is known as %(names)s.") % {"names": ", ".join(unknown)}})
        same = CannedReply.objects.filter(
            shortcut_folded=folded(self.shortcut), language=self.language, owner=self.owner
        )
        if same.exclude(pk=self.pk).exists():
            raise ValidationError({"shortcut": _("There is one with this shortcut in this language.")})
        own = CannedReply.objects.filter(owner=self.owner).exclude(pk=self.pk)
        if self.owner and own.count() >= OWN_MOST:
            raise ValidationError(_("You have %(n)s replies of your own: delete some first.") % {"n": OWN_MOST})


class ReplyUse(models.Model):
    """A reply that was taken in a conversation. Its shortcut is kept, since replies go and conversations stay."""

    conversation = models.ForeignKey(
        "queueing.Conversation", verbose_name=_("conversation"), on_delete=models.CASCADE, related_name="reply_uses"
    )
    reply = models.ForeignKey(
        CannedReply,
        verbose_name=_("canned reply"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="uses",
    )
    shortcut = models.CharField(_("shortcut"), max_length=SHORTCUT_MAX)
    at = models.DateTimeField(_("time"), auto_now_add=True)

    class Meta:
        verbose_name = _("use of a canned reply")
        verbose_name_plural = _("uses of canned replies")
        ordering = ("at", "id")

    def __str__(self) -> str:
        return f"/{self.shortcut}"


def folded(shortcut: str) -> str:
    """As its column has it, for what is typed too."""
    return fold(shortcut)[: SHORTCUT_MAX * 4]
