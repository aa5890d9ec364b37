"""`/admin/otp/request` and `/admin/otp/verify`."""

from __future__ import annotations

import json
import logging
import re
import time
from datetime import datetime

import pytest
from django.conf import settings as django_settings
from django.test import Client

from accounts import otp
from accounts.flows.issue_otp import issue_otp
from accounts.models import AuditEvent, OperatorSession
from accounts.session_store import hash_key
from accounts.web import pacing
from notifications.content import otp_delivery as deliveries
from notifications.models import OutboxMessage
from tests.accounts.conftest import post, request_code, verify, wrong

pytestmark = pytest.mark.django_db


def sent_code() -> str:
    """The code on its way to Telegram."""
    code = deliveries.get(OutboxMessage.objects.get(kind="otp").context["secret"])
    assert code is not None
    return code


def test_the_code_that_is_sent_opens_a_session(ayse):
    browser = Client()
    assert request_code(browser, " ayse ").status_code == 202
    response = verify(browser, "ayse", sent_code())
    assert response.status_code == 200
    body = response.json()
    assert set(body) == {"token", "expiresAt"}
    assert body["expiresAt"] == pytest.approx(time.time() * 1000 + django_settings.SESSION_TTL_MS, abs=5000)
    cookie = response.cookies[django_settings.SESSION_COOKIE_NAME]
    assert cookie.value == body["token"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"
    assert cookie["path"] == "/"
    assert cookie["max-age"] == django_settings.SESSION_TTL_MS // 1000
    assert OperatorSession.objects.get().key_hash == hash_key(body["token"])
    assert browser.get("/admin/session").json()["adminId"] == "ayse"


def test_spaces_in_a_code_are_a_habit_of_people(ayse):
    code = issue_otp(ayse)
    assert verify(Client(), "ayse", f" {code[:3]} {code[3:]} ").status_code == 200


def test_known_and_unknown_names_get_the_same_answer(ayse):
    known, unknown = request_code(Client(), "ayse"), request_code(Client(), "nobody")
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content) == (202, known.content)
    assert set(known.headers) == set(unknown.headers)
    first, second = verify(Client(), "ayse", wrong(sent_code())), verify(Client(), "nobody", "123456")
    assert (first.status_code, first.content) == (second.status_code, second.content) == (401, first.content)
    assert first.json()["error"]["code"] == "otp_invalid"


def test_the_answer_to_a_request_takes_a_whole_step_for_everybody(ayse, monkeypatch):
    monkeypatch.setattr(pacing, "STEP_SECS", 0.3)
    request_code(Client(), "warm-up")
    for name in ("ayse", "nobody"):
        began = time.monotonic()
        request_code(Client(), name)
        # At least a step, known or not; how much longer is the machine's business.
        assert time.monotonic() - began >= 0.29


def test_an_unknown_name_costs_the_same_steps_in_redis(monkeypatch, ayse):
    seen: list[tuple[str, int, object]] = []
    monkeypatch.setattr(otp, "execute", lambda c: seen.append((c.script.name, len(c.argv), c.argv[4])))
    request_code(Client(), "ayse")
    request_code(Client(), "nobody")
    # The last is the mark of a decoy, which may be left out when there are too many.
    assert seen == [("otp_issue", 6, 0), ("otp_issue", 6, 1)]


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}])
def test_who_may_not_open_the_console_gets_no_code(ayse, change):
    for name, value in change.items():
        setattr(ayse, name, value)
    ayse.save()
    assert request_code(Client(), "ayse").status_code == 202
    assert not OutboxMessage.objects.exists()
    assert verify(Client(), "ayse", issue_otp(ayse)).status_code == 401


