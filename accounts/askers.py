"""Which browser it is that asks for a code or answers with one: what its two cookies say.

* `otpNonce` (short life): set with the answer to a request for a code. The code, its tries and "a newer one voids the
  older" belong to it, so nobody else can void the code that is under way here.
* `knownDevice` (signed, long life): set by signing in. Such a browser has limits of its own: whoever uses up those of
  an adminId keeps no known device out. It opens nothing by itself. Signing out everywhere makes all of an operator's
  devices unknown (`Operator.device_epoch`).
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from accounts.clients import Client, client_of_request
from accounts.models import Operator

NONCE = re.compile(r"[A-Za-z0-9_-]{43}")
DEVICE_ID = re.compile(r"[A-Za-z0-9_-]{16}")
DEVICE_SECS = 180 * 86_400
MOST_OPERATORS = 4
"""How many operators one browser is remembered for: a desk that several share."""
COOKIE_MAX = 1024
SALT = "accounts.known-device"


@dataclass(frozen=True)
class Known:
    """One line of the device cookie: this browser has signed that operator in, in that epoch."""

    operator: int
    epoch: int
    device: str


@dataclass(frozen=True)
class Asker:
    """Somebody at the sign-in page. `browser` names the nonce in Redis; empty when none was brought along."""

    client: Client
    nonce: str = ""
    known: tuple[Known, ...] = field(default=())

    @property
    def browser(self) -> str:
        return salted_hmac("accounts.otp-nonce", self.nonce, algorithm="sha256").hexdigest()[:32] if self.nonce else ""

    def device(self, operator: Operator | None) -> str:
        """The name under which this browser is known for that operator, or empty."""
        if operator is None:
            return ""
        mine = (line for line in self.known if (line.operator, line.epoch) == (operator.pk, operator.device_epoch))
        return next((line.device for line in mine), "")


def asker_of(request: HttpRequest) -> Asker:
    """What `request` brings along; a cookie that is not ours counts as none."""
    nonce = request.COOKIES.get(settings.OTP_NONCE_COOKIE_NAME, "")
    return Asker(
        client_of_request(request),
        nonce if NONCE.fullmatch(nonce) else "",
        _read(request.COOKIES.get(settings.KNOWN_DEVICE_COOKIE_NAME, "")),
    )


def with_nonce(asker: Asker) -> Asker:
    """The same browser with a nonce: its own, or a fresh one."""
    return asker if asker.nonce else Asker(asker.client, secrets.token_urlsafe(32), asker.known)


def remember_nonce(response: HttpResponse, asker: Asker) -> None:
    _set(response, settings.OTP_NONCE_COOKIE_NAME, asker.nonce, settings.OTP_TTL_SECS)


def remember_device(response: HttpResponse, asker: Asker, operator: Operator) -> None:
    """Makes the browser known for `operator` and forgets its nonce, which is used up."""
    device = asker.device(operator) or secrets.token_urlsafe(12)
    others = [line for line in asker.known if line.operator != operator.pk][: MOST_OPERATORS - 1]
    lines = [Known(operator.pk, operator.device_epoch, device), *others]
    value = signing.dumps([[line.operator, line.epoch, line.device] for line in lines], salt=SALT)
    _set(response, settings.KNOWN_DEVICE_COOKIE_NAME, value, DEVICE_SECS)
    _set(response, settings.OTP_NONCE_COOKIE_NAME, "", 0)


def _read(value: str) -> tuple[Known, ...]:
    if not value or len(value) > COOKIE_MAX:
        return ()
    try:
        lines = signing.loads(value, salt=SALT, max_age=DEVICE_SECS)
    except (signing.BadSignature, ValueError):
        return ()
    return tuple(Known(*line) for line in lines if _fits(line)) if isinstance(lines, list) else ()


def _fits(line: Any) -> bool:
    # Signed by us, yet perhaps by another version of us.
    match line:
        case [int(), int(), str(device)]:
            return DEVICE_ID.fullmatch(device) is not None
    return False


def _set(response: HttpResponse, name: str, value: str, max_age: int) -> None:
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(name, value, max_age=max_age, path="/", secure=secure, httponly=True, samesite="Strict")
