"""The last step of the escalation: FALLBACK_URLS through apprise (Slack, e-mail, …).

A URL holds secrets, so a service has a name of its own in the outbox, the admin and logs: the scheme and a digest.
"""

import hashlib
import logging
import re
from typing import Any

from django.conf import settings

from notifications.content.templates import plain
from notifications.content.text import Text
from notifications.transports.errors import DeliveryError

HTTP_STATUS = re.compile(r"error=(\d{3})")


def name_of(url: str) -> str:
    """`slack-1f2e3d4c`: says which service it is, and nothing of its URL."""
    scheme = re.sub(r"[^a-z0-9]", "", url.partition("://")[0].lower())[:32] or "url"
    return f"{scheme}-{hashlib.sha256(url.encode()).hexdigest()[:8]}"


def services() -> dict[str, str]:
    """The configured services: name → URL."""
    return {name_of(url): url for url in settings.FALLBACK_URLS}


def send(name: str, text: Text) -> None:
    """Hands a message to a service. Raises DeliveryError; its text never repeats what the service's library says,
    since that may hold parts of the URL. The library gives up after 4 s for each of connecting and reading."""
    import apprise  # late: a fifth of a process' start, and only the worker has a use for it

    url = services().get(name)
    if url is None:
        raise DeliveryError("this service is no longer in FALLBACK_URLS", permanent=True)
    sender = apprise.Apprise()
    if not sender.add(url):
        raise DeliveryError("this URL of FALLBACK_URLS is not understood", permanent=True)
    html = text.html if text.button is None else f"{text.html}\n{text.button.label}: {text.button.url}"
    title, _, body = plain(html).partition("\n")
    capture: Any = apprise.LogCapture
    with capture(level=logging.WARNING, name="apprise", fmt="%(message)s") as captured:
        taken = bool(sender.notify(title=title, body=body or title, body_format=apprise.NotifyFormat.TEXT))
    if not taken:
        status = HTTP_STATUS.search(captured.getvalue())
        raise DeliveryError(f"not taken: HTTP {status[1]}" if status else "not taken: no usable answer")
