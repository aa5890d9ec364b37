"""The reports page of the admin, and the same figures as CSV. For every operator who may see the admin."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from infra.spreadsheet import CHOICES as SEPARATORS
from infra.spreadsheet import MAX_ROWS, Sheet, dialect_of
from queueing.history import line_choice, site_choice
from queueing.reports import csv_file, extensions
from queueing.reports.charts import Chart, Series, lined, round_time, stacked
from queueing.reports.extensions import ReportExtension
from queueing.reports.formats import clock, count, score, share
from queueing.reports.periods import MAX_DAYS, Figures, OperatorFigures, Period, Report, report
from sites import lookup as sites

CHOICES = (7, 30, 90)
DEFAULT = 30


Answer = Callable[[Period, Sheet], HttpResponseBase]


class BadPeriod(ValueError):
    """What was asked for is no period; the text says why."""


@require_safe
def reports_page(request: HttpRequest) -> HttpResponse:
    fault = ""
    try:
        period, chosen = period_of(request.GET)
    except BadPeriod as error:
        fault, period, chosen = str(error), Period.of_days(DEFAULT), None
    found = _report(period)
    more = [one for one in extensions.known() if one.shown(found.whole)]
    separator = request.GET.get("separator", "")
    separator = separator if separator in SEPARATORS else ""
    context = {
        **admin.site.each_context(request),
        "title": _("Reports"),
        "report": found,
        "tiles": tiles(found.whole) + [_tile(*row) for one in more for row in one.tiles(found.whole)],
        "charts": charts(found) + [chart for one in more for chart in one.charts(found)],
        "operators": [_operator_row(row, more) for row in found.operators],
        "tables": [table for one in more for table in one.tables(period.conversations())],
        "operator_columns": [heading for one in more for heading, _cell in one.operator_columns],
        "choices": CHOICES,
        "chosen": chosen,
        "fault": fault,
        "sites": site_choice.sites() if sites.current().several else [],
        "site": request.GET.get("site", ""),
        "lines": line_choice.lines(),
        "line": request.GET.get("line", ""),
        "from": request.GET.get("from", "") if fault else period.first.isoformat(),
        "to": request.GET.get("to", "") if fault else period.last.isoformat(),
        "today": timezone.localdate().isoformat(),
        "query": f"from={period.first.isoformat()}&to={period.last.isoformat()}",
        "separators": separators(separator or separator_of(get_language() or "")),
        "max_rows": MAX_ROWS,
    }
    return render(request, "admin/reports.html", context, status=400 if fault else 200)


@require_safe
def reports_daily(request: HttpRequest) -> HttpResponseBase:
    return _csv(request, "daily", lambda period, sheet: HttpResponse(csv_file.daily(_report(period), sheet)))


@require_safe
def reports_conversations(request: HttpRequest) -> HttpResponseBase:
    def answer(period: Period, sheet: Sheet) -> StreamingHttpResponse:
        return StreamingHttpResponse(csv_file.conversations(period, sheet))

    return _csv(request, "conversations", answer)


page = admin.site.admin_view(reports_page)
daily_csv = admin.site.admin_view(reports_daily)
conversations_csv = admin.site.admin_view(reports_conversations)


def _report(period: Period) -> Report:
    return report(period, [one.measure for one in extensions.known()])


def _csv(request: HttpRequest, name: str, answer: Answer) -> HttpResponseBase:
    try:
        period, _chosen = period_of(request.GET)
    except BadPeriod as error:
        return HttpResponse(str(error), status=400, content_type="text/plain; charset=utf-8")
    response = answer(period, Sheet(dialect_of(get_language() or "", request.GET.get("separator", ""))))
    response["Content-Type"] = "text/csv; charset=utf-8"
    file = f"adminara-{name}-{period.first.isoformat()}-{period.last.isoformat()}.csv"
    response["Content-Disposition"] = f'attachment; filename="{file}"'
    return response


def period_of(query: QueryDict) -> tuple[Period, int | None]:
    """The period asked for, and which of the usual ones it is. Raises BadPeriod."""
    first, last = query.get("from"), query.get("to")
    site, line = site_choice.key_of(query.get("site")), line_choice.key_of(query.get("line"))
    if not first and not last:
        try:
            days = int(query.get("days", DEFAULT))
        except ValueError:
            days = 0
        if days not in CHOICES:
            raise BadPeriod(_("Choose one of the periods, or two dates."))
        return Period.of_days(days, site, line), days
    try:
        period = Period(date.fromisoformat(first or ""), date.fromisoformat(last or ""), site, line)
    except ValueError as error:
        raise BadPeriod(_("Both dates are needed, as YYYY-MM-DD.")) from error
    if period.last < period.first:
        raise BadPeriod(_("The last day is before the first."))
    if period.days > MAX_DAYS:
        raise BadPeriod(_("At most %(days)s days at once.") % {"days": MAX_DAYS})
    if not date(2000, 1, 1) <= period.first <= period.last <= date(2999, 12, 31):
        raise BadPeriod(_("There can be nothing in that period."))
    usual = next((days for days in CHOICES if period == Period.of_days(days, site, line)), None)
    return period, usual


# -- what is shown ---------------------------------------------------------------------------------------------------


def separator_of(language: str) -> str:
    """The name of the separator that is usual there."""
    return "comma" if dialect_of(language).separator == "," else "semicolon"


def separators(chosen: str) -> list[dict[str, Any]]:
    """How the files may be separated: the name for the address, the word, and whether it is chosen."""
    named = {"semicolon": _("semicolon (;)"), "comma": _("comma (,)"), "tab": _("tab")}
    return [{"name": name, "word": word, "chosen": name == chosen} for name, word in named.items()]


def tiles(whole: Figures) -> list[dict[str, str]]:
    """The period in a line of figures."""
    most = _("9 of 10 within %(time)s")
    trouble = _("%(n)s of %(all)s calls had trouble") % {"n": count(whole.troubled), "all": count(whole.calls)}
    rows = [
        (_("Customers"), count(whole.joined), _("%(share)s answered") % {"share": share(whole.answered_share)}),
        (_("Wait, median"), clock(whole.wait_median_s), most % {"time": clock(whole.wait_p90_s)}),
        (_("Promise kept"), share(whole.kept_share), _("of %(n)s promises") % {"n": count(whole.promised)}),
        (_("Handling, median"), clock(whole.handling_median_s), most % {"time": clock(whole.handling_p90_s)}),
        (_("Call quality"), score(whole.quality), trouble),
    ]
    return [_tile(*row) for row in rows]


def _tile(label: str, value: str, note: str) -> dict[str, str]:
    return {"label": label, "value": value, "note": note}


OUTCOMES = [
    Series("good", gettext_lazy("completed"), lambda f: f.outcomes.completed),
    Series("now", gettext_lazy("going on"), lambda f: f.outcomes.open),
    Series("bad", gettext_lazy("call lost"), lambda f: f.outcomes.lost),
    Series("warn", gettext_lazy("left the queue"), lambda f: f.outcomes.left),
    Series("quiet", gettext_lazy("vanished"), lambda f: f.outcomes.vanished),
    Series("late", gettext_lazy("waited too long"), lambda f: f.outcomes.waited_too_long),
    Series("rest", gettext_lazy("other"), lambda f: f.outcomes.other),
]
WAITS = [
    Series("first", gettext_lazy("median"), lambda f: f.wait_median_s),
    Series("second", gettext_lazy("9 of 10 within"), lambda f: f.wait_p90_s),
]
PROMISES = [
    Series("now", gettext_lazy("earlier"), lambda f: f.earlier),
    Series("good", gettext_lazy("within the range"), lambda f: f.within),
    Series("bad", gettext_lazy("later"), lambda f: f.later),
]
HANDLING = [
    Series("first", gettext_lazy("median"), lambda f: f.handling_median_s),
    Series("second", gettext_lazy("9 of 10 within"), lambda f: f.handling_p90_s),
]
QUALITY = [Series("first", gettext_lazy("mean quality"), lambda f: f.quality)]
TROUBLE = [
    Series("good", gettext_lazy("without trouble"), lambda f: f.calls - f.troubled),
    Series("bad", gettext_lazy("with trouble"), lambda f: f.troubled),
]


def charts(found: Report) -> list[Chart]:
    days = found.days
    who = _("Customers who joined the queue each day, by outcome.")
    waited = _("From joining the queue to an operator; answered customers only.")
    promised = _("How the wait compares with the range promised on joining.")
    handled = _("From the operator's first moment to the end.")
    measured = _("Mean of what both sides measured: 1 is unusable, 5 is excellent.")
    return [
        stacked("outcomes", _("Customers, and how it went"), who, days, OUTCOMES, count),
        lined("waits", _("Waits"), waited, days, WAITS, clock, round_time),
        stacked("promises", _("Promised and actual wait"), promised, days, PROMISES, count),
        lined("handling", _("Handling time"), handled, days, HANDLING, clock, round_time),
        lined("quality", _("Call quality"), measured, days, QUALITY, score, lambda _highest: 5.0),
        stacked("trouble", _("Calls with trouble"), _("Interrupted, or poor for long."), days, TROUBLE, count),
    ]


def _who(row: OperatorFigures) -> str:
    """Two people may have one name."""
    return f"{row.name} ({row.admin_id})" if row.name else row.admin_id


def _operator_row(row: OperatorFigures, more: Iterable[ReportExtension]) -> dict[str, Any]:
    figures = row.figures
    return {
        "name": _who(row),
        "answered": count(figures.answered),
        "handling": clock(figures.handling_median_s),
        "handling_p90": clock(figures.handling_p90_s),
        "wait": clock(figures.wait_median_s),
        "lost": count(figures.outcomes.lost),
        "quality": score(figures.quality),
        "troubled": count(figures.troubled),
        "more": [cell(figures) for one in more for _heading, cell in one.operator_columns],
    }
