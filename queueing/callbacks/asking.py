"""A callback that keeps the ticket: who waits asks to be told when it is nearly their turn, and may leave the page.

Whoever shows the conversation's token may ask. The link that is sent is a place link (`place_links`) of a longer life:
it takes the place, on whatever device it is opened. It goes by e-mail (`letters`), to the browser that asked
(`devices`), or on Telegram (`by_telegram`).
"""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from infra import mail
from infra.addresses import counted_as
from infra.errors import DomainError
from infra.redis import rates
from infra.redis.client import execute
from notifications.transports import telegram
from notifications.transports.mail import configured as letters_leave
from queueing import resume_handles, tokens
from queueing.callbacks import devices
from queueing.callbacks.devices import Device
from queueing.live import callbacks as live
from queueing.live.callbacks import Bound
from queueing.live.places import groups
from queueing.live.store import party_of

logger = logging.getLogger(__name__)

EACH = "6/minute"
"""Of one conversation."""
CLIENT = "60/hour"
"""Of one part of the network, refused ones included."""
PER_CONTACT = 2
"""Open at once for one address to write to, and for one browser."""
SPARE_SECS = 3600
"""A link outlives the longest wait by so much."""


def offered(*, embedded: bool = False) -> list[str]:
    """The ways by which somebody can be called here, in the page's words; none where nobody can. `embedded`: from a
    frame of another site, where browsers let nobody ask to be told."""
    by_telegram = settings.CALLBACKS_BY_TELEGRAM and telegram.configured()
    ways = {"email": letters_leave(), "push": not embedded, "telegram": by_telegram}
    return [way for way, is_open in ways.items() if is_open] if settings.ENABLE_CALLBACKS else []


def ask(
    token: str, address: str, origin: str, client_address: str, language: str, device: Device | None = None
) -> dict[str, Any]:
    """Promises to call who waits, by one way at least; charged before anything is read. Answers what the page shows.

    `origin`: of our hosted page, to which the link leads. Raises DomainError token_invalid, callbacks_off,
    rate_limited, address_invalid or schema (`fields`), not_waiting, callbacks_full; StoreUnavailable.
    """
    ticket = tokens.read(token)
    if not offered():
        raise DomainError("callbacks_off", _("Nobody can be called back here. Please keep this page open."))
    charge(ticket.conversation, client_address)
    to = checked(address) if address or device is None else ""
    if device is not None:
        devices.check(device)
    channel = "email" if device is None else "push"
    contact = {
        "channel": channel,
        "email": to,
        "push": "" if device is None else devices.seal(device),
        "language": language,
        "origin": origin,
        "handle": resume_handles.make(token, origin, link_secs()),
    }
    counted = bounds(to, device, client_address, ticket.site)
    execute(live.ask(ticket.conversation, channel, counted, contact))
    logger.info("callback asked for", extra={"conversation": ticket.conversation})
    return {"channel": channel, "address": to}


def charge(conversation: str, client_address: str) -> None:
    """Before anything is read. Raises DomainError rate_limited; StoreUnavailable."""
    counted = [
        rates.Counted("callback", party_of(conversation), EACH),
        rates.Counted("callback:client", counted_as(client_address), CLIENT),
    ]
    if wait_ms := execute(rates.count_all(counted)):
        raise rates.refusal(wait_ms, _("Too many requests at once. Please wait a moment."))


def checked(address: str) -> str:
    """The address as it is written to. Raises DomainError callbacks_off, address_invalid, rate_limited."""
    if not letters_leave():
        raise DomainError("callbacks_off", _("No e-mail leaves here. Please keep this page open."))
    try:
        to = mail.address(address)
    except ValueError:
        message = _("This is not an e-mail address that can be sent to.")
        raise DomainError("address_invalid", message, fields={"address": message}) from None
    # As for chats: strangers can be written to only so often.
    admit_letter(to)
    return to


def admit_letter(to: str) -> None:
    """Strangers can have somebody written to only so often. Raises DomainError rate_limited; StoreUnavailable."""
    limit = str(settings.MAIL_ADDRESS_LIMIT)
    if wait_ms := execute(rates.count(f"mail:address:{limit}", mail.mailbox_of(to), limit)):
        raise rates.refusal(wait_ms, _("This address was written to several times. Please wait before you ask again."))


def cancel(token: str) -> None:
    """The customer waits on the page instead. Raises DomainError token_invalid, rate_limited; StoreUnavailable."""
    conversation = tokens.read(token).conversation
    if wait_ms := execute(rates.count("callback", party_of(conversation), EACH)):
        raise rates.refusal(wait_ms, _("Too many requests at once. Please wait a moment."))
    execute(live.cancel(conversation))


def link_secs() -> int:
    """How long the link is good that takes a place."""
    return int(settings.CALLBACK_MAX_WAIT_SECS + 2 * settings.CALLBACK_HOLD_SECS) + SPARE_SECS


def bounds_of(address: str, site: str) -> list[Bound]:
    """What somebody counts for who is to be written to, and who is not here now."""
    return bounds(address, None, "", site)


def bounds(to: str, device: Device | None, client_address: str, site: str) -> list[Bound]:
    return _contacts(to, device) + _bounds(client_address, site)


def _contacts(to: str, device: Device | None) -> list[Bound]:
    by_mail = [Bound(f"m:{digest(mail.mailbox_of(to))}", PER_CONTACT)] if to else []
    by_push = [Bound(f"p:{digest(device.endpoint)}", PER_CONTACT)] if device else []
    return by_mail + by_push


def _bounds(client_address: str, site: str) -> list[Bound]:
    near = groups(client_address)[:1]
    return [
        *(Bound(f"a:{group}", settings.CALLBACKS_PER_ADDRESS) for group in near),
        Bound(f"s:{site}", settings.CALLBACKS_PER_SITE),
    ]


def digest(text: str) -> str:
    """By which a contact is counted, and not read."""
    return salted_hmac("adminara.callbacks", text, algorithm="sha256").hexdigest()[:24]
