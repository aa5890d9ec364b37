"""What the admin says about one delivery: to whom, how it went, what happens next."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from notifications.models import OPEN_STATES, Channel, OutboxMessage, State, Tier
from notifications.policy import MAX_ATTEMPTS
from notifications.sending.outbox import ONCE

GIVEN_UP = (State.FAILED, State.BLOCKED)
TONES = {
    State.PENDING: "info",
    State.SENDING: "info",
    State.SENT: "good",
    State.LOGGED: "warning",
    State.RETRYING: "warning",
    State.FAILED: "bad",
    State.BLOCKED: "bad",
    State.REFUSED: "warning",
}


def badge(message: OutboxMessage) -> SafeString:
    """The state as a coloured word."""
    by_fallback = message.channel == Channel.FALLBACK and message.state == State.SENT
    text = _("sent by the fallback") if by_fallback else message.get_state_display()
    tone = TONES.get(State(message.state), "plain")
    return format_html('<span class="ad-pill" data-tone="{}" data-state="{}">{}</span>', tone, message.state, text)


def receipt(message: OutboxMessage) -> SafeString:
    """The state, and below it when, how often, why, and what follows."""
    return format_html('{}<span class="ad-receipt-detail">{}</span>', badge(message), " · ".join(_details(message)))


def recipient(message: OutboxMessage) -> SafeString:
    """Who, on which step, and in which chat or by which service."""
    step = message.get_tier_display() if message.tier else ""
    if message.channel in (Channel.EMAIL, Channel.CHAT):
        return format_html("<strong>{}</strong>", _("customer"))
    if message.channel == Channel.PUSH:
        return format_html(
            '<strong>{}</strong><span class="ad-receipt-detail">{}</span>',
            message.admin_id or _("customer"),
            _("browser"),
        )
    name = message.admin_id or (step if message.tier in (Tier.GROUP, Tier.FALLBACK) else _("nobody"))
    below = [part for part in (step, message.chat_id) if part and part != name]
    return format_html('<strong>{}</strong><span class="ad-receipt-detail">{}</span>', name, " · ".join(below))


def may_be_sent_again(message: OutboxMessage) -> bool:
    """Whether `services.resend` would take it: it has ended, and its text is not gone."""
    return message.state not in OPEN_STATES and message.kind not in ONCE


def _details(message: OutboxMessage) -> list[str]:
    parts = []
    if message.sent_at:
        parts.append(moment(message.sent_at))
    if message.state == State.RETRYING:
        parts.append(_("next attempt %(time)s") % {"time": moment(message.next_at)})
    if message.attempts > 1 or (message.attempts and message.state != State.SENT):
        parts.append(_("attempt %(count)d of %(most)d") % {"count": message.attempts, "most": MAX_ATTEMPTS})
    if message.last_error:
        parts.append(message.last_error)
    if message.state in GIVEN_UP and message.card and message.card.tier not in ("", message.tier):
        parts.append(_("escalated to: %(step)s") % {"step": message.card.get_tier_display()})
    return parts


def moment(at: datetime) -> str:
    """The time of day, with the date when that is not today."""
    local = timezone.localtime(at)
    return date_format(local, "H:i:s" if local.date() == timezone.localdate() else "SHORT_DATETIME_FORMAT")
