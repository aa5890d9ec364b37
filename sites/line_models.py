"""The tables of lines (departments) and of who serves them."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from infra.writing import language
from sites.lines import LEVELS, LINE_KEY_FORM, LINES_MOST, PRIORITY_MAX, LineProfile
from sites.questions import CHOICE_MOST, words_of

WRAP_UP_MOST_SECS = 3600
KEYS_TAKEN = ("default",)
"""What the metrics and addresses of the history call the default line."""


class Line(models.Model):
    """A line: customers wait in it for whoever serves it. There is one without any row, the default line, which those
    serve who serve no other."""

    key = models.SlugField(
        _("key"),
        max_length=32,
        unique=True,
        validators=[RegexValidator(f"^{LINE_KEY_FORM}$", _("Small letters of English, digits and - only."))],
        help_text=_("As the tag of a page names it: data-line. It stays as it is."),
    )
    # Language → name, as customers read it.
    names = models.JSONField(_("names"), default=dict)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    priority = models.PositiveSmallIntegerField(
        _("priority"),
        default=0,
        validators=[MaxValueValidator(PRIORITY_MAX)],
        help_text=_("0 to 3, the highest comes first where somebody serves several departments."),
    )
    wrap_up_secs = models.PositiveIntegerField(
        _("wrap-up in seconds"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(WRAP_UP_MOST_SECS)],
        help_text=_("Pause after a conversation of this department. Leave empty for the usual one."),
    )

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ("position", "key")

    def __str__(self) -> str:
        return self.line().name(language.default())

    def clean(self) -> None:
        if self.key in KEYS_TAKEN:
            raise ValidationError({"key": _("This word means those who wait in no department. Choose another one.")})
        if self.pk is None and Line.objects.count() >= LINES_MOST:
            raise ValidationError(_("There are %(n)s departments already: delete one first.") % {"n": LINES_MOST})

    def line(self) -> LineProfile:
        """As pages, joins and the queue use it."""
        members = {one.operator.get_username(): one.level for one in self.members.all()} if self.pk else {}
        return LineProfile(
            self.key, words_of(self.names, CHOICE_MOST), min(self.priority, PRIORITY_MAX), self.wrap_up_secs, members
        )


class Member(models.Model):
    """An operator who serves a line."""

    line = models.ForeignKey(Line, on_delete=models.CASCADE, related_name="members")
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("operator")
    )
    level = models.PositiveSmallIntegerField(
        _("level"),
        choices=[(level, str(level)) for level in LEVELS],
        default=LEVELS[0],
        help_text=_("1 is asked first, 3 when nobody else is free."),
    )

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ("level", "operator")
        constraints = (models.UniqueConstraint(fields=("line", "operator"), name="one_member_of_a_line"),)

    def __str__(self) -> str:
        return str(self.operator)
