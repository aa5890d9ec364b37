"""Errors that a party outside may see: a code to branch on, a sentence to read, and whether trying again can
help.
"""

from typing import Any

from django.utils.translation import gettext as _


class DomainError(Exception):
    """A refusal with a stable `code`. `message` is already translated and says what to do; `retry_after` is
    in seconds.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        retryable: bool = False,
        retry_after: float | None = None,
        fields: dict[str, str] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.retryable = retryable
        self.retry_after = retry_after
        self.fields = fields

    def as_dict(self) -> dict[str, Any]:
        """The wire shape `{"code", "message", "retryable", "retry_after"?, "fields"?}`."""
        body: dict[str, Any] = {"code": self.code, "message": self.message, "retryable": self.retryable}
        if self.retry_after is not None:
            body["retry_after"] = self.retry_after
        if self.fields:
            body["fields"] = self.fields
        return body


class StoreUnavailable(DomainError):
    """Redis did not answer. Nothing can be decided without it; a client tries again after two seconds."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(
            "store_unavailable",
            message or _("Support is temporarily unavailable. Please try again in a moment."),
            retryable=True,
            retry_after=2.0,
        )


class ScriptFailed(DomainError):
    """A script of ours failed inside Redis: nothing was changed. Logged and counted where it is made."""

    def __init__(self) -> None:
        super().__init__(
            "internal",
            _("Something went wrong on our side. It has been recorded; please try again."),
            retryable=True,
        )


class DatabaseUnavailable(DomainError):
    """The database is locked or gone. Nothing was written; calls and the queue go on without it."""

    def __init__(self) -> None:
        super().__init__(
            "database_unavailable",
            _("This cannot be stored at the moment. Please try again in a few seconds."),
            retryable=True,
            retry_after=5.0,
        )
