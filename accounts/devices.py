"""A browser's User-Agent in the few words by which a person knows the own device again."""

from __future__ import annotations

from django.utils.translation import gettext as _

# The first that matches; browsers name their ancestors, so the order matters.
BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("YaBrowser", "Yandex"),
    ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"), ("Macintosh", "macOS"), ("Linux", "Linux"),
)  # fmt: skip
SHOWN = 40


def device_of(user_agent: str) -> str:
    """Such as `Chrome · Windows`; of an agent that is no browser, its beginning."""
    words = [next((name for mark, name in table if mark in user_agent), "") for table in (BROWSERS, SYSTEMS)]
    return " · ".join(filter(None, words)) or user_agent[:SHOWN] or _("unknown")
