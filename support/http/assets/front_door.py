"""Files that programs look for at fixed addresses: crawlers, browsers, and people who found a weakness (RFC 9116)."""

import hashlib
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import condition, require_safe

DAY_SECS = 86_400
PLAIN = "text/plain; charset=utf-8"
NOTHING_TO_INDEX = "User-agent: *\nDisallow: /\n"
VALID_DAYS = 90
"""How far `Expires` lies ahead. The file is made with each request, so it never runs out while the service runs."""


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Nothing here is for a search engine: every page is a conversation, or the way to one."""
    return _kept_for_a_day(HttpResponse(NOTHING_TO_INDEX, content_type=PLAIN))


def _icon_tag(request: HttpRequest) -> str:
    return f'"{hashlib.sha256(_icon()).hexdigest()[:20]}"'


@condition(etag_func=_icon_tag)
def _icon_bytes(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_icon(), content_type="image/x-icon")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """What browsers ask for where a page names no icon, and feed readers and bookmarks always."""
    return _kept_for_a_day(_icon_bytes(request))


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Where to report a weakness; 404 unless SECURITY_CONTACT says where. The RFC wants `Canonical` to be https."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    canonical = f"{settings.PUBLIC_URL}{reverse('security-txt')}"
    lines = [
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {_expires(timezone.now()):%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {', '.join(code for code, _name in settings.LANGUAGES)}",
        *([f"Canonical: {canonical}"] if canonical.startswith("https://") else []),
    ]
    return _kept_for_a_day(HttpResponse("\n".join(lines) + "\n", content_type=PLAIN))


def _expires(now: datetime) -> datetime:
    """A midnight, so that the answer stays the same for a day."""
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day + timedelta(days=VALID_DAYS)


@cache
def _icon() -> bytes:
    found = finders.find("img/favicon.ico")
    assert isinstance(found, str)  # part of the project
    return Path(found).read_bytes()


def _kept_for_a_day(response: HttpResponse) -> HttpResponse:
    # Also on "not modified": browsers put its headers over those that they kept.
    response["Cache-Control"] = f"public, max-age={DAY_SECS}"
    return response
