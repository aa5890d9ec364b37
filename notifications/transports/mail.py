"""E-mail by SMTP, with Django's backend. A send ends, one way or the other, after SEND_TIMEOUT_SECS."""

from __future__ import annotations

import smtplib
import socket
from contextlib import suppress
from threading import Timer
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from infra.mail import server_of
from notifications import policy
from notifications.content.letters import Letter
from notifications.transports.errors import DeliveryError

STEP_SECS = 5.0
"""A single answer of the server may take so long."""
CALENDAR_NAME = "invite.ics"
OF_A_MACHINE = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
"""No answer of a machine to it: nobody reads it."""


def configured() -> bool:
    """Whether there is a server to send with."""
    return bool(settings.MAIL_URL and settings.MAIL_FROM)


def send(address: str, letter: Letter, name: str) -> None:
    """Sends one letter. Raises DeliveryError; its text never repeats what the server says, which may name the address.

    `name` is the same for each attempt of one delivery and names the message, so that one which arrives twice, because
    the server's answer got lost, can be told.
    """
    message = EmailMessage(
        subject=letter.subject,
        body=letter.body,
        from_email=settings.MAIL_FROM,
        to=[address],
        reply_to=[settings.MAIL_REPLY_TO] if letter.answered and settings.MAIL_REPLY_TO else None,
        headers={
            "Message-ID": f"<{name}@{settings.MAIL_FROM.rpartition('@')[2].rstrip('>')}>",
            **({} if letter.answered else OF_A_MACHINE),
        },
    )
    if letter.calendar:
        message.attach(CALENDAR_NAME, letter.calendar, "text/calendar")
    backend = _Backend()
    late = Timer(policy.SEND_TIMEOUT_SECS, backend.cut)
    late.start()
    try:
        backend.open()
        backend.send_messages([message])
    except smtplib.SMTPException as error:
        raise _fault(error) from None
    except OSError as error:
        raise DeliveryError(f"the mail server was not reached ({type(error).__name__})") from None
    finally:
        # What was taken stays taken, however the server says goodbye.
        with suppress(OSError):
            backend.close()
        late.cancel()


class _Backend(EmailBackend):
    """Django's, that can be cut off from another thread: a server that drips its answers never runs into a timeout."""

    def __init__(self) -> None:
        server = server_of(settings.MAIL_URL)
        self._talk: Any = None
        super().__init__(
            host=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.tls == "starttls",
            use_ssl=server.tls == "tls",
            timeout=STEP_SECS,
        )

    @property
    def connection_class(self) -> Any:
        base: Any = super().connection_class
        backend = self

        class Watched(base):  # type: ignore[misc]  # one of two classes
            def __init__(self, *given: Any, **named: Any) -> None:
                backend._talk = self
                super().__init__(*given, **named)

        return Watched

    def cut(self) -> None:
        wire = getattr(self._talk, "sock", None)
        if wire is not None:
            with suppress(OSError):
                wire.shutdown(socket.SHUT_RDWR)


def _fault(error: smtplib.SMTPException) -> DeliveryError:
    """5xx about the recipient or the message is final; about ourselves (sign-in, sender) people can mend it."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = next(iter(error.recipients.values()))[0]
        return DeliveryError(
            f"the mail server refused the address ({code})", permanent=code >= 500, refused=code >= 500
        )
    if isinstance(error, smtplib.SMTPResponseException):
        final = isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500
        return DeliveryError(f"the mail server answered {error.smtp_code}", permanent=final)
    return DeliveryError(f"the mail server did not take it ({type(error).__name__})")
