"""Nobody keeps an operator from signing in: codes and tries are a browser's own, known devices have limits."""

from __future__ import annotations

import time

import pytest
from django.core import signing
from django.test import Client
from django.test.utils import override_settings
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts import askers
from accounts.clients import NOBODY
from accounts.flows.issue_otp import issue_otp
from accounts.flows.revoke_session import revoke_all
from accounts.models import OperatorSession
from notifications.content import otp_delivery as deliveries
from notifications.models import OutboxMessage
from tests.accounts.conftest import post, request_code, verify, wrong
from tests.drawn import drawn

pytestmark = pytest.mark.django_db

DEVICE, NONCE = "knownDevice", "otpNonce"


def newest_code() -> str:
    """The code that went to Telegram last."""
    message = OutboxMessage.objects.filter(kind="otp").latest("pk")
    code = deliveries.get(message.context["secret"])
    assert code is not None
    return code


def crowd(count: int) -> list[Client]:
    """Strangers at as many addresses."""
    return [Client(REMOTE_ADDR=f"203.0.113.{n}") for n in range(1, count + 1)]


@pytest.fixture
def desk(ayse) -> Client:
    """A browser that has signed ayse in before, and is signed out."""
    browser = Client(REMOTE_ADDR="198.51.100.7")
    assert verify(browser, "ayse", issue_otp(ayse)).status_code == 200
    del browser.cookies["adminSession"]
    return browser


def test_a_strangers_requests_do_not_void_the_code_under_way(ayse):
    browser = Client()
    request_code(browser, "ayse")
    code = newest_code()
    for stranger in crowd(4):
        request_code(stranger, "ayse")
    assert verify(browser, "ayse", code).status_code == 200


def test_a_code_on_its_way_to_the_chat_is_not_dropped_for_a_strangers(ayse):
    request_code(Client(), "ayse")
    first = newest_code()
    request_code(crowd(1)[0], "ayse")
    open_ones = OutboxMessage.objects.filter(kind="otp", state="pending")
    assert first in [deliveries.get(message.context["secret"]) for message in open_ones]
    assert open_ones.count() == 2


def test_wrong_answers_elsewhere_do_not_void_it(ayse):
    browser = Client()
    request_code(browser, "ayse")
    code = newest_code()
    for stranger in crowd(8):
        assert verify(stranger, "ayse", wrong(code)).status_code == 401
    assert verify(browser, "ayse", code).status_code == 200


def test_a_stranger_at_the_same_address_does_not_lock_the_code_under_way(ayse, settings):
    settings.LOCKOUT_FAILURES = 3
    browser, stranger = Client(), Client()
    request_code(browser, "ayse")
    code = newest_code()
    assert [verify(stranger, "ayse", wrong(code)).status_code for _ in range(5)] == [401, 401, 401, 423, 423]
    assert verify(stranger, "ayse", code).status_code == 423
    assert verify(browser, "ayse", code).status_code == 200


def test_of_a_locked_out_address_only_the_first_answer_is_tried(ayse, settings):
    settings.LOCKOUT_FAILURES = 1
    browser, stranger = Client(), Client()
    request_code(browser, "ayse")
    code = newest_code()
    assert verify(stranger, "ayse", wrong(code)).status_code == 401
    assert verify(browser, "ayse", wrong(code)).status_code == 401
    assert [verify(browser, "ayse", code).status_code for _ in range(3)] == [423] * 3


def test_guessers_with_many_addresses_do_not_stop_who_was_sent_a_code(ayse, settings):
    settings.LOCKOUT_ADMIN_LIMIT = "4/hour"
    assert [verify(one, "ayse", "000000").status_code for one in crowd(6)] == [401] * 4 + [429] * 2
    browser = Client()
    request_code(browser, "ayse")
    assert verify(browser, "ayse", newest_code()).status_code == 200


def test_a_printed_code_opens_while_others_guess(ayse, settings):
    settings.LOCKOUT_ADMIN_LIMIT = "4/hour"
    code = issue_otp(ayse)
    for stranger in crowd(6):
        verify(stranger, "ayse", wrong(code))
    code = issue_otp(ayse)
    for stranger in crowd(3):
        assert verify(stranger, "ayse", wrong(code)).status_code == 401
    assert verify(Client(), "ayse", code).status_code == 200


