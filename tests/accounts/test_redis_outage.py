"""Redis really stopped: nobody signs in uncounted, and nobody who is signed in notices."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts import sessions
from accounts.flows.issue_otp import issue_otp
from accounts.models import OperatorSession
from tests.accounts.conftest import request_code, verify

pytestmark = pytest.mark.django_db


@pytest.fixture
def stopped(redis_process):
    redis_process.stop()
    yield
    redis_process.ensure_empty()


def test_sign_in_is_refused(ayse, redis_process):
    code = issue_otp(ayse)
    redis_process.stop()
    for response in (request_code(Client(), "ayse"), request_code(Client(), "nobody"), verify(Client(), "ayse", code)):
        assert response.status_code == 503
        error = response.json()["error"]
        assert error["code"] == "store_unavailable"
        assert error["retryable"] is True
        assert response["Retry-After"] == "2"
    assert not OperatorSession.objects.exists()


def test_the_page_says_so(db, stopped):
    response = Client().post("/admin/login/", {"step": "ask", "adminId": "ayse"})
    assert response.status_code == 503
    assert b'role="alert"' in response.content
    assert Client().get("/admin/login/").status_code == 200


def test_sessions_are_read_from_their_rows(ayse, sign_in, redis_process):
    browser = sign_in(ayse)
    key = browser.cookies["adminSession"].value
    redis_process.stop()
    assert browser.get("/admin/session").status_code == 200
    info = sessions.identify_now(key)
    assert info is not None
    assert info.admin_id == "ayse"
    assert sessions.slide_now(key) is not None


def test_a_paused_redis_does_not_hold_a_page_for_long(ayse, sign_in, redis_process):
    browser = sign_in(ayse)
    redis_process.pause()
    assert browser.get("/admin/session").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_session_can_still_be_revoked(ayse, sign_in, redis_process):
    browser = sign_in(ayse)
    redis_process.stop()
    call_command("sessions", "revoke", "--all")
    assert browser.get("/admin/session").status_code == 401


def test_the_otp_command_says_what_is_wrong(ayse, stopped):
    with pytest.raises(CommandError):
        call_command("otp", "ayse")
