"""The JSON endpoints of sign-in: parse, one call, respond."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from accounts import sessions
from accounts.access import origins
from accounts.askers import asker_of, remember_device, remember_nonce, with_nonce
from accounts.clients import client_of_request
from accounts.flows.request_otp import request_otp
from accounts.flows.revoke_session import revoke_all, revoke_sessions
from accounts.flows.sign_out import sign_out
from accounts.flows.verify_otp import SignedIn, verify_otp
from accounts.session_store import hash_key
from accounts.web.http import error_response, parse_body
from accounts.web.pacing import Pace
from accounts.web.schemas import OtpAnswer, OtpRequest, RevokeRequest
from infra.errors import DomainError

View = Callable[[HttpRequest], HttpResponse]


def json_errors(view: View) -> View:
    """A DomainError becomes the one error shape."""

    @wraps(view)
    def answered(request: HttpRequest) -> HttpResponse:
        try:
            return view(request)
        except DomainError as error:
            return error_response(error)

    return answered


@csrf_exempt
@require_POST
@never_cache
async def otp_request(request: HttpRequest) -> HttpResponse:
    """202 with the same body after the same time, whether that adminId exists or not."""
    pace = Pace()
    try:
        origins.require_own_origin(request)
        body = parse_body(request, OtpRequest)
        asker = with_nonce(asker_of(request))
        await sync_to_async(request_otp)(body.adminId, asker)
    except DomainError as error:
        return error_response(error)
    await pace.finish()
    response = JsonResponse({"ok": True, "ttl": settings.OTP_TTL_SECS, "digits": settings.OTP_DIGITS}, status=202)
    remember_nonce(response, asker)
    return response


@csrf_exempt
@require_POST
@never_cache
@json_errors
def otp_verify(request: HttpRequest) -> HttpResponse:
    """200 `{token, expiresAt}` (ms since 1970) and the session cookie."""
    origins.require_own_origin(request)
    body = parse_body(request, OtpAnswer)
    signed_in = verify_otp(request, body.adminId, body.code)
    response = JsonResponse({"token": signed_in.token, "expiresAt": signed_in.expires_at_ms})
    remember(response, signed_in)
    return response


@require_POST
@never_cache
@json_errors
def session_revoke(request: HttpRequest) -> HttpResponse:
    """200 `{revoked: n}`: this session, another of this operator, or all of them. Needs the CSRF token."""
    body = parse_body(request, RevokeRequest)
    admin_id = _signed_in(request)
    if body.all:
        count = revoke_all(admin_id, by=admin_id, client=client_of_request(request))
        request.session.flush()
    elif body.session and body.session != hash_key(str(request.session.session_key)):
        own = {row.key_hash for row in sessions.list_sessions(admin_id)} & {body.session}
        count = revoke_sessions(own, by=admin_id, client=client_of_request(request))
    else:
        sign_out(request)
        count = 1
    return JsonResponse({"revoked": count})


@require_safe
@never_cache
@json_errors
def session_status(request: HttpRequest) -> HttpResponse:
    """200 `{adminId, name, expiresAt}`; asking counts as use, and keeps a long-open console's cookie."""
    admin_id = _signed_in(request)
    info = sessions.slide_now(str(request.session.session_key))
    if info is None:
        raise _unauthorized()
    request.session.modified = True
    return JsonResponse({"adminId": admin_id, "name": info.name, "expiresAt": info.expires_at_ms})


def remember(response: HttpResponse, signed_in: SignedIn) -> None:
    """The browser as a known device, and the operator's language for the pages that follow."""
    remember_device(response, signed_in.asker, signed_in.operator)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        signed_in.operator.language,
        max_age=365 * 86_400,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def _signed_in(request: HttpRequest) -> str:
    if not request.user.is_authenticated:
        raise _unauthorized()
    return request.user.get_username()


def _unauthorized() -> DomainError:
    return DomainError("unauthorized", _("Please sign in."))
