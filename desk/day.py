"""An operator's own figures of today, for the console while nobody is there."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import Operator
from desk.access import for_operators
from queueing.reports.periods import Period, figures_of


@require_safe
@never_cache
@for_operators
def day(request: HttpRequest, operator: Operator) -> HttpResponse:
    """200 `{answered, handling_median_s, wait_median_s, kept_pct}`: of the conversations that the operator has answered
    since midnight, in the installation's time zone; null where nothing was measured.
    """
    figures = figures_of(operator.get_username(), Period.of_days(1))
    kept = figures.kept_share
    return JsonResponse(
        {
            "answered": figures.answered,
            "handling_median_s": figures.handling_median_s,
            "wait_median_s": figures.wait_median_s,
            "kept_pct": None if kept is None else round(kept * 100),
        }
    )
