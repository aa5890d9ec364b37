"""The times of today and tomorrow, for the console."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import Operator
from appointments.models import OPEN, Appointment
from desk.access import for_operators
from queueing.history import line_choice
from sites import lookup as sites

MOST = 100


@require_safe
@never_cache
@for_operators
def agenda(request: HttpRequest, operator: Operator) -> HttpResponse:
    """200 `{appointments: [{at, minutes, name, topic, media, state, owner, mine, line, site}]}`: those of today and
    tomorrow that are still open, by their time (ISO). Without the right to see them: none."""
    if not operator.has_perm("appointments.view_appointment"):
        return JsonResponse({"appointments": []})
    now = timezone.now()
    rows = Appointment.objects.filter(state__in=OPEN, starts_at__gte=now - timedelta(hours=12), starts_at__lt=_end(now))
    return JsonResponse({"appointments": [_shown(row, operator) for row in rows.select_related("owner")[:MOST]]})


def _end(now: datetime) -> datetime:
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=2)


def _shown(row: Appointment, operator: Operator) -> dict[str, Any]:
    snapshot = sites.current()
    return {
        "at": row.starts_at.isoformat(),
        "minutes": row.minutes,
        "name": row.name,
        "topic": row.topic,
        "media": row.media,
        "state": row.state,
        "owner": row.owner_name,
        "mine": row.owner_id == operator.pk,
        "line": line_choice.kept_name_of(row.line) if row.line else "",
        "site": snapshot.name_of(row.site) if snapshot.several else "",
    }
