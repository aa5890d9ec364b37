"""The customer's page: hosted by us, in the widget's iframe, and on the sample site. `?site=` names whose it is.

Compressed: it is the same for everybody but for its nonce, so there is no secret that its length could give away
(BREACH). Pages of operators hold some.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from accounts.access.origins import allowed_origins
from appointments import limits as appointments
from infra.clock import now_ms
from infra.writing import language
from messages_left.attachments import quota
from notifications.transports import mail
from queueing.callbacks import asking
from sites import lookup
from sites.colours import launcher
from sites.origins import ancestors
from sites.profile import Found, Profile
from sites.views import colours_url, logo_url
from support.http.customer import line_note, prechat
from support.http.page_config import config_of, texts_url
from support.parts.finder import LATER, script_of, sheet_of

OURS = ["'self'"]
if settings.DJANGO_ENV == "development":
    # Development accepts its own host on any port.
    OURS += ["http://localhost:*", "http://127.0.0.1:*"]


@dataclass(frozen=True)
class Preview:
    """Of a site as it would be (`site_preview.py`). `logo`: one that is not kept yet, as an address."""

    logo: str = ""


KNOWN_SECS, UNKNOWN_SECS = 300, 30
"""How long browsers keep what the loader asked about its site: who corrects a key sees it soon."""


@require_safe
@gzip_page
def hosted(request: HttpRequest) -> HttpResponse:
    """The widget full screen."""
    return _customer(request, "customer/page.html", _asked(request), embedded=False)


@require_safe
@gzip_page
@xframe_options_exempt
def widget(request: HttpRequest) -> HttpResponse:
    """The page inside the widget's iframe; only pages of its site may frame it."""
    found = _asked(request)
    response = _customer(request, "customer/page.html", found, embedded=True)
    # Sites that isolate themselves (COEP) may embed it only so.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Cross-Origin-Embedder-Policy"] = "require-corp"
    # As `csp_replace` does it for a whole view.
    framed_by = [*OURS, *ancestors(found.site, allowed_origins())]
    response._csp_replace = {"frame-ancestors": framed_by}  # type: ignore[attr-defined]
    return response


@require_safe
def demo(request: HttpRequest) -> HttpResponse:
    """A sample site with the widget on it; development only."""
    return _customer(request, "customer/demo.html", _asked(request), embedded=False)


@require_safe
def site_module(request: HttpRequest) -> HttpResponse:
    """What the loader asks about its site (`?site=`), as a module: what a strict policy of the host page lets through
    for the loader, it lets through for this: `{key, colours?: {primary, primaryHover, onPrimary}, hours?: [[from,
    until], …]}` (ms: when customers are taken, some days ahead), or `null` for a key that there is not.
    """
    found = _asked(request)
    painted = found.site.colours.settled()
    hours = found.site.hours
    about = {
        "key": found.site.key,
        **({"colours": launcher(painted.light)} if painted else {}),
        **({"hours": hours.ahead(now_ms())} if hours else {}),
    }
    told = json.dumps(about if found.known else None)
    response = HttpResponse(f"export default {told};\n", content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = f"public, max-age={KNOWN_SECS if found.known else UNKNOWN_SECS}"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    # Modules come with CORS. It is the same for everybody, and every page may show a launcher.
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _asked(request: HttpRequest) -> Found:
    """By a tag's `data-site`, which anybody can write anything into."""
    return lookup.find(request.GET.get("site", ""))


def _customer(request: HttpRequest, template: str, found: Found, *, embedded: bool) -> HttpResponse:
    return drawn(request, template, found.site, embedded=embedded)


def _hours(site: Profile) -> dict[str, Any]:
    """What the page says of them: `{zone, closing?: {at, served}}`, and while nobody is taken `{zone, opens: ms or
    null}`. Nothing where the site is always open."""
    if site.hours is None:
        return {}
    now = now_ms()
    standing = site.hours.at(now)
    if not standing.takes:
        return {"zone": site.hours.zone, "opens": standing.opens_at}
    closing = site.hours.closing(now)
    return {"zone": site.hours.zone, **({"closing": {"at": closing[0], "served": closing[1]}} if closing else {})}


def _messages() -> dict[str, Any]:
    """Where messages are left, and how much may go along with them: MB of one file, and together."""
    most = [quota.most_bytes() // quota.MB, quota.whole_bytes() // quota.MB]
    return {"messagesUrl": reverse("messages"), **({"messageMb": most} if most[0] else {})}


def _times(site: Profile, line: str) -> str:
    """Where a time is chosen; the page adds the language and the clock of its customer."""
    known = line in lookup.current().lines.lines
    return f"{reverse('appointments')}?{urlencode({'site': site.key, **({'line': line} if known and line else {})})}"


def drawn(
    request: HttpRequest, template: str, site: Profile, *, embedded: bool, preview: Preview | None = None
) -> HttpResponse:
    """The page of a site, in a language that it offers."""
    offered = site.offered([code for code, _name in language.choices()])
    wishes = (request.GET.get("locale"), language.in_force())
    locale = next(filter(None, (language.of_page(wish, offered) for wish in wishes)), offered[0])
    translation.activate(locale)
    request.LANGUAGE_CODE = locale
    line = request.GET.get("line", "")
    notes = {} if preview else line_note.words(site, line, offered)
    words = prechat.own_words(site, offered)
    for code, note in notes.items():
        words.setdefault(code, {})[line_note.KEY] = note
    config = {
        **config_of("/ws/customer/", "customer", offered),
        "embedded": embedded,
        "chatUrl": reverse("chat"),
        "chatByMail": mail.configured(),
        "ratings": settings.RATINGS,
        **(_messages() if settings.MESSAGES and preview is None else {}),
        **({"callbacks": ways} if (ways := asking.offered(embedded=embedded)) and preview is None else {}),
        **({"timesUrl": _times(site, line)} if appointments.offered() and preview is None else {}),
        "later": {name: {"script": static(script_of(name)), "sheet": static(sheet_of(name))} for name in LATER},
        **({"site": site.key} if site.key else {}),
        **({"line": line} if line in lookup.current().lines.lines else {}),
        **({"typingPreview": True} if site.typing_preview else {}),
        **({"pageQuery": True} if settings.PAGE_ADDRESS_QUERY else {}),
        **({"hours": hours} if (hours := _hours(site)) and preview is None else {}),
        "questions": prechat.checked_by_page(site),
        **({"words": words} if words else {}),
    }
    others = [known for known in config["languages"] if known["code"] != config["locale"]]
    context = {
        "adminara_config": config,
        "texts_url": texts_url(config),
        "other_languages": others,
        "colours_url": colours_url(site.colours),
        "questions": prechat.fields(site),
        "video": settings.ENABLE_VIDEO,
        "line_note": bool(notes),
        "site": site,
        "logo_url": preview.logo if preview and preview.logo else logo_url(site.logo),
        "preview": [sheet_of(name) for name in LATER] if preview else [],
    }
    response = render(request, template, context)
    response["Cache-Control"] = "no-store"
    return response
