"""A browser's User-Agent in the few words by which a person knows the own device again."""

from __future__ import annotations

import re

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
    words = [_named(table, user_agent) for table in (BROWSERS, SYSTEMS)]
    return " · ".join(filter(None, words)) or user_agent[:SHOWN] or _("unknown")


def browser_of(user_agent: str) -> str:
    """Such as `Chrome 128`; empty where it is none that is known."""
    mark, name = next((pair for pair in BROWSERS if pair[0] in user_agent), ("", ""))
    # Safari says its own version elsewhere.
    told = "Version" if name == "Safari" else mark.rstrip("/")
    version = re.search(rf"{told}[A-Za-z]*/(\d{{1,4}})", user_agent) if mark else None
    return f"{name} {version[1]}" if version else name


def system_of(user_agent: str) -> str:
    """Such as `Windows`; empty where it is none that is known."""
    return _named(SYSTEMS, user_agent)


def _named(table: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for mark, name in table if mark in user_agent), "")
