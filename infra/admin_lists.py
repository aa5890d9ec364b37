"""What lists in the admin share: whose rows are shown, and the same rows as a file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from infra.spreadsheet import Sheet, dialect_of

if TYPE_CHECKING:
    Page = admin.ModelAdmin[Any]
else:  # generic for the type checker only
    Page = admin.ModelAdmin

Lines = Callable[[QuerySet[Any], Sheet], AsyncIterator[str]]
Order = Sequence[str | Combinable]


class OwnerFilter(admin.SimpleListFilter):
    """Of rows with an `owner`: one's own, and those that nobody has."""

    title = gettext_lazy("owner")
    parameter_name = "owner"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("me", _("Mine")), ("nobody", _("Nobody's"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "me":
            return queryset.filter(owner=request.user.pk)
        return queryset.filter(owner=None) if self.value() == "nobody" else queryset


def as_csv(page: Page, request: HttpRequest, name: str, order: Order, lines: Lines) -> HttpResponseBase:
    """The rows that the list shows with the same filters, as they come from the database. 400 for filters that are
    none. Raises PermissionDenied."""
    if not page.has_view_permission(request):
        raise PermissionDenied
    try:
        rows = page.get_changelist_instance(request).get_queryset(request)
    except IncorrectLookupParameters:
        text = _("These filters are not known. Choose them in the list.")
        return HttpResponse(text, status=400, content_type="text/plain; charset=utf-8")
    sheet = Sheet(dialect_of(get_language() or ""))
    response = StreamingHttpResponse(lines(rows.order_by(*order), sheet), content_type="text/csv; charset=utf-8")
    file = f"adminara-{name}-{timezone.localdate().isoformat()}.csv"
    response["Content-Disposition"] = f'attachment; filename="{file}"'
    response["Cache-Control"] = "no-store"
    return response
