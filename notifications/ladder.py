"""What happens to a notification that its recipient could not be given. One place, so that it can be widened."""

import logging

from notifications.models import OutboxMessage

log = logging.getLogger(__name__)


def on_exhausted(message: OutboxMessage) -> None:
    """Called once per delivery that ended as `failed` or `blocked`, in the transaction that ends it.

    Whatever should still reach somebody (another operator, a group, another channel) is enqueued from here; the
    transaction makes it happen exactly when the failure is recorded.
    """
    log.error(
        "notification not delivered",
        extra={
            "notification_id": message.pk,
            "kind": message.kind,
            "admin_id": message.admin_id,
            "state": str(message.state),
            "attempts": message.attempts,
            "error": message.last_error,
        },
    )
