"""Refusals of the queue, with sentences that say what to do."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infra.errors import DomainError

MESSAGES: dict[str, Any] = {
    "replaced": gettext_lazy("This conversation was opened elsewhere. Continue there, or reload this page."),
    "lapsed": gettext_lazy("The connection was lost. Reconnect; your place or your call is kept for a while."),
    "wrong_conversation": gettext_lazy("That conversation is not your current one. Nothing was sent."),
    "not_in_call": gettext_lazy("You are not in a conversation now. Wait until you are connected."),
    "bad_ack": gettext_lazy("That number was never sent to you. Acknowledge what you have received."),
    "resync": gettext_lazy("Older frames are no longer kept. Reconnect to get the present state."),
    "unknown": gettext_lazy("There is no such conversation. Join the queue again."),
    "taken": gettext_lazy("Somebody else has taken this customer, or the customer has left."),
    "away": gettext_lazy("This customer has left the page and is called when it is their turn."),
    "busy": gettext_lazy("Finish your current conversation first."),
    "offline": gettext_lazy("Open the console first."),
    "transfer_off": gettext_lazy("Customers cannot be passed on here."),
    "transfer_self": gettext_lazy("You have this customer already. Choose somebody else."),
    "transfer_offline": gettext_lazy("This colleague takes no customers now. Choose somebody else."),
    "line_offline": gettext_lazy("Nobody else of this department takes customers now. Choose another one."),
    "transfer_taken": gettext_lazy("Somebody waits for this colleague already. Choose somebody else."),
    "moved": gettext_lazy("This has changed meanwhile: look at the floor again."),
    "off_shift": gettext_lazy("This operator takes no customers now."),
    "file_unknown": gettext_lazy("This file is no longer known here. Please attach it again."),
    "video_off": gettext_lazy("Video is switched off here. Choose a voice call or the chat."),
    "calls_off": gettext_lazy("Calls are switched off here. Go on in the chat."),
    "call_running": gettext_lazy("This conversation is a call already."),
    "invitation_over": gettext_lazy("That proposal of a call is no longer open. Propose one yourself if you like."),
    "invited_lately": gettext_lazy(
        "A call was declined a moment ago. Ask in the chat first, or try again a little later."
    ),
    "invited_often": gettext_lazy("You have proposed a call often enough in this conversation. Go on in the chat."),
    "not_waiting": gettext_lazy("You do not wait in the queue now."),
    "callbacks_full": gettext_lazy(
        "No more calls can be promised now. Please keep this page open: your place is kept."
    ),
    "early": gettext_lazy("The time that was chosen has not come yet."),
    "recovering": gettext_lazy("Customers are taking their old places again. Please try again in a few seconds."),
}


class QueueRefused(DomainError):
    """A customer is not taken in. `estimate` (seconds, `{low_s, high_s}`) says when to try again, when known.

    In maintenance, `message` is what people set for it, and `until` the planned end. Of one that is closed, `opens_at`
    says when customers are taken again (ms since 1970), when known.
    """

    def __init__(
        self,
        code: str,
        estimate: dict[str, int] | None = None,
        message: str | None = None,
        until: datetime | None = None,
        opens_at: int | None = None,
    ) -> None:
        retryable = code in ("full", "crowded", "maintenance")
        super().__init__(
            code,
            message or _sentence(code),
            retryable=retryable,
            retry_after=_retry_after(code, estimate, until) if retryable else None,
        )
        self.estimate = estimate
        self.opens_at = opens_at


def _sentence(code: str) -> str:
    return {
        "full": _("All places in the queue are taken. Please try again a little later."),
        "crowded": _(
            "Several people are waiting from your network already. Please try again when one of them has been served."
        ),
        "maintenance": _("Support is under maintenance and takes no new conversations. Please try again later."),
        "closed": _("Support is closed now. Please try again during opening hours."),
        "disabled": _("Nobody is free at the moment. Please try again later."),
        "blocked": _(
            "Your access to this support was blocked. If you think that is a mistake, contact us in another way."
        ),
    }[code]


def _retry_after(code: str, estimate: dict[str, int] | None, until: datetime | None) -> float:
    if until is not None:
        return float(max(30, min(600, round((until - timezone.now()).total_seconds()))))
    if code == "full" and estimate is not None:
        return float(max(30, min(600, estimate["low_s"])))
    return 60.0


def video_off() -> DomainError:
    return DomainError("video_off", str(MESSAGES["video_off"]))


def token_invalid() -> DomainError:
    return DomainError("token_invalid", _("This link to your place is not valid. Please join the queue again."))


def token_expired() -> DomainError:
    return DomainError("token_expired", _("Your place is no longer kept. Please join the queue again."))
