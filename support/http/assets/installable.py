"""The console as an app: its manifest, its service worker, and the page that stands in for it without a network."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from infra.writing import language
from support.http.assets import workers

SCOPE = "/admin/"
COLOUR = "#12211f"
"""Of the header, in the tokens; a manifest cannot read them."""


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    response = JsonResponse(
        {
            "id": reverse("console"),
            "name": _("Operator console") + " · Adminara",
            "short_name": "Adminara",
            "lang": language.in_force(),
            "start_url": reverse("console"),
            "scope": SCOPE,
            "display": "standalone",
            "theme_color": COLOUR,
            "background_color": COLOUR,
            "icons": [
                {"src": static(f"img/icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": kind}
                for size in (192, 512)
                for kind in ("any", "maskable")
            ],
        },
        content_type="application/manifest+json",
    )
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    return workers.script("console", reverse("console-offline"))


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """Kept by the worker. The same for everybody."""
    return render(request, "console/offline.html")