def test_the_name_defaults_to_admin(db):
    assert post(Client(), "/admin/otp/request", {}).status_code == 202
    assert AuditEvent.objects.get().actor == "admin"


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("request", {"adminId": ""}, "adminId"),
        ("request", {"adminId": "   "}, "adminId"),
        ("request", {"adminId": "x" * 65}, "adminId"),
        ("request", {"adminId": 7}, "adminId"),
        ("request", {"adminId": None}, "adminId"),
        ("request", {"adminId": ["ayse"]}, "adminId"),
        ("request", {"adminId": "a\u0000b"}, "adminId"),
        ("request", {"adminId": "a|b"}, "adminId"),
        ("request", {"adminId": "ayse", "extra": 1}, "extra"),
        ("verify", {"adminId": "ayse"}, "code"),
        ("verify", {"adminId": "ayse", "code": 123456}, "code"),
        ("verify", {"adminId": "ayse", "code": "12345"}, "code"),
        ("verify", {"adminId": "ayse", "code": "12345678901"}, "code"),
        ("verify", {"adminId": "ayse", "code": "12345a"}, "code"),
        ("verify", {"adminId": "ayse", "code": "١٢٣٤٥٦"}, "code"),
        ("verify", {"adminId": "ayse", "code": {"$ne": ""}}, "code"),
        ("verify", [], "body"),
        ("verify", "not json", "body"),
        ("verify", b"\xff\xfe", "body"),
        ("verify", '{"adminId":"\\ud800","code":"123456"}', None),
        ("verify", "[" * 3000, "body"),
    ],
)
def test_a_body_that_does_not_fit_says_where(db, path, body, field):
    response = post(Client(), f"/admin/otp/{path}", body)
    assert response.status_code == 400
    error = response.json()["error"]
    assert error["code"] == "schema"
    if field:
        assert field in error["fields"]
    assert "123456" not in response.content.decode()


def test_bodies_are_small_and_json(db):
    assert post(Client(), "/admin/otp/request", {"adminId": "x" * 5000}).status_code == 413
    form = Client().post("/admin/otp/request", {"adminId": "ayse"}, headers={"Origin": "http://testserver"})
    assert form.status_code == 400
    assert Client().get("/admin/otp/request").status_code == 405


@pytest.mark.parametrize(
    "origin", ["https://evil.io", "null", "http://testserver.evil.io", "https://allowed.example", ""]
)
@pytest.mark.parametrize("path", ["request", "verify"])
def test_other_pages_may_not_sign_anybody_in(ayse, settings, origin, path):
    settings.ALLOWED_ORIGINS = ["https://allowed.example"]
    body = {"adminId": "ayse"} | ({"code": issue_otp(ayse)} if path == "verify" else {})
    response = post(Client(), f"/admin/otp/{path}", body, Origin=origin)
    assert response.status_code == 403
    assert response.json()["error"]["code"] == "origin_refused"
    assert not OperatorSession.objects.exists()


def test_no_csrf_token_is_needed_with_our_origin(ayse):
    browser = Client(enforce_csrf_checks=True)
    assert request_code(browser, "ayse").status_code == 202
    assert verify(browser, "ayse", sent_code()).status_code == 200


def _without_clocks(rows):
    """All columns but moments: their microseconds are six digits too."""
    return json.dumps(
        [{name: v for name, v in row.items() if not isinstance(v, datetime)} for row in rows], default=str
    )


def _fields(record):
    """All that a log line carries but what `logging` itself reads from a clock."""
    return {name: v for name, v in record.__dict__.items() if name not in ("created", "msecs", "relativeCreated")}


def test_the_code_stands_in_no_row_and_no_log_line(ayse, caplog):
    caplog.set_level(logging.DEBUG)
    browser = Client()
    request_code(browser, "ayse")
    code = sent_code()
    verify(browser, "ayse", wrong(code))
    response = verify(browser, "ayse", code)
    token = response.json()["token"]
    rows = _without_clocks([*OutboxMessage.objects.values(), *AuditEvent.objects.values()])
    session_row = _without_clocks(OperatorSession.objects.values())
    lines = "\n".join(f"{record.getMessage()} {_fields(record)}" for record in caplog.records)
    whole_code = re.compile(rf"(?<!\d){code}(?!\d)")
    for text in (rows, session_row, lines):
        assert not whole_code.search(text)
        assert token not in text


def test_the_operators_language_follows_the_login(ayse):
    ayse.language = "en"
    ayse.save()
    response = verify(Client(), "ayse", issue_otp(ayse))
    assert response.cookies[django_settings.LANGUAGE_COOKIE_NAME].value == "en"
