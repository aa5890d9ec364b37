"""A file of a conversation, and where its content is."""

from __future__ import annotations

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from queueing.live.files import FileInfo
from queueing.models import Conversation

ID_MAX, NAME_MAX, KEY_MAX = 32, 120, 64
SHOWN_SIDE = 240
"""Longest side of a picture in a chat, CSS pixels; static/js/ui/shared/files/file-line.js has the same."""


def new_id() -> str:
    """22 characters of a URL; nobody can guess another one."""
    return secrets.token_urlsafe(16)


def thumb_of(stored: str) -> str:
    """Name of the thumbnail in the storage."""
    return f"{stored}.thumb"


def shown(pixels: int | None, *sides: int | None) -> int:
    """Of a side of a picture with these sides, in a chat or beside a message: its room is kept before it has come."""
    longest = max(side or 1 for side in sides)
    return max(1, round((pixels or 1) * min(1.0, SHOWN_SIDE / longest)))


class State(models.TextChoices):
    """receiving: its content is on the way, or was cut off. erased: so was who sent it, or it was too old."""

    RECEIVING = "receiving", _("On its way")
    READY = "ready", _("Ready")
    WAITING = "waiting", _("Waits for the virus scanner")
    REFUSED = "refused", _("Refused by the virus scanner")
    ERASED = "erased", _("Erased")


SEEN = (State.READY, State.WAITING, State.REFUSED)
"""States in which the two sides of a conversation know of it."""


class File(models.Model):
    """The row comes before the content and goes after it, so that content without a row cannot be: whatever breaks off
    in between, `desk.files.sweep` finds by the row.

    `stored` is the name of the content in the storage, empty once that is gone; the thumbnail's is made of it.
    """

    class Side(models.TextChoices):
        CUSTOMER = "customer", _("Customer")
        OPERATOR = "operator", _("Operator")

    id = models.CharField(primary_key=True, max_length=ID_MAX, default=new_id)
    # The journal may tell of the conversation after its first file has come.
    conversation = models.ForeignKey(
        Conversation,
        verbose_name=_("conversation"),
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="files",
    )
    side = models.CharField(_("from"), max_length=8, choices=Side.choices)
    sent_by = models.CharField(_("operator's adminId"), max_length=64, blank=True)
    upload_key = models.CharField(max_length=KEY_MAX, null=True, editable=False)  # noqa: DJ001 - unique where there is one
    name = models.CharField(_("name"), max_length=NAME_MAX, blank=True)
    size = models.PositiveBigIntegerField(_("size"))
    mime = models.CharField(_("type"), max_length=100, blank=True)
    width = models.PositiveIntegerField(null=True, editable=False)
    height = models.PositiveIntegerField(null=True, editable=False)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.RECEIVING, db_index=True)
    found = models.CharField(_("what the scanner found"), max_length=200, blank=True)
    stored = models.CharField(max_length=100, blank=True, editable=False)
    created_at = models.DateTimeField(_("sent"), auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        ordering = ("-created_at", "id")
        default_permissions = ("view", "delete")
        constraints = (
            models.UniqueConstraint(fields=("conversation", "side", "upload_key"), name="one_file_for_an_upload"),
        )

    def __str__(self) -> str:
        return self.name or self.id

    @property
    def letter(self) -> str:
        """The side as the live state names it."""
        return self.side[0]

    @property
    def thumb(self) -> str:
        """Name of the thumbnail in the storage; empty for what is no picture."""
        return thumb_of(self.stored) if self.stored and self.width else ""

    @property
    def thumb_width(self) -> int:
        return shown(self.width, self.width, self.height)

    @property
    def thumb_height(self) -> int:
        return shown(self.height, self.width, self.height)

    def info(self) -> FileInfo:
        """What both sides know of it, in one of the states of SEEN."""
        return FileInfo(
            id=self.pk,
            name=self.name,
            size=self.size,
            mime=self.mime,
            state=self.state,  # type: ignore[arg-type]
            width=self.width,
            height=self.height,
        )
