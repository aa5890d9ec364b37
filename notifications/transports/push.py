"""Web push: a few words for a browser, encrypted so that its push service cannot read them (RFC 8291), and signed so
that it knows who sends (VAPID, RFC 8292). Imported late: most processes send none.

The key pair is made of SECRET_KEY: there is nothing more to keep. With another SECRET_KEY push services refuse us, the
subscriptions are dropped, and each console subscribes anew when it is opened.
"""

from __future__ import annotations

import asyncio
import base64
import time
from functools import lru_cache
from urllib.parse import urlsplit

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.utils.crypto import salted_hmac
from http_ece import ECEException, encrypt

from notifications.browsers import Browser
from notifications.policy import PUSH_LIVES_SECS, SEND_TIMEOUT_SECS
from notifications.transports import outside
from notifications.transports.errors import DeliveryError

SALT = "adminara.vapid"
CURVE = ec.SECP256R1()
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the curve: private keys are below it."""
TOKEN_SECS = 12 * 3600
GONE = (401, 403, 404, 410)
"""The subscription is over, or was made with another key of ours."""


def public_key() -> str:
    """What browsers subscribe with (`applicationServerKey`), base64url."""
    point = _private_key(settings.SECRET_KEY).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return _base64url(point)


def send(browser: Browser, payload: bytes, topic: str) -> None:
    """One message; a later one of the same `topic` (32 characters of base64url) takes its place while it waits.

    Raises DeliveryError; `refused`: the browser wants none any more.
    """
    try:
        place = outside.place_of(browser.endpoint)
        body = encrypt(
            payload,
            private_key=ec.generate_private_key(CURVE),
            dh=_bytes(browser.public_key),
            auth_secret=_bytes(browser.secret),
            version="aes128gcm",
        )
    except outside.Unanswered:
        raise DeliveryError("what the name of the push service leads to was not told in time") from None
    except outside.Refused as refused:
        raise DeliveryError(str(refused), permanent=True, refused=True) from None
    except (ECEException, ValueError) as error:
        raise DeliveryError(f"the keys are of no use ({type(error).__name__})", permanent=True, refused=True) from None
    headers = {
        "Host": place.host,
        "Authorization": f"vapid t={_token(browser.endpoint)}, k={public_key()}",
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(PUSH_LIVES_SECS),
        "Urgency": "high",
        "Topic": topic,
    }
    try:
        answer = asyncio.run(_post(place, headers, body))
    except TimeoutError:
        raise DeliveryError(f"no answer within {SEND_TIMEOUT_SECS:g} s") from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise DeliveryError(f"the push service was not reached ({type(error).__name__})") from None
    _judge(answer)


async def _post(place: outside.Place, headers: dict[str, str], body: bytes) -> httpx.Response:
    """The answer's head. All of it has one limit: httpx' own begin anew with each byte that a service lets drip."""
    async with asyncio.timeout(SEND_TIMEOUT_SECS), httpx.AsyncClient(timeout=None, trust_env=False) as client:
        request = client.build_request(
            "POST", place.url, content=body, headers=headers, extensions={"sni_hostname": place.name}
        )
        # What it answers is not read: it may be without end.
        answer = await client.send(request, stream=True, follow_redirects=False)
        await answer.aclose()
        return answer


def _judge(answer: httpx.Response) -> None:
    status = answer.status_code
    if 200 <= status < 300:
        return
    text = f"the push service answered {status}"
    if status in GONE:
        raise DeliveryError(text, permanent=True, refused=True)
    if status == 429 or status >= 500:
        raise DeliveryError(text, retry_after=_seconds(answer.headers.get("Retry-After", "")))
    raise DeliveryError(text, permanent=True)


def _seconds(text: str) -> float | None:
    return min(float(text), 3600.0) if text.isascii() and text.isdigit() else None


def _token(endpoint: str) -> str:
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int(time.time()) + TOKEN_SECS,
        "sub": settings.PUBLIC_URL,
    }
    return jwt.encode(claims, _private_key(settings.SECRET_KEY), algorithm="ES256")


@lru_cache(maxsize=4)
def _private_key(secret: str) -> ec.EllipticCurvePrivateKey:
    digest = salted_hmac(SALT, "key", secret=secret, algorithm="sha512").digest()
    return ec.derive_private_key(int.from_bytes(digest) % (ORDER - 1) + 1, CURVE)


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
