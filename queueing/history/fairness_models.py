"""The fairness log: whatever made somebody's turn come earlier or later than the queue alone would have."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from queueing.history.models import ENTRY_ORDER, Conversation


class FairnessEntry(models.Model):
    """One exception from "first come, first served", as seen by one customer.

    Both customers are kept by their numbers alone: whoever is asked about need not be in the history. `note` is what an
    operator wrote down, and goes with the customer's other words.
    """

    class Kind(models.TextChoices):
        SKIPPED = "skipped", _("Passed over, was away")
        KEPT = "kept", _("Passed over, held for somebody else")
        JUMPED = "jumped", _("Taken out of turn")
        URGENT = "urgent", _("Taken by priority")
        AHEAD = "ahead", _("Came back to the head of the queue")
        BOOKED = "booked", _("Came at a chosen time")
        TRANSFERRED = "transferred", _("Passed on")
        TAKEN_ON = "taken-on", _("Taken after being passed on")
        HOLD_OVER = "hold-over", _("Not taken by whom it was for")
        RETURNED = "returned", _("Not answered, back in the queue")
        SUPERVISED = "supervised", _("A supervisor stepped in")

    entry_id = models.CharField(_("journal entry"), max_length=40)
    kind = models.CharField(_("what happened"), max_length=16, choices=Kind.choices)
    at = models.DateTimeField(_("time"), db_index=True)
    conversation = models.ForeignKey(
        Conversation, verbose_name=_("customer"), on_delete=models.CASCADE, related_name="fairness",
        null=True, db_constraint=False,
    )  # fmt: skip
    other = models.ForeignKey(
        Conversation, verbose_name=_("who was taken instead"), on_delete=models.SET_NULL, related_name="+",
        null=True, blank=True, db_constraint=False,
    )  # fmt: skip
    admin_id = models.CharField(_("operator's adminId"), max_length=64, blank=True, db_index=True)
    act = models.CharField(_("step"), max_length=16, blank=True, default="", db_default="")
    to = models.CharField(_("to whom"), max_length=150, blank=True)
    places = models.PositiveIntegerField(_("customers passed"), null=True, blank=True)
    after_s = models.FloatField(_("after (s)"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        ordering = ("-at", *(part.desc() for part in ENTRY_ORDER), "-id")
        default_permissions = ("view",)
        verbose_name = _("entry of the fairness log")
        verbose_name_plural = _("fairness log")
        constraints = [
            models.UniqueConstraint(fields=("entry_id", "kind", "conversation"), name="queueing_fairness_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%H:%M:%S}"
