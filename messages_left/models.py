"""A message that a customer left, as a piece of work: open, taken by somebody, done."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from infra.mail import ADDRESS_MOST
from infra.writing.catalogues import CODE_MAX
from infra.writing.folding import FoldedField
from messages_left.attachments.models import Attachment as Attachment  # Django looks for tables here
from messages_left.attachments.models import Usage as Usage
from queueing.history.models import PERSON_MAX
from sites.profile import KEY_MAX

ID_MAX, PAGE_KEY_MAX, NAME_MAX, PHONE_MAX, TEXT_MAX, NOTE_MAX = 32, 64, 80, 40, 3_000, 2_000


def new_id() -> str:
    """Nobody can guess another one. Letters and digits alone: the admin writes others differently in its addresses."""
    return secrets.token_hex(16)


class State(models.TextChoices):
    OPEN = "open", _("Open")
    TAKEN = "taken", _("Taken")
    DONE = "done", _("Done")


class Why(models.TextChoices):
    """The dead end that the customer had met, as their page calls it."""

    FULL = "full", _("The queue was full")
    CROWDED = "crowded", _("Several from one network")
    MAINTENANCE = "maintenance", _("Maintenance")
    CLOSED = "closed", _("Closed")
    DISABLED = "disabled", _("Switched off")
    UNSTAFFED = "unstaffed", _("Nobody on shift")
    TIMEOUT = "timeout", _("Waited too long")
    LOST = "lost", _("The conversation was cut off")
    UNAVAILABLE = "unavailable", _("Support was out of order")
    CALLBACK = "callback", _("Callback missed")
    OTHER = "other", _("Another reason")


class Message(models.Model):
    """`key` is a random word of the page: the same one again is the same message. `conversation` and `person` are
    known where the page could prove them: by its token, and by what its site has signed."""

    id = models.CharField(primary_key=True, max_length=ID_MAX, default=new_id)
    key = models.CharField(max_length=PAGE_KEY_MAX, unique=True, editable=False)
    why = models.CharField(_("reason"), max_length=16, choices=Why.choices, default=Why.OTHER)
    site = models.CharField(_("site"), max_length=KEY_MAX, blank=True)
    conversation = models.CharField(_("conversation"), max_length=64, blank=True, db_index=True, editable=False)
    person = models.CharField(_("person"), max_length=PERSON_MAX, blank=True, db_index=True, editable=False)
    language = models.CharField(_("language"), max_length=CODE_MAX)
    name = models.CharField(_("name"), max_length=NAME_MAX, blank=True)
    email = models.CharField(_("e-mail"), max_length=ADDRESS_MOST, blank=True)
    phone = models.CharField(_("phone"), max_length=PHONE_MAX, blank=True)
    text = models.TextField(_("text"), max_length=TEXT_MAX, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.OPEN)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    admin_id = models.CharField(_("owner's adminId"), max_length=64, blank=True, editable=False)
    note = models.TextField(_("note"), max_length=NOTE_MAX, blank=True)
    left_at = models.DateTimeField(_("left"), default=timezone.now, db_index=True)
    taken_at = models.DateTimeField(_("taken at"), null=True, blank=True)
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)
    erased_at = models.DateTimeField(_("personal data erased"), null=True, blank=True, editable=False)
    folded = FoldedField("name", "email", "phone", "text")

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ("-left_at", "id")
        default_permissions = ("view", "change", "delete")
        indexes = (models.Index(fields=["state", "left_at"], name="message_state_age"),)

    def __str__(self) -> str:
        return self.name or self.email or self.phone or self.pk

    @property
    def notification(self) -> str:
        """Under which name operators were told of it."""
        return f"message_left:{self.pk}"

    @property
    def owner_name(self) -> str:
        return str(self.owner) if self.owner else self.admin_id


class Reply(models.Model):
    """What an operator answered by e-mail. `notification` names its delivery in the outbox."""

    message = models.ForeignKey(Message, verbose_name=_("message"), on_delete=models.CASCADE, related_name="replies")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("author"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    admin_id = models.CharField(_("author's adminId"), max_length=64, blank=True)
    text = models.TextField(_("text"), max_length=TEXT_MAX, blank=True)
    notification = models.CharField(max_length=64, blank=True, editable=False)
    at = models.DateTimeField(_("written"), default=timezone.now)

    class Meta:
        verbose_name = _("reply")
        verbose_name_plural = _("replies")
        ordering = ("at", "id")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.message_id} · {self.at:%Y-%m-%d %H:%M}"

    @property
    def author_name(self) -> str:
        return str(self.author) if self.author else self.admin_id
