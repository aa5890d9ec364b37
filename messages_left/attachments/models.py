"""A file or a recording of a message."""

from __future__ import annotations

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from desk.files.models import NAME_MAX, shown, thumb_of

ID_MAX, DRAFT_MAX, KEY_MAX, SOURCE_MAX = 32, 32, 64, 32


def new_id() -> str:
    """Nobody can guess another one: who knows it may send it."""
    return secrets.token_hex(16)


class Kind(models.TextChoices):
    FILE = "file", _("File")
    VOICE = "voice", _("Voice message")
    VIDEO = "video", _("Video message")


class State(models.TextChoices):
    """receiving: on its way, or cut off. erased: its content is to go, and the row with it."""

    RECEIVING = "receiving", _("On its way")
    READY = "ready", _("Ready")
    WAITING = "waiting", _("Waits for the virus scanner")
    REFUSED = "refused", _("Refused by the virus scanner")
    ERASED = "erased", _("Erased")


SENDABLE = (State.READY, State.WAITING)


class Attachment(models.Model):
    """The row comes before the content and goes after it, so that content without a row cannot be.

    Until a message is sent with it, `draft` says by which permission it came, and `source` is a keyed digest of the
    network it came from; both are empty from then on. `seconds`: of a recording.
    """

    id = models.CharField(primary_key=True, max_length=ID_MAX, default=new_id)
    message = models.ForeignKey(
        "messages_left.Message",
        verbose_name=_("message"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="attachments",
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.FILE)
    draft = models.CharField(max_length=DRAFT_MAX, blank=True, editable=False)
    source = models.CharField(max_length=SOURCE_MAX, blank=True, editable=False)
    upload_key = models.CharField(max_length=KEY_MAX, null=True, unique=True, editable=False)  # noqa: DJ001 - unique where there is one
    name = models.CharField(_("name"), max_length=NAME_MAX, blank=True)
    size = models.PositiveBigIntegerField(_("size"))
    mime = models.CharField(_("type"), max_length=100, blank=True)
    width = models.PositiveIntegerField(null=True, editable=False)
    height = models.PositiveIntegerField(null=True, editable=False)
    seconds = models.PositiveIntegerField(null=True, editable=False)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.RECEIVING)
    found = models.CharField(_("what the scanner found"), max_length=200, blank=True)
    stored = models.CharField(max_length=100, blank=True, editable=False)
    created_at = models.DateTimeField(_("sent"), auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ("created_at", "id")
        default_permissions = ()

    def __str__(self) -> str:
        return self.name or self.id

    @property
    def thumb(self) -> str:
        """Name of the thumbnail in the storage; empty for what is no picture."""
        return thumb_of(self.stored) if self.stored and self.width else ""

    @property
    def ready(self) -> bool:
        return self.state == State.READY

    @property
    def clock(self) -> str:
        """ "1:07"."""
        minutes, seconds = divmod(self.seconds or 0, 60)
        return f"{minutes}:{seconds:02d}"

    @property
    def shown_width(self) -> int:
        return shown(self.width, self.width, self.height)

    @property
    def shown_height(self) -> int:
        return shown(self.height, self.width, self.height)


class Usage(models.Model):
    """One row: how many bytes all attachments take, those too whose content is still to go. Whoever adds one changes
    it in the same transaction, so of several at once no more are taken than there is room for."""

    ONLY = 1

    bytes = models.BigIntegerField(default=0)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.bytes)
