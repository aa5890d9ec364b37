"""The pages on which a customer chooses a time, and then takes, moves or gives back the one that was chosen. They work
without a script. No cookie stands for anybody: what may be done with a time is what its signed link says.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clients import client_of_request
from appointments import booking, devices, ics, letter, limits, links, words
from appointments.models import NAME_MAX, PAGE_KEY_MAX, TOPIC_MAX, Appointment, State
from hours import zones
from infra.errors import DomainError
from infra.mail import ADDRESS_MOST
from infra.storable import storable
from infra.writing import language
from queueing.blocklist import rules
from queueing.callbacks.devices import Device
from queueing.errors import QueueRefused
from queueing.history.callback_models import Callback
from queueing.history.models import Status
from sites import lookup as sites
from sites.profile import Profile
from sites.views import colours_url, logo_url

STATUS = {
    "rate_limited": 429, "blocked": 403, "slot_taken": 409, "appointment_over": 409, "appointments_full": 409,
    "store_unavailable": 503,
}  # fmt: skip
DEVICE_MOST = 1024
NEAREST = 4
"""So many times are offered in place of one that is gone."""


@csrf_exempt
@require_http_methods(["GET", "POST"])
@never_cache
def choose(request: HttpRequest) -> HttpResponse:
    """The times that are free, and the form to choose one; of `?site=`, by the clock of `?zone=`. A POST that is good
    leads to the page of the appointment."""
    if not limits.offered():
        raise Http404
    limits.admit_look(client_of_request(request).address)
    site = sites.find(request.GET.get("site", "")).site
    zone = _zone(request.GET.get("zone", ""), site)
    typed, error = {"key": secrets.token_urlsafe(18), "media": booking.kinds()[0]}, None
    with translation.override(_language(request)):
        if request.method == "POST":
            typed = _typed(request)
            try:
                return HttpResponseRedirect(links.path(_book(request, typed, site, zone)))
            except DomainError as refused:
                error = refused
        context = {
            "days": _days(times := booking.free(site, request.GET.get("line", "")), zone),
            "nearest": _nearest(times, typed, error, zone),
            "typed": typed,
            "error": error,
            "fields": (error.fields or {}) if error else {},
            "kinds": booking.kinds(),
            "most": {"name": NAME_MAX, "email": ADDRESS_MOST, "topic": TOPIC_MAX},
        }
        return _page(request, "appointments/choose.html", site, zone, context, error)


@csrf_exempt
@require_http_methods(["GET", "POST"])
@never_cache
def appointment(request: HttpRequest, pk: str) -> HttpResponse:
    """One appointment, for who has its link (`?key=`). POST `do`: come, move (`slot`), cancel."""
    limits.admit_look(client_of_request(request).address)
    row = _linked(request, pk)
    site, zone = sites.find(row.site).site, words.zone_of(row)
    error = None
    with translation.override(_language(request, row.language)):
        if request.method == "POST":
            try:
                return HttpResponseRedirect(_done(request, row))
            except DomainError as refused:
                error = refused
                row.refresh_from_db()
        others = booking.free(site, row.line, but=row.pk) if row.state == State.BOOKED and limits.offered() else {}
        others.pop(round(row.starts_at.timestamp() * 1000), None)
        context = {
            "appointment": row,
            "day": words.day(row.starts_at, zone),
            "clock": words.clock(row.starts_at, zone),
            "until": words.clock(row.ends_at, zone),
            "email": row.email,
            "days": _days(others, zone),
            "nearest": _nearest(others, _typed(request), error, zone),
            "place": _place(row) is not None,
            "error": error,
            "fields": {},
            "calendar": links.path(row, "appointment-calendar"),
            "device": _ways(row) if row.state == State.BOOKED else None,
            "again": f"{reverse('appointments')}?{urlencode({'site': row.site})}" if limits.offered() else "",
        }
        return _page(request, "appointments/appointment.html", site, zone, context, error)


@csrf_exempt
@require_POST
@never_cache
def device(request: HttpRequest, pk: str) -> HttpResponse:
    """The browser that is told beside the e-mail, for who has the link (`?key=`): `endpoint`, `p256dh` and `auth` of
    its subscription; without an endpoint none is. 204."""
    limits.admit_look(client_of_request(request).address)
    row = _linked(request, pk)
    limits.admit(client_of_request(request).address)
    endpoint, *keys = (storable(request.POST.get(name, ""))[:DEVICE_MOST] for name in ("endpoint", "p256dh", "auth"))
    try:
        kept = devices.keep(row.pk, Device(endpoint, *keys) if endpoint else None)
    except DomainError:
        return HttpResponse(status=422)
    return HttpResponse(status=204 if kept else 409)


@require_safe
@never_cache
def calendar(request: HttpRequest, pk: str) -> HttpResponse:
    """The calendar file, for who has the link."""
    row = _linked(request, pk)
    with translation.override(row.language):
        response = HttpResponse(letter.file(row), content_type=f"{ics.MIME}; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="invite.ics"'
    return response


def _linked(request: HttpRequest, pk: str) -> Appointment:
    """Forged and foreign links, and those of what was erased, are no page of ours."""
    if not links.is_good(pk, storable(request.GET.get("key", ""))[:128]):
        raise Http404
    row = Appointment.objects.filter(pk=pk, erased_at=None).first()
    if row is None:
        raise Http404
    return row


def _book(request: HttpRequest, typed: dict[str, str], site: Profile, zone: str) -> Appointment:
    """Raises DomainError; StoreUnavailable."""
    address = client_of_request(request).address
    limits.admit(address)
    if rules.is_blocked(address, ""):
        raise QueueRefused("blocked")
    wish = booking.Wish(
        key=_key(typed["key"]),
        starts_at=_slot(typed["slot"]),
        name=typed["name"],
        email=typed["email"],
        topic=typed["topic"],
        media=typed["media"],
        zone=zone,
        line=request.GET.get("line", ""),
    )
    row, _new = booking.book(wish, site, _origin(request))
    return row


def _done(request: HttpRequest, row: Appointment) -> str:
    """Where it leads. Raises DomainError; StoreUnavailable."""
    limits.admit(client_of_request(request).address)
    match request.POST.get("do"):
        case "come":
            place = _place(row)
            if place is None:
                raise DomainError("appointment_over", _("It is not your turn now. This page says when it is."))
            return place
        case "move":
            booking.move(row.pk, _slot(request.POST.get("slot", "")))
        case "cancel":
            if not booking.cancel(row.pk):
                raise DomainError("appointment_over", _("This time can no longer be changed."))
    return links.path(row)


def _place(row: Appointment) -> str | None:
    """The link that takes the place, while it is kept."""
    if row.state != State.CALLED:
        return None
    kept = Callback.objects.filter(conversation=row.conversation, conversation__status=Status.WAITING).exclude(
        handle=""
    )
    callback = kept.filter(state=Callback.State.OPEN).first()
    if callback is None:
        return None
    query = f"?{urlencode({'site': row.site})}" if row.site else ""
    return f"{row.origin}/{query}#place={callback.handle}"


def _page(
    request: HttpRequest, template: str, site: Profile, zone: str, context: dict[str, Any], error: DomainError | None
) -> HttpResponse:
    shared = {
        # For the words of the pages' own catalogue.
        "adminara_config": {"locale": language.in_force()},
        "site": site,
        "logo_url": logo_url(site.logo),
        "colours_url": colours_url(site.colours),
        "zone": zone,
        "zone_of_site": booking.zone_of(site),
        "address": request.get_full_path(),
        "home": f"/?{urlencode({'site': site.key})}" if site.key else "/",
    }
    status = 200 if error is None else STATUS.get(error.code, 422)
    return render(request, template, {**shared, **context}, status=status)


def _days(free: dict[int, int], zone: str) -> list[dict[str, Any]]:
    """The times by the days of a clock: `{label, times: [{value, label}]}`."""
    days: dict[Any, dict[str, Any]] = {}
    for start in free:
        moment = datetime.fromtimestamp(start / 1000, UTC)
        day = moment.astimezone(zones.zone(zone)).date()
        if day not in days:
            days[day] = {"label": words.day(moment, zone, short=True), "times": []}
        days[day]["times"].append({"value": str(start), "label": words.clock(moment, zone)})
    return list(days.values())


def _ways(row: Appointment) -> dict[str, str]:
    """What a browser subscribes with, and where it says so."""
    from notifications.transports import push  # with its libraries, for the few who have a time

    return {
        "key": push.public_key(),
        "worker": reverse("turn-worker"),
        "scope": reverse("turn"),
        "address": links.path(row, "appointment-device"),
    }


def _nearest(free: dict[int, int], typed: dict[str, str], error: DomainError | None, zone: str) -> list[dict[str, str]]:
    """Those that are free next to one that somebody else has got, in their order."""
    if error is None or error.code != "slot_taken":
        return []
    wanted = int(typed["slot"])
    return [
        {"value": str(start), "day": words.day(moment, zone, short=True), "clock": words.clock(moment, zone)}
        for start in sorted(sorted(free, key=lambda start: abs(start - wanted))[:NEAREST])
        if (moment := datetime.fromtimestamp(start / 1000, UTC))
    ]


def _typed(request: HttpRequest) -> dict[str, str]:
    names = ("key", "slot", "name", "email", "topic", "media")
    return {name: storable(request.POST.get(name, ""))[:1000] for name in names}


def _slot(given: str) -> int:
    if not given.isascii() or not given.isdigit() or len(given) > 13:
        message = _("Please choose one of the times.")
        raise DomainError("appointment_refused", message, fields={"slot": message})
    return int(given)


def _key(given: str) -> str:
    plain = given.replace("-", "").replace("_", "")
    return (
        given if 16 <= len(given) <= PAGE_KEY_MAX and plain.isascii() and plain.isalnum() else secrets.token_urlsafe(18)
    )


def _zone(asked: str, site: Profile) -> str:
    return asked if asked in zones.names() else booking.zone_of(site)


def _language(request: HttpRequest, kept: str = "") -> str:
    return language.of_page(request.GET.get("locale")) or language.of_page(kept) or language.in_force()


def _origin(request: HttpRequest) -> str:
    """Of this page, as links in letters begin. Behind some proxies only PUBLIC_URL says which scheme it has."""
    host, public = request.get_host(), urlsplit(str(settings.PUBLIC_URL))
    return f"{public.scheme if public.netloc == host else request.scheme}://{host}"
