"""The answer to a frame that could not be handled: one error, or a close when it cannot go on."""

from __future__ import annotations

import logging

from django.utils.translation import gettext as _

from infra.errors import DomainError, StoreUnavailable
from signaling.connection.connection import Connection
from signaling.wire.parse import FrameError

logger = logging.getLogger(__name__)

BAD_FRAMES_A_MINUTE = 100


class Refusals:
    """The bad frames of one connection, and what each is told."""

    __slots__ = ("_connection", "_count", "_since")

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._count = 0
        self._since = 0.0

    def failed(self, error: Exception, ref: int | str | None) -> None:
        """Answers a frame that could not be handled; `ref` names it."""
        if isinstance(error, FrameError):
            self.refuse(error, error.ref)
        elif isinstance(error, DomainError):
            self.refuse(error, ref)
        else:
            kind = ref if isinstance(ref, str) else None
            logger.error("frame failed", exc_info=error, extra={"frame_type": kind})
            message = _("Something went wrong here; please try again.")
            self.refuse(DomainError("internal", message, retryable=True), ref)

    def refuse(self, error: DomainError, ref: int | str | None) -> None:
        """One error for one bad frame. A first frame that cannot be read, or a flood of bad ones, closes."""
        connection = self._connection
        if error.code == "replaced":
            connection.close_replaced()
        elif error.code == "lapsed":
            # Nobody took over, this process was given up: the page comes again and says where it was.
            connection.close(1012)
        elif not connection.greeted and isinstance(error, FrameError):
            connection.close(4400, error, ref)
        elif isinstance(error, StoreUnavailable) or not self._is_flood():
            connection.fail(error, ref)
        else:
            connection.close(4429, too_fast(60.0), ref)

    def _is_flood(self) -> bool:
        """Counts one more."""
        now = self._connection.heard_at
        if now - self._since > 60.0:
            self._since, self._count = now, 0
        self._count += 1
        return self._count > BAD_FRAMES_A_MINUTE


def too_fast(retry_after: float) -> DomainError:
    """`rate_limited`, with at least a tenth of a second to wait."""
    message = _("Too many messages at once. Please wait a moment.")
    return DomainError("rate_limited", message, retryable=True, retry_after=max(0.1, retry_after))
