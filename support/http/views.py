"""Pages. What they need to know goes to the browser as one JSON block; no page has inline code without a
nonce.
"""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from csp.decorators import csp_replace
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import condition, require_safe

from accounts.access.origins import allowed_origins
from accounts.models import Operator
from accounts.web.admin_site import site
from infra import language
from notifications.transports import mail
from support.parts import shrink
from support.texts import pages
from support.texts.pages import bundle

FRAME_ANCESTORS = ["'self'", *allowed_origins()]
if settings.DJANGO_ENV == "development":
    # Development accepts its own host on any port.
    FRAME_ANCESTORS += ["http://localhost:*", "http://127.0.0.1:*"]

EMBED_TEXTS = "/* texts */ {}"
"""Stands in static/embed.js where its texts go."""

# What a link in a message may open: word in the link → page of the admin.
OPEN_TARGETS = {"": "/admin/console/", "console": "/admin/console/", "admin": "/admin/"}


# Compressed: the customer's page is the same for everybody but for its nonce, so there is no secret that its length
# could give away (BREACH). Those of operators hold some.
@require_safe
@gzip_page
def customer_page(request: HttpRequest) -> HttpResponse:
    """The widget full screen."""
    return _customer(request, "customer/page.html", embedded=False)


@require_safe
@gzip_page
@xframe_options_exempt
@csp_replace({"frame-ancestors": FRAME_ANCESTORS})
def widget(request: HttpRequest) -> HttpResponse:
    """The page inside the widget's iframe; only ALLOWED_ORIGINS may frame it."""
    response = _customer(request, "customer/page.html", embedded=True)
    # Sites that isolate themselves (COEP) may embed it only so.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Cross-Origin-Embedder-Policy"] = "require-corp"
    return response


@require_safe
def demo(request: HttpRequest) -> HttpResponse:
    """A sample site with the widget on it; development only."""
    return _customer(request, "customer/demo.html", embedded=False)


def _embed() -> tuple[bytes, str]:
    """The loader and its tag; made once, since every page of other sites asks for it. Anew while it is worked on."""
    return (_made if settings.DEBUG else _remembered)(language.default())


def _made(first: str) -> tuple[bytes, str]:
    """With its texts of all languages in it, those of `first` in front."""
    found = finders.find("embed.js")
    if not isinstance(found, str):
        raise Http404
    codes = sorted(dict(settings.LANGUAGES), key=lambda code: code != first)
    texts = {
        code: {key.removeprefix("embed."): text for key, text in bundle("embed", code).texts.items()} for code in codes
    }
    source = Path(found).read_text(encoding="utf-8")
    if EMBED_TEXTS not in source:
        raise ImproperlyConfigured(f"embed.js has no place for its texts: {EMBED_TEXTS}")
    spoken = source.replace(EMBED_TEXTS, json.dumps(texts, ensure_ascii=False, separators=(",", ":")), 1)
    content = shrink.script(spoken).encode()
    return content, f'"{hashlib.sha256(content).hexdigest()[:20]}"'


_remembered = cache(_made)


def _embed_tag(request: HttpRequest) -> str:
    return _embed()[1]


@condition(etag_func=_embed_tag)
def _embed_answer(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_embed()[0], content_type="text/javascript; charset=utf-8")


@require_safe
def embed_script(request: HttpRequest) -> HttpResponse:
    """The loader that a site owner pastes. It finds our address from its own `src`."""
    response = _embed_answer(request)
    # Also on "not modified": browsers put its headers over those that they kept.
    response["Cache-Control"] = "public, max-age=3600"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@require_safe
@ensure_csrf_cookie
def console_page(request: HttpRequest) -> HttpResponse:
    """The operator's workplace."""
    user = request.user
    assert isinstance(user, Operator)  # admin_view lets nobody else in
    config = {
        **_config("/ws/operator/", "console"),
        "adminId": user.get_username(),
        "name": user.get_full_name(),
        "repliesUrl": reverse("console-replies"),
    }
    context = {**site.each_context(request), "adminara_config": config, "texts_url": _texts_url(config)}
    return render(request, "console/console.html", context)


console = site.admin_view(console_page)


@require_safe
def open_link(request: HttpRequest, target: str = "") -> HttpResponse:
    """A link from a message: the Strict session cookie does not come along from there, but does after this
    one hop.

    Reads no cookie and sets none. Where it leads is chosen here, never by the link.
    """
    page = OPEN_TARGETS.get(target.strip("/"))
    if page is None:
        raise Http404
    response = render(request, "support/open.html", {"page": page})
    response["Cache-Control"] = "no-store"
    return response


def _customer(request: HttpRequest, template: str, *, embedded: bool) -> HttpResponse:
    if locale := language.of_page(request.GET.get("locale")):
        translation.activate(locale)
        request.LANGUAGE_CODE = locale
    config = {
        **_config("/ws/customer/", "customer"),
        "embedded": embedded,
        "chatUrl": reverse("chat"),
        "chatByMail": mail.configured(),
    }
    others = [known for known in config["languages"] if known["code"] != config["locale"]]
    context = {"adminara_config": config, "texts_url": _texts_url(config), "other_languages": others}
    response = render(request, template, context)
    response["Cache-Control"] = "no-store"
    return response


def _texts_url(config: dict[str, Any]) -> str:
    """Where the texts are that the page will most likely show."""
    return next(str(known["texts"]) for known in config["languages"] if known["code"] == config["locale"])


def _config(socket_path: str, part: str) -> dict[str, Any]:
    return {
        "wsUrl": socket_path,
        "locale": language.in_force(),
        "languages": pages.spoken(part),
        "features": {"queue": settings.ENABLE_QUEUE, "turn": bool(settings.TURN_SERVERS)},
    }
