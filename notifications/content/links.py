"""Where a link in a sign-in message may lead: our own address and OTP_ALLOWED_URLS, compared as origins.

Somebody who is asked for a code is in a hurry; a link beside it must never lead elsewhere, whatever a translation, a
name or a later change puts into the text. What is not allowed is left out and logged, the code still arrives.
"""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from urllib.parse import urlsplit

from django.conf import settings

from notifications.content.text import Text

logger = logging.getLogger(__name__)

ANCHOR = re.compile(r"<a\b[^>]*>(.*?)</a\s*>", re.IGNORECASE | re.DOTALL)
LINK = re.compile(
    r"(?:[a-z][a-z0-9+.-]*:(?://)?|//|www\.)[^\s<>\"']+|\b[\w-]+(?:\.[\w-]+)+/[^\s<>\"']*|\bt\.me\b[^\s<>\"']*",
    re.IGNORECASE,
)
"""What Telegram would make a link of, and more: any scheme, `//host`, `www.`, `host.tld/…`, its own short links."""
DEFAULT_PORTS = {"http": 80, "https": 443}


def is_allowed(url: str) -> bool:
    """Whether a link may lead there: scheme, host and port are those of PUBLIC_URL or of a listed origin."""
    origin = _origin(url)
    return origin is not None and origin in {
        _origin(known) for known in (settings.PUBLIC_URL, *settings.OTP_ALLOWED_URLS)
    }


def with_allowed_only(text: Text) -> Text:
    """The message without links to anywhere else. Anchors keep their words, addresses in the text disappear."""
    html = ANCHOR.sub(r"\1", text.html)
    cleaned = LINK.sub(lambda found: found[0] if is_allowed(found[0]) else "", html)
    button = text.button if text.button is None or is_allowed(text.button.url) else None
    if cleaned != text.html or button is not text.button:
        logger.error("a link that is not allowed was left out of a sign-in message")
    return replace(text, html=cleaned, button=button)


def _origin(url: str) -> tuple[str, str, int] | None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc or "\\" in url:
        return None
    return parts.scheme, parts.hostname.lower(), port or DEFAULT_PORTS[parts.scheme]
