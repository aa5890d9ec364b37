"""A promise to call somebody who waits: how they are reached, and what came of it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from infra.mail import ADDRESS_MOST
from infra.sealed import name_of
from infra.writing.catalogues import CODE_MAX
from queueing.history.models import Conversation


class Callback(models.Model):
    """One of a conversation, the last one that was asked for.

    `handle` (queueing/resume_handles.py) is what takes the place, bound to `origin`; `push`: the browser that is told,
    `chat`: theirs with the bot, both sealed (queueing/callbacks); `counts_for` are the digests by which it is bounded.
    They and the address go when the callback is over. `booked_for`: the time that its customer had chosen, of one that
    began with it. `calls` counts since it was asked for, `number` is that of the last call.
    """

    class State(models.TextChoices):
        OPEN = "open", _("open")
        CAME = "came", _("connected")
        CANCELLED = "cancelled", _("taken back")
        MISSED = "missed", _("missed")

    conversation = models.OneToOneField(
        Conversation,
        primary_key=True,
        verbose_name=_("conversation"),
        on_delete=models.CASCADE,
        related_name="callback",
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN, db_index=True)
    channel = models.CharField(_("channel"), max_length=8)
    email = models.CharField(_("e-mail"), max_length=ADDRESS_MOST, blank=True)
    language = models.CharField(_("language"), max_length=CODE_MAX)
    origin = models.CharField(max_length=300, blank=True, editable=False)
    handle = models.TextField(blank=True, editable=False)
    counts_for = models.JSONField(default=list, db_default=[], blank=True, editable=False)
    push = models.TextField(blank=True, default="", db_default="", editable=False)
    chat = models.TextField(blank=True, default="", db_default="", editable=False)
    calls = models.PositiveSmallIntegerField(_("calls"), default=0)
    number = models.PositiveSmallIntegerField(default=0, editable=False)
    asked_at = models.DateTimeField(_("asked for"))
    booked_for = models.DateTimeField(_("chosen time"), null=True, blank=True)
    over_at = models.DateTimeField(_("over"), null=True, blank=True)

    class Meta:
        verbose_name = _("callback")
        verbose_name_plural = _("callbacks")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.conversation_id}: {self.get_state_display()}"

    @property
    def browser(self) -> str:
        """A name for it that tells it from another one, and nothing else."""
        return name_of(self.push)

    @property
    def chat_name(self) -> str:
        """The same for the chat."""
        return name_of(self.chat)
