"""The custom user: an operator who signs in with one-time codes and never with a password."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from infra.writing import language as spoken
from infra.writing.catalogues import CODE_MAX
from infra.writing.folding import FoldedField

ADMIN_ID_MAX = 64
ADMIN_ID_PATTERN = r"^[^\x00-\x1f\x7f|]+$"
"""No control characters, and no `|`, which separates names in live state."""


def validate_trimmed(value: str) -> None:
    """What is typed at sign-in is trimmed, so an adminId with spaces around it could never match."""
    if value != value.strip():
        raise ValidationError(_("Spaces at the beginning or end are not allowed."))


class OperatorManager(BaseUserManager["Operator"]):
    """Creates operators; every one has an unusable password."""

    def create_user(self, username: str, **fields: Any) -> Operator:
        operator = self.model(username=username.strip(), **fields)
        operator.set_unusable_password()
        operator.full_clean()
        operator.save(using=self._db)
        return operator

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> Operator:
        """For `createsuperuser`; a given password is dropped, because nothing would ever check it."""
        return self.create_user(username, **{**fields, "is_staff": True, "is_superuser": True})


class Operator(AbstractBaseUser, PermissionsMixin):
    """`username` is the adminId of the protocol: trimmed, at most 64 characters, case-sensitive."""

    username = models.CharField(
        _("admin ID"),
        max_length=ADMIN_ID_MAX,
        unique=True,
        validators=[RegexValidator(ADMIN_ID_PATTERN), validate_trimmed],
        help_text=_("The name this person signs in with; at most 64 characters."),
    )
    name = models.CharField(_("display name"), max_length=80, help_text=_("What customers see."))
    chat_id = models.CharField(
        _("Telegram chat ID"),
        max_length=64,
        blank=True,
        validators=[RegexValidator(r"^(-?\d{1,20}|@\w{4,40})(:\d{1,10})?$")],
        help_text=_("Where codes and notifications go: a number or @channel; append :17 for topic 17 of a group."),
    )
    language = models.CharField(_("language"), max_length=CODE_MAX, choices=spoken.choices, default=spoken.default)
    is_active = models.BooleanField(_("active"), default=True, help_text=_("Without it this person cannot sign in."))
    is_backup = models.BooleanField(
        _("backup"), default=False, help_text=_("Notified of customers only when the other operators do not come.")
    )
    is_staff = models.BooleanField(_("may open the console"), default=True)
    device_epoch = models.PositiveIntegerField(default=0, editable=False)
    """Browsers that signed in under an older one are no known devices any more (`accounts.askers`)."""
    date_joined = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    folded = FoldedField("username", "name")

    objects = OperatorManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("operator")
        verbose_name_plural = _("operators")
        ordering = ("username",)

    def __str__(self) -> str:
        return self.name or self.username

    @property
    def admin_id(self) -> str:
        """The protocol's name for `username`."""
        return self.username

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name or self.username
