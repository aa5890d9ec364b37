"""A time that a customer has chosen: to come, called, and what came of it."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from infra import mail
from infra.mail import ADDRESS_MOST
from infra.sealed import name_of
from infra.writing.catalogues import CODE_MAX
from infra.writing.folding import FoldedField
from queueing.admission import new_id as new_conversation
from queueing.history.models import Media
from sites.profile import KEY_MAX

ID_MAX, NAME_MAX, TOPIC_MAX, ZONE_MAX, PAGE_KEY_MAX = 32, 80, 300, 64, 64
ID_FORM = "[0-9a-f]{32}"


def mailbox_of(email: str) -> str:
    """What tells whose address it is, and nothing else."""
    digest = salted_hmac("adminara.appointments", mail.mailbox_of(email), algorithm="sha256")
    return digest.hexdigest()[:32]


def new_id() -> str:
    return secrets.token_hex(16)


class State(models.TextChoices):
    BOOKED = "booked", _("To come")
    CALLED = "called", _("Called")
    MET = "met", _("Connected")
    MISSED = "missed", _("Missed")
    CANCELLED = "cancelled", _("Cancelled")


OPEN = (State.BOOKED, State.CALLED)
_IS_OPEN = Q(state__in=[State.BOOKED.value, State.CALLED.value])


class Appointment(models.Model):
    """`seat` tells apart who has the same time, `nth` the open times of one mailbox: both count from 0 to below what
    the settings allow, and no two that are open share one, so the database itself refuses what is one too many.

    `key`: a random word of the page, by which a repeated request is the same time. `mailbox`: digest of whose e-mail
    it is. `conversation`: the id that its conversation gets. `sequence` rises with each move (RFC 5545). `zone`: the
    customer's own. `origin`: of our page, to which links lead.
    `push`: the browser that is told beside the e-mail, sealed (queueing/callbacks/devices.py); it goes when the time is
    over.
    """

    id = models.CharField(primary_key=True, max_length=ID_MAX, default=new_id)
    key = models.CharField(max_length=PAGE_KEY_MAX, unique=True, editable=False)
    site = models.CharField(_("site"), max_length=KEY_MAX, blank=True)
    line = models.CharField(_("department"), max_length=KEY_MAX, blank=True)
    starts_at = models.DateTimeField(_("time"), db_index=True)
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    seat = models.PositiveSmallIntegerField(default=0, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.BOOKED)
    name = models.CharField(_("name"), max_length=NAME_MAX, blank=True)
    email = models.CharField(_("e-mail"), max_length=ADDRESS_MOST, blank=True)
    mailbox = models.CharField(max_length=32, blank=True, editable=False)
    nth = models.PositiveSmallIntegerField(default=0, editable=False)
    topic = models.CharField(_("topic"), max_length=TOPIC_MAX, blank=True)
    media = models.CharField(_("kind"), max_length=8, choices=Media.choices, default=Media.CHAT)
    language = models.CharField(_("language"), max_length=CODE_MAX)
    zone = models.CharField(_("customer's time zone"), max_length=ZONE_MAX, blank=True)
    origin = models.CharField(max_length=300, blank=True, editable=False)
    push = models.TextField(blank=True, default="", db_default="", editable=False)
    conversation = models.CharField(
        _("conversation"), max_length=32, unique=True, default=new_conversation, editable=False
    )
    sequence = models.PositiveSmallIntegerField(default=0, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    admin_id = models.CharField(_("owner's adminId"), max_length=64, blank=True, editable=False)
    booked_at = models.DateTimeField(_("chosen"), default=timezone.now)
    reminded_at = models.DateTimeField(_("reminded"), null=True, blank=True)
    called_at = models.DateTimeField(_("called"), null=True, blank=True)
    over_at = models.DateTimeField(_("over"), null=True, blank=True)
    erased_at = models.DateTimeField(_("personal data erased"), null=True, blank=True, editable=False)
    folded = FoldedField("name", "email", "topic")

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        ordering = ("starts_at", "id")
        default_permissions = ("view", "change", "delete")
        indexes = (models.Index(fields=["state", "starts_at"], name="appointment_due"),)
        constraints = (
            models.UniqueConstraint(fields=["site", "starts_at", "seat"], condition=_IS_OPEN, name="appointment_seat"),
            models.UniqueConstraint(
                fields=["mailbox", "nth"], condition=_IS_OPEN & ~Q(mailbox=""), name="appointment_of_mailbox"
            ),
        )

    def __str__(self) -> str:
        return self.name or self.email or self.pk

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def browser(self) -> str:
        """A name for it that tells it from another one, and nothing else."""
        return name_of(self.push)

    @property
    def owner_name(self) -> str:
        return str(self.owner) if self.owner else self.admin_id

    @property
    def is_open(self) -> bool:
        return self.state in OPEN
