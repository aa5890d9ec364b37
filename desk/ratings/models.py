"""Ratings."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from queueing.history.models import Conversation

COMMENT_MAX = 1000


class Score(models.IntegerChoices):
    VERY_BAD = 1, _("Very bad")
    BAD = 2, _("Bad")
    FAIR = 3, _("Fair")
    GOOD = 4, _("Good")
    VERY_GOOD = 5, _("Very good")


class Rating(models.Model):
    """What the customer says of one conversation; the comment is as they wrote it, cleaned of what nobody can see."""

    conversation = models.OneToOneField(
        Conversation, verbose_name=_("conversation"), primary_key=True, on_delete=models.CASCADE, related_name="rating"
    )
    score = models.PositiveSmallIntegerField(_("rating"), choices=Score)
    comment = models.TextField(_("comment"), max_length=COMMENT_MAX, blank=True)
    given_at = models.DateTimeField(_("given"), default=timezone.now, db_index=True)
    changed_at = models.DateTimeField(_("last changed"), auto_now=True)

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        constraints = (models.CheckConstraint(condition=models.Q(score__range=(1, 5)), name="rating_from_1_to_5"),)

    def __str__(self) -> str:
        return f"{self.score} / {max(Score)}"
