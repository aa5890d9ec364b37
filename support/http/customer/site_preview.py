"""A site as it would be with what stands in its form, beside it: the real page of the customer, which joins nothing.

Only whoever may edit sites is answered, and nothing is kept of what was sent.
"""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from accounts.web.admin_site import site as admin
from sites.admin.draft import drafted
from sites.models import Site
from support.http.customer.customer_page import Preview, drawn


@require_POST
@xframe_options_sameorigin
def draw(request: HttpRequest) -> HttpResponse:
    """`?site=`: the row that the form is of; without one it is a new site."""
    row = _row(request.GET.get("site", ""))
    if not request.user.has_perm("sites.change_site" if row else "sites.add_site"):
        raise PermissionDenied
    draft = drafted(request.POST, request.FILES, row)
    response = drawn(request, "customer/page.html", draft.profile, embedded=True, preview=Preview(logo=draft.logo))
    response._csp_replace = {"frame-ancestors": ["'self'"]}  # type: ignore[attr-defined]
    return response


preview = admin.admin_view(draw)


def _row(number: str) -> Site | None:
    if not number:
        return None
    row = (
        Site.objects.filter(pk=int(number)).first()
        if number.isascii() and number.isdigit() and len(number) < 19
        else None
    )
    if row is None:
        raise Http404
    return row
