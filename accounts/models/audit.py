"""The audit trail: rows are added and never changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn

from django.db import models
from django.utils.translation import gettext_lazy as _


class AppendOnlyError(TypeError):
    """Somebody tried to change or delete what happened."""

    def __init__(self) -> None:
        super().__init__("Audit events are append-only.")


class AppendOnlyQuerySet(models.QuerySet["AuditEvent"]):
    """Reads and adds; every road that changes or deletes rows raises."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError

    def delete(self) -> NoReturn:
        raise AppendOnlyError

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError

    def update_or_create(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError

    def _raw_delete(self, using: str | None) -> NoReturn:
        raise AppendOnlyError

    def bulk_create(self, objs: Iterable[AuditEvent], *args: Any, **kwargs: Any) -> list[AuditEvent]:
        if kwargs.get("update_conflicts"):
            raise AppendOnlyError
        return super().bulk_create(objs, *args, **kwargs)


class AuditEvent(models.Model):
    """One thing that happened to an account. `actor` is the adminId as text, so that it outlives the operator."""

    class Kind(models.TextChoices):
        OTP_REQUESTED = "otp_requested", _("code requested")
        OTP_ISSUED = "otp_issued", _("code printed by a command")
        LOGIN = "login", _("signed in")
        LOGOUT = "logout", _("signed out")
        FAILED_CODE = "failed_code", _("wrong code")
        LOCKOUT = "lockout", _("locked out")
        SESSION_REVOKED = "session_revoked", _("session revoked")
        TOKEN_USED = "token_used", _("token used on a socket")
        OPERATOR_CREATED = "operator_created", _("operator created")
        OPERATOR_CHANGED = "operator_changed", _("operator changed")
        OPERATOR_DELETED = "operator_deleted", _("operator deleted")
        CUSTOMER_BLOCKED = "customer_blocked", _("customer blocked")
        CUSTOMER_UNBLOCKED = "customer_unblocked", _("block lifted")
        MAINTENANCE_SWITCHED = "maintenance_switched", _("maintenance switched")
        LINE_CREATED = "line_created", _("department created")
        LINE_CHANGED = "line_changed", _("department changed")
        LINE_DELETED = "line_deleted", _("department deleted")
        SITE_CREATED = "site_created", _("site created")
        SITE_CHANGED = "site_changed", _("site changed")
        SITE_DELETED = "site_deleted", _("site deleted")
        FLOOR_STEP = "floor_step", _("supervisor stepped in")
        FILE_DELETED = "file_deleted", _("file deleted")
        MESSAGE_TAKEN = "message_taken", _("message taken")
        MESSAGE_ANSWERED = "message_answered", _("message answered")
        MESSAGE_DONE = "message_done", _("message done")
        MESSAGE_REOPENED = "message_reopened", _("message opened again")
        MESSAGE_DELETED = "message_deleted", _("message deleted")
        APPOINTMENT_TAKEN = "appointment_taken", _("appointment taken")
        APPOINTMENT_GIVEN_BACK = "appointment_given_back", _("appointment given back")
        APPOINTMENT_CANCELLED = "appointment_cancelled", _("appointment cancelled")
        APPOINTMENT_DELETED = "appointment_deleted", _("appointment deleted")
        PERSON_EXPORTED = "person_exported", _("a person's data exported")
        PERSON_ERASED = "person_erased", _("a person's data erased")
        HISTORY_ANONYMISED = "history_anonymised", _("old history anonymised")

    kind = models.CharField(_("event"), max_length=32, choices=Kind)
    actor = models.CharField(_("admin ID"), max_length=64, db_index=True, blank=True)
    address = models.GenericIPAddressField(_("address"), null=True)
    user_agent = models.CharField(_("browser"), max_length=255, blank=True)
    session = models.CharField(_("session"), max_length=12, blank=True, help_text=_("First part of the hash."))
    request_id = models.CharField(_("request ID"), max_length=64, blank=True)
    detail = models.JSONField(_("detail"), default=dict, blank=True)
    created = models.DateTimeField(_("time"), auto_now_add=True, db_index=True)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit trail")
        ordering = ("-created", "-id")
        # Django's own deletion collector and relations go through this manager as well.
        base_manager_name = "objects"
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.created:%Y-%m-%d %H:%M:%S} {self.kind} {self.actor}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding or kwargs.get("force_update") or kwargs.get("update_fields"):
            raise AppendOnlyError
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError
