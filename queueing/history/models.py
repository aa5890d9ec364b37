"""History: what the journal told. Live state is in Redis; nothing here decides anything.

Every row follows from journal entries and can be written again without harm: `entry_id` (the id of the stream entry)
is unique, and a conversation's fields only move forward.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _

from infra.writing.folding import FoldedField
from sites.profile import KEY_MAX

ENTRY_ORDER = (Length("entry_id"), models.F("entry_id"))
"""The order of the journal, for what happened in one millisecond. An id of the stream is `<ms>-<number>`: the longer
one is later, and of two as long the text decides. The key of a row does not tell: an entry that was set aside is
recorded after those that came behind it."""
PERSON_MAX = 128
"""Characters of a signed identity's `sub` (queueing/identity.py)."""


class Status(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    ACTIVE = "active", _("In conversation")
    ENDED = "ended", _("Ended")


class Media(models.TextChoices):
    VIDEO = "video", _("Video")
    AUDIO = "audio", _("Audio")
    CHAT = "chat", _("Chat")


class Conversation(models.Model):
    """One customer's way from joining the queue to the end. The id is the public one, not the customer's secret."""

    id = models.CharField(_("conversation"), primary_key=True, max_length=32)
    name = models.CharField(_("customer"), max_length=120, blank=True)
    topic = models.CharField(_("topic"), max_length=300, blank=True)
    locale = models.CharField(_("language"), max_length=35, blank=True)
    # The key; of the default site it is empty. The default in the database is for a release before this column.
    site = models.CharField(_("site"), max_length=KEY_MAX, blank=True, default="", db_default="")
    # The last one that it waited in; as of `site`.
    line = models.CharField(_("department"), max_length=KEY_MAX, blank=True, default="", db_default="")
    media = models.CharField(_("media"), max_length=8, choices=Media.choices, default=Media.VIDEO)
    attributes = models.JSONField(_("attributes"), default=dict, blank=True)
    # Who the site has signed that it is; once more, since conversations are looked for by it.
    person = models.CharField(_("person"), max_length=PERSON_MAX, blank=True, default="", db_default="", db_index=True)
    # See queueing/visit.py; besides what it names `browser` and `system`.
    visit = models.JSONField(_("visit"), default=dict, db_default={}, blank=True)
    device_check = models.JSONField(_("device check"), default=dict, db_default={}, blank=True)
    # To the questions before: [{key, kind, value, label?, link?}]. The default in the database: as of `site`.
    answers = models.JSONField(_("answers"), default=list, blank=True, db_default=[])
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.WAITING, db_index=True)
    joined_at = models.DateTimeField(_("joined"), db_index=True)
    claimed_at = models.DateTimeField(_("claimed"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    reason = models.CharField(_("reason of the end"), max_length=64, blank=True)
    ended_by = models.CharField(_("ended by"), max_length=16, blank=True)
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("operator"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="conversations",
    )
    admin_id = models.CharField(_("operator's adminId"), max_length=64, blank=True)
    promised_low_s = models.PositiveIntegerField(_("promised wait, least (s)"), null=True, blank=True)
    promised_high_s = models.PositiveIntegerField(_("promised wait, most (s)"), null=True, blank=True)
    anonymised_at = models.DateTimeField(_("personal data erased"), null=True, blank=True, db_index=True)
    # Filled when the conversation ends, from its events and samples (queueing/history/recording/call_stats.py).
    reconnects = models.PositiveIntegerField(_("interruptions"), default=0)
    attempts = models.PositiveIntegerField(_("attempts to reconnect"), default=0)
    interrupted_s = models.FloatField(_("interrupted (s)"), default=0.0)
    worst_rung = models.PositiveSmallIntegerField(_("lowest step"), null=True, blank=True)
    mean_rtt_ms = models.FloatField(_("mean round trip (ms)"), null=True, blank=True)
    mean_quality = models.FloatField(_("mean quality (1 to 5)"), null=True, blank=True)
    region_customer = models.CharField(_("customer's TURN region"), max_length=64, blank=True)
    region_operator = models.CharField(_("operator's TURN region"), max_length=64, blank=True)
    had_trouble = models.BooleanField(_("had trouble"), default=False, db_index=True)
    folded = FoldedField("name", "topic")

    class Meta:
        ordering = ("-joined_at",)
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        permissions = (("supervise_floor", "Can see the whole floor and act on it"),)

    def __str__(self) -> str:
        return f"{self.name or self.id} ({self.get_status_display()})"

    @property
    def waited_s(self) -> float | None:
        """Seconds in the queue; None while it lasts."""
        end = self.claimed_at or self.ended_at
        return _seconds(end, self.joined_at) if end else None

    @property
    def duration_s(self) -> float | None:
        """Seconds with the operator; None before and during the call."""
        return _seconds(self.ended_at, self.claimed_at) if self.ended_at and self.claimed_at else None


def person_in(attributes: Mapping[str, Any]) -> str:
    """Who the site has signed that the customer is; empty where it has signed nothing."""
    signed = attributes.get("identity")
    sub = signed.get("sub", "") if isinstance(signed, dict) else ""
    return sub if isinstance(sub, str) and len(sub) <= PERSON_MAX else ""


def _seconds(end: datetime, begin: datetime) -> float:
    """Never below 0: after a failover the clock of the new Redis may be behind."""
    return max(0.0, (end - begin).total_seconds())


class ConversationEvent(models.Model):
    """One transition, as the journal has it: the conversation's timeline."""

    conversation = models.ForeignKey(
        Conversation, verbose_name=_("conversation"), on_delete=models.CASCADE, related_name="events"
    )
    entry_id = models.CharField(_("journal entry"), max_length=40, unique=True)
    kind = models.CharField(_("event"), max_length=32)
    at = models.DateTimeField(_("time"))
    data = models.JSONField(_("data"), default=dict)

    class Meta:
        ordering = ("at", *ENTRY_ORDER)
        verbose_name = _("event")
        verbose_name_plural = _("events")

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%H:%M:%S}"


class ChatMessage(models.Model):
    """One chat line, exactly once. A line that a wiped Redis had forgotten is sent again and has a second entry in the
    journal: it is known by the sender's own number and its text (a page that was loaded anew counts from 1 again)."""

    class Sender(models.TextChoices):
        CUSTOMER = "customer", _("Customer")
        OPERATOR = "operator", _("Operator")

    conversation = models.ForeignKey(
        Conversation, verbose_name=_("conversation"), on_delete=models.CASCADE, related_name="messages"
    )
    entry_id = models.CharField(_("journal entry"), max_length=40, unique=True)
    sender = models.CharField(_("from"), max_length=8, choices=Sender.choices)
    number = models.PositiveBigIntegerField(null=True, editable=False)
    text = models.TextField(_("text"), blank=True)
    # What was shared with it, as it was called then; the file itself is kept by desk/files.
    file_id = models.CharField(max_length=32, blank=True, default="", editable=False, db_index=True)
    file_name = models.CharField(_("file"), max_length=160, blank=True, default="")
    file_size = models.PositiveBigIntegerField(_("size"), null=True, blank=True)
    sent_at = models.DateTimeField(_("time"))
    folded = FoldedField("text")

    class Meta:
        ordering = ("sent_at", *ENTRY_ORDER)
        verbose_name = _("chat message")
        verbose_name_plural = _("chat messages")

    def __str__(self) -> str:
        return f"{self.get_sender_display()}: {self.text[:40]}"


class CallSample(models.Model):
    """The figures of one side of a call at a moment, as its page measured them: a compact choice of its `call:stats`.

    Only what was measured is set. `quality` is a mean opinion score (1 to 5), `rung` how far the side had cut back what
    it sends (0: not at all).
    """

    class Side(models.TextChoices):
        CUSTOMER = "customer", _("Customer")
        OPERATOR = "operator", _("Operator")

    conversation = models.ForeignKey(
        Conversation, verbose_name=_("conversation"), on_delete=models.CASCADE, related_name="samples"
    )
    entry_id = models.CharField(_("journal entry"), max_length=40, unique=True)
    side = models.CharField(_("side"), max_length=8, choices=Side.choices)
    at = models.DateTimeField(_("time"))
    rtt_ms = models.FloatField(_("round trip (ms)"), null=True, blank=True)
    jitter_ms = models.FloatField(_("jitter (ms)"), null=True, blank=True)
    loss_pct = models.FloatField(_("loss (%)"), null=True, blank=True)
    bitrate_kbps = models.FloatField(_("bit rate (kbit/s)"), null=True, blank=True)
    quality = models.FloatField(_("quality (1 to 5)"), null=True, blank=True)
    rung = models.PositiveSmallIntegerField(_("rung"), null=True, blank=True)
    region = models.CharField(_("TURN region"), max_length=64, blank=True)
    candidate_type = models.CharField(_("candidate type"), max_length=64, blank=True)
    codec = models.CharField(_("codec"), max_length=64, blank=True)

    class Meta:
        ordering = ("at", *ENTRY_ORDER)
        verbose_name = _("call sample")
        verbose_name_plural = _("call samples")

    def __str__(self) -> str:
        return f"{self.get_side_display()} {self.at:%H:%M:%S}"
