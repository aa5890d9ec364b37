"""The admin's login page is the one-time code; it works as plain form posts."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth import authenticate
from django.test import Client

from accounts import sessions
from accounts.flows.issue_otp import issue_otp
from accounts.models import AuditEvent, OperatorSession
from accounts.session_store import hash_key
from tests.accounts.conftest import wrong
from tests.accounts.test_otp_endpoints import sent_code

pytestmark = pytest.mark.django_db(transaction=True)

LOGIN = "/admin/login/"


def ask(browser: Client, admin_id: str = "ayse", **more: str):
    return browser.post(LOGIN, {"step": "ask", "adminId": admin_id, **more})


def answer(browser: Client, code: str, admin_id: str = "ayse", **more: str):
    return browser.post(LOGIN, {"step": "answer", "adminId": admin_id, "code": code, **more})


def test_from_the_name_to_the_console(ayse):
    browser = Client()
    assert browser.get("/admin/console/").headers["Location"] == "/admin/login/?next=/admin/console/"
    assert 'id="ask"' in browser.get(LOGIN).content.decode()
    page = ask(browser).content.decode()
    assert re.search(r'<form[^>]*id="ask"[^>]*\shidden', page)
    assert not re.search(r'<form[^>]*id="answer"[^>]*\shidden', page)
    assert 'value="ayse"' in page
    response = answer(browser, sent_code())
    assert (response.status_code, response.headers["Location"]) == (302, "/admin/console/")
    assert browser.get("/admin/").status_code == 200
    assert browser.get(LOGIN).headers["Location"] == "/admin/console/"


def test_both_forms_carry_the_csrf_token(ayse):
    browser = Client(enforce_csrf_checks=True)
    assert ask(browser).status_code == 403
    page = browser.get(LOGIN).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page).group(1)
    assert page.count("csrfmiddlewaretoken") == 3
    assert ask(browser, csrfmiddlewaretoken=token).status_code == 200


def test_known_and_unknown_names_see_the_same_page(ayse):
    strip = re.compile(r'value="\w{64}"|nonce="[^"]*"')
    known, unknown = (
        strip.sub("", ask(Client(), name).content.decode()).replace(name, "NAME") for name in ("ayse", "nobody")
    )
    assert known == unknown


@pytest.mark.parametrize(
    ("wanted", "leads_to"),
    [
        ("/admin/accounts/operator/", "/admin/accounts/operator/"),
        ("https://evil.io/", "/admin/console/"),
        ("//evil.io/", "/admin/console/"),
        ("/\\evil.io", "/admin/console/"),
        ("javascript:alert(1)", "/admin/console/"),
        ("/admin/login/?next=/admin/", "/admin/console/"),
        ("/admin/logout/", "/admin/console/"),
        ("", "/admin/console/"),
    ],
)
def test_next_stays_here(ayse, wanted, leads_to):
    assert answer(Client(), issue_otp(ayse), next=wanted).headers["Location"] == leads_to


def test_a_wrong_code_says_so_and_keeps_the_step(ayse):
    response = answer(Client(), wrong(issue_otp(ayse)))
    page = response.content.decode()
    assert response.status_code == 401
    assert not re.search(r'id="login-alert"[^>]*hidden', page)
    assert 'aria-invalid="true"' in page
    assert not OperatorSession.objects.exists()


@pytest.mark.parametrize("code", ["", "12", "abcdef", "' or 1=1"])
def test_what_is_no_code_is_not_tried(ayse, code):
    assert answer(Client(), code).status_code == 400
    assert not AuditEvent.objects.exists()


def test_a_name_is_needed(db):
    assert ask(Client(), "  ").status_code == 400


def test_a_new_code_may_be_asked_for_from_the_second_step(ayse):
    response = Client().post(LOGIN, {"step": ["answer", "ask"], "adminId": "ayse", "code": ""})
    assert response.status_code == 200
    assert sent_code()


def test_what_was_typed_comes_back_escaped(db):
    page = ask(Client(), '"><script>alert(1)</script>').content.decode()
    assert "<script>alert" not in page


def test_a_locked_pair_is_told(ayse, settings):
    settings.LOCKOUT_FAILURES = 1
    browser = Client()
    answer(browser, "000000")
    assert answer(browser, issue_otp(ayse)).status_code == 423


def test_the_page_has_no_inline_code_and_is_not_cached(db):
    response = Client().get(LOGIN)
    page = response.content.decode()
    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", page)
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.parametrize(("language", "word"), [("tr", "Kod gönder"), ("en", "Send code")])
def test_the_page_speaks_both_languages(db, language, word):
    assert word in Client().get(LOGIN, headers={"Accept-Language": language}).content.decode()


def test_a_password_opens_nothing(ayse):
    ayse.set_password("correct horse battery staple")
    ayse.save()
    assert authenticate(username="ayse", password="correct horse battery staple") is None
    browser = Client()
    assert not browser.login(username="ayse", password="correct horse battery staple")
    browser.post(LOGIN, {"username": "ayse", "password": "correct horse battery staple", "next": "/admin/"})
    assert not OperatorSession.objects.exists()


def test_there_are_no_password_pages(ayse, sign_in):
    browser = sign_in(ayse)
    assert browser.get("/admin/password_change/").status_code == 404
    assert browser.get("/admin/password_change/done/").status_code == 404


def test_signing_out_ends_the_session_everywhere(ayse, sign_in, pushed):
    browser = sign_in(ayse)
    key = browser.cookies["adminSession"].value
    assert browser.get("/admin/logout/").status_code == 302
    assert sessions.identify_now(key) is not None, "a link must not sign anybody out"
    response = browser.post("/admin/logout/")
    assert response.headers["Location"] == LOGIN
    assert response.cookies["adminSession"].value == ""
    assert sessions.identify_now(key) is None
    assert pushed == [{"kind": "session.revoked", "keys": [hash_key(key)]}]
    assert AuditEvent.objects.filter(kind="logout", actor="ayse").count() == 1
    assert browser.post("/admin/logout/").status_code == 302
