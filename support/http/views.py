"""The loader that sites embed, the console, and links from messages. The customer's page: `customer_page.py`."""

import hashlib
import re
from functools import cache

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import condition, require_safe

from accounts.models import Operator
from accounts.web.admin_site import site
from appointments import limits as appointments
from infra.writing import language
from support.http.assets import installable
from support.http.page_config import config_of, texts_url
from support.parts.loader import loader

# What a link in a message may open: word in the link → page of the admin.
OPEN_TARGETS = {"": "/admin/console/", "console": "/admin/console/", "admin": "/admin/"}
OPEN_MESSAGE = re.compile(r"message/([A-Za-z0-9_-]{1,32})")


def _embed() -> tuple[bytes, str]:
    """The loader and its tag; made once, since every page of other sites asks for it. Anew while it is worked on."""
    return (_made if settings.DEBUG else _remembered)(language.default())


def _made(first: str) -> tuple[bytes, str]:
    content = loader(first).encode()
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
        **config_of("/ws/operator/", "console"),
        "adminId": user.get_username(),
        "name": user.get_full_name(),
        "transfers": settings.TRANSFER_HOLD_SECS > 0,
        "repliesUrl": reverse("console-replies"),
        "dayUrl": reverse("console-day"),
        "messagesUrl": reverse("console-messages"),
        **({"agendaUrl": reverse("console-agenda")} if appointments.offered() else {}),
        "dossierUrls": {
            "wrapUp": _before(reverse("console-wrap-up", args=["-"])),
            "card": _before(reverse("console-card", args=["-"])),
            "notes": _before(reverse("console-notes", args=["-"])),
            "note": _before(reverse("console-note", args=[0])),
        },
        "push": {"url": reverse("push"), "worker": reverse("console-worker"), "scope": installable.SCOPE},
        "links": _links(user),
    }
    context = {
        **site.each_context(request),
        "adminara_config": config,
        "texts_url": texts_url(config),
        "app_colour": installable.COLOUR,
    }
    return render(request, "console/console.html", context)


def _links(user: Operator) -> dict[str, str]:
    """Pages of the admin that an idle console leads to, by name: those that this operator may open."""
    wanted = {"conversations": "queueing.view_conversation", "replies": "desk.view_cannedreply"}
    pages = {"conversations": "admin:queueing_conversation_changelist", "replies": "admin:desk_cannedreply_changelist"}
    links = {name: reverse(pages[name]) for name, right in wanted.items() if user.has_perm(right)}
    return {**links, "reports": reverse("reports")}


console = site.admin_view(console_page)


@require_safe
def open_link(request: HttpRequest, target: str = "") -> HttpResponse:
    """A link from a message: the Strict session cookie does not come along from there, but does after this
    one hop.

    Reads no cookie and sets none. Where it leads is chosen here, never by the link.
    """
    wish = target.strip("/")
    named = OPEN_MESSAGE.fullmatch(wish)
    page = reverse("admin:messages_left_message_change", args=[named[1]]) if named else OPEN_TARGETS.get(wish)
    if page is None:
        raise Http404
    response = render(request, "support/open.html", {"page": page})
    response["Cache-Control"] = "no-store"
    return response


def _before(address: str) -> str:
    """What stands before the last part of an address."""
    return address.rstrip("/").rpartition("/")[0] + "/"
