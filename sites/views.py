"""What the customer's page fetches of its site besides itself."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from sites import lookup
from sites.colours import Colours, Painted, sheet, version
from sites.models import Logo
from sites.profile import Emblem

HEAD, PLAIN = "head", "plain"
"""What of the page is painted besides its buttons and marks."""
FOR_GOOD, FOR_NOW = "public, max-age=31536000, immutable", "public, max-age=60"


def colours_url(colours: Colours) -> str:
    """The address of the sheet with these colours; empty where there are none."""
    painted = colours.settled()
    if painted is None:
        return ""
    return reverse(
        "site-colours",
        kwargs={
            "light": painted.light[1:],
            "dark": painted.dark[1:],
            "parts": HEAD if painted.head else PLAIN,
            "digest": version(painted),
        },
    )


def logo_url(emblem: Emblem | None) -> str:
    """Empty where there is none."""
    return reverse("site-logo", args=[emblem.digest]) if emblem else ""


@require_safe
def logo(request: HttpRequest, digest: str) -> HttpResponse:
    """Kept by browsers for good, as another logo has another address. Only those that a site has are looked for, so
    that whoever makes some up costs no query."""
    if digest not in {site.logo.digest for site in lookup.current().sites.values() if site.logo}:
        raise Http404
    content = Logo.objects.filter(digest=digest).values_list("content", flat=True).first()
    if content is None:
        raise Http404
    response = HttpResponse(bytes(content), content_type="image/webp")
    response["Cache-Control"] = FOR_GOOD
    return response


@require_safe
def colours(request: HttpRequest, light: str, dark: str, parts: str, digest: str) -> HttpResponse:
    """The sheet for any two colours: all of it follows from its address, so every site and the preview have theirs, and
    browsers keep it for good. Another release may paint otherwise; then its pages name another address.
    """
    painted = Painted(f"#{light}", f"#{dark}", parts == HEAD)
    now = version(painted)
    response = HttpResponse(sheet(painted), content_type="text/css; charset=utf-8")
    response["Cache-Control"] = FOR_GOOD if digest == now else FOR_NOW
    response["ETag"] = f'"{now}"'
    return response