def test_the_nonce_is_the_browsers_own(ayse):
    browser = Client()
    cookie = request_code(browser, "ayse").cookies[NONCE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/")
    assert cookie["max-age"] == 300
    assert request_code(browser, "ayse").cookies[NONCE].value == cookie.value
    assert verify(browser, "ayse", newest_code()).cookies[NONCE].value == "", "used up"


def test_a_newer_code_voids_the_older_of_the_same_browser(ayse):
    browser = Client()
    request_code(browser, "ayse")
    older = newest_code()
    request_code(browser, "ayse")
    assert verify(browser, "ayse", older).status_code == (200 if older == newest_code() else 401)


def test_a_known_device_gets_in_when_strangers_used_everything_up(ayse, desk, settings):
    settings.OTP_REQUEST_ADMIN_LIMIT, settings.LOCKOUT_ADMIN_LIMIT = "3/hour", "3/hour"
    seen = [request_code(one, "ayse").status_code for one in crowd(5)]
    assert seen == [202] * 3 + [429] * 2
    assert [verify(one, "ayse", "000000").status_code for one in crowd(8)[5:]] == [401] * 3
    assert request_code(Client(REMOTE_ADDR="192.0.2.1"), "ayse").status_code == 429
    assert request_code(desk, "ayse").status_code == 202
    code = newest_code()
    assert verify(desk, "ayse", wrong(code)).status_code == 401
    assert verify(desk, "ayse", code).status_code == 200


def test_a_neighbour_does_not_use_a_known_devices_limits_up(ayse, desk, settings):
    settings.OTP_REQUEST_ADDRESS_LIMIT = settings.OTP_VERIFY_ADDRESS_LIMIT = "1/hour"
    neighbour = Client(REMOTE_ADDR="198.51.100.7")
    assert [request_code(neighbour, "ayse").status_code for _ in range(2)] == [202, 429]
    verify(neighbour, "ayse", "000000")
    assert verify(neighbour, "ayse", "000000").status_code == 429
    assert request_code(desk, "ayse").status_code == 202
    assert verify(desk, "ayse", newest_code()).status_code == 200


def test_a_known_device_is_limited_too(ayse, desk, settings):
    settings.OTP_REQUEST_DEVICE_LIMIT, settings.LOCKOUT_FAILURES = "2/hour", 2
    assert [request_code(desk, "ayse").status_code for _ in range(3)] == [202, 202, 429]
    code = newest_code()
    assert [verify(desk, "ayse", wrong(code)).status_code for _ in range(3)] == [401, 401, 423]
    assert verify(Client(), "ayse", issue_otp(ayse)).status_code == 200, "it locks nobody else out"


def test_the_device_is_known_for_its_operators_alone(ayse, mehmet, desk, settings):
    settings.OTP_REQUEST_ADMIN_LIMIT = "1/hour"
    request_code(crowd(1)[0], "mehmet")
    assert request_code(desk, "mehmet").status_code == 429
    assert verify(desk, "mehmet", issue_otp(mehmet)).status_code == 200
    assert [request_code(desk, name).status_code for name in ("mehmet", "ayse")] == [202, 202]


@pytest.mark.parametrize("how", ["by an administrator", "by himself"])
def test_signing_out_everywhere_makes_devices_unknown(ayse, desk, settings, how):
    settings.OTP_REQUEST_ADMIN_LIMIT = "1/hour"
    request_code(crowd(1)[0], "ayse")
    assert request_code(desk, "ayse").status_code == 202
    if how == "by himself":
        assert verify(desk, "ayse", newest_code()).status_code == 200
        assert post(desk, "/admin/session/revoke", {"all": True}).status_code == 200
    else:
        revoke_all("ayse", by="command", client=NOBODY)
    assert request_code(desk, "ayse").status_code == 429


def test_the_device_cookie_opens_nothing(ayse, desk):
    assert desk.get("/admin/session").status_code == 401
    cookie = desk.cookies[DEVICE]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Strict", askers.DEVICE_SECS)


def test_an_old_device_cookie_is_none(ayse, desk, monkeypatch):
    later = time.time() + askers.DEVICE_SECS + 1
    monkeypatch.setattr(signing.time, "time", lambda: later)
    assert askers._read(desk.cookies[DEVICE].value) == ()


def test_a_device_of_many_operators_forgets_the_oldest(ayse):
    known = tuple(askers.Known(n, 0, "x" * 16) for n in range(100, 110))
    from django.http import HttpResponse

    response = HttpResponse()
    askers.remember_device(response, askers.Asker(NOBODY, "", known), ayse)
    value = response.cookies[DEVICE].value
    assert len(askers._read(value)) == askers.MOST_OPERATORS
    assert len(value) < askers.COOKIE_MAX


hostile = st.one_of(
    st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126, exclude_characters='";,\\'), max_size=90),
    st.text(alphabet="abcXYZ019_-", min_size=40, max_size=46),
    st.sampled_from(["", "printed", "x" * 4000, "a" * 43, "../" * 14 + "x", "a:b:c", "*" * 43]),
    st.builds(lambda lines: signing.dumps(lines, salt=askers.SALT), st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20), lambda inner: st.lists(inner, max_size=4)
    )),
)  # fmt: skip


@hypothesis_settings(
    max_examples=drawn(120), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(nonce=hostile, device=hostile)
def test_made_up_cookies_open_nothing_and_break_nothing(ayse, nonce, device):
    browser = Client()
    browser.cookies[NONCE], browser.cookies[DEVICE] = nonce, device
    with override_settings(OTP_VERIFY_ADDRESS_LIMIT="9/second", LOCKOUT_FAILURES=100, LOCKOUT_ADMIN_LIMIT="9999/hour"):
        assert verify(browser, "ayse", "000000").status_code in (401, 423, 429)
    assert not OperatorSession.objects.exists()
