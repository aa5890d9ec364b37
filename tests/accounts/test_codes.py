"""One-time codes: single use, counted, kept as digests."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts import otp
from accounts.otp import Outcome
from infra.redis.client import client, key


def test_a_code_opens_once():
    otp.issue("ayse", "123456")
    assert otp.check("ayse", "123456") is Outcome.OK
    assert otp.check("ayse", "123456") is Outcome.NONE


def test_a_code_is_void_after_the_last_attempt(settings):
    settings.OTP_MAX_ATTEMPTS = 3
    otp.issue("ayse", "123456")
    assert [otp.check("ayse", "000000") for _ in range(3)] == [Outcome.WRONG, Outcome.WRONG, Outcome.BURNED]
    assert otp.check("ayse", "123456") is Outcome.NONE


def test_a_newer_code_takes_the_place_of_the_older():
    otp.issue("ayse", "111111")
    otp.issue("ayse", "222222")
    assert otp.check("ayse", "111111") is Outcome.WRONG
    assert otp.check("ayse", "222222") is Outcome.OK


def test_codes_of_two_operators_are_two():
    otp.issue("ayse", "123456")
    assert otp.check("mehmet", "123456") is Outcome.NONE
    assert otp.check("ayse", "123456") is Outcome.OK


def test_a_code_ends_with_its_time(settings, monkeypatch):
    settings.OTP_TTL_SECS = 1
    ends = otp.issue("ayse", "123456")
    while time.time() * 1000 <= ends:
        time.sleep(0.02)
    assert otp.check("ayse", "123456") is Outcome.NONE
    assert client().exists(key("otp"), key("otp:due")) == 0


def test_expired_codes_are_swept_by_the_next_one(settings):
    otp.issue("ayse", "123456")
    client().zadd(key("otp:due"), {f"{otp.id_digest('ayse')}:{otp.PRINTED}": 1})
    otp.issue("mehmet", "654321")
    assert client().hkeys(key("otp")) == [f"{otp.id_digest('mehmet')}:{otp.PRINTED}"]


def test_redis_holds_neither_names_nor_codes():
    otp.issue("ayse", "123456")
    stored = str(client().hgetall(key("otp"))) + str(client().zrange(key("otp:due"), 0, -1))
    assert "ayse" not in stored
    assert "123456" not in stored
    assert client().pttl(key("otp")) > 0
    assert client().pttl(key("otp:due")) > 0


def test_a_decoy_behaves_like_a_code_that_nobody_knows(settings):
    settings.OTP_MAX_ATTEMPTS = 2
    otp.issue("nobody", None)
    assert [otp.check("nobody", "123456") for _ in range(3)] == [Outcome.WRONG, Outcome.BURNED, Outcome.NONE]


def test_decoys_do_not_fill_the_memory_and_never_push_a_code_out(monkeypatch):
    monkeypatch.setattr(otp, "MOST_DECOYS", 3)
    for number in range(10):
        otp.issue(f"nobody-{number}", None)
    otp.issue("ayse", "123456")
    assert client().hlen(key("otp")) == 4
    assert otp.check("ayse", "123456") is Outcome.OK


def test_codes_have_the_configured_length_and_vary(settings):
    settings.OTP_DIGITS = 8
    made = {otp.new_code() for _ in range(200)}
    assert all(len(code) == 8 and code.isdecimal() for code in made)
    assert len(made) > 190


@pytest.mark.parametrize("garbage", ["", "x", "::", "1:2:zz", "99999999999999:0:aa"])
def test_a_damaged_entry_opens_nothing(garbage):
    for browser in (otp.PRINTED, "desk"):
        client().hset(key("otp"), f"{otp.id_digest('ayse')}:{browser}", garbage)
    assert otp.untried("ayse", "desk") == ""
    assert otp.check("ayse", "123456", "desk") in (Outcome.NONE, Outcome.BURNED)
    assert otp.check("ayse", "123456", "desk") is Outcome.NONE


def test_a_code_is_that_of_the_browser_which_asked():
    otp.issue("ayse", "111111", "desk")
    otp.issue("ayse", "222222", "stranger")
    assert otp.check("ayse", "111111", "stranger") is Outcome.WRONG
    assert otp.check("ayse", "111111") is Outcome.NONE
    assert otp.check("ayse", "111111", "desk") is Outcome.OK


def test_a_printed_code_is_tried_beside_the_browsers_own():
    otp.issue("ayse", "111111", "desk")
    otp.issue("ayse", "222222")
    assert otp.check("ayse", "222222", "desk") is Outcome.OK
    assert otp.check("ayse", "222222", "desk") is Outcome.WRONG, "used up"
    assert otp.check("ayse", "111111", "desk") is Outcome.OK


def test_a_printed_code_is_void_for_the_address_that_guessed_alone(settings):
    settings.OTP_MAX_ATTEMPTS = 2
    otp.issue("ayse", "123456")
    assert [otp.check("ayse", "000000", "", "far") for _ in range(3)] == [Outcome.WRONG, Outcome.BURNED, Outcome.NONE]
    assert otp.check("ayse", "123456", "", "far") is Outcome.NONE
    assert otp.check("ayse", "123456", "", "near") is Outcome.OK
    otp.issue("ayse", "654321")
    assert otp.check("ayse", "654321", "", "far") is Outcome.OK, "a newer one begins anew"


NAMES, CODES = ("ayse", "mehmet"), ("111111", "222222", "333333")
steps = st.lists(
    st.tuples(st.sampled_from(("issue", "check")), st.sampled_from(NAMES), st.sampled_from(CODES)), max_size=40
)


@hypothesis_settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_any_sequence_agrees_with_a_model_of_three_lines(steps, settings):
    client().delete(key("otp"), key("otp:due"))
    live: dict[str, tuple[str, int]] = {}
    for verb, name, code in steps:
        if verb == "issue":
            otp.issue(name, code)
            live[name] = (code, settings.OTP_MAX_ATTEMPTS)
            continue
        expected = Outcome.NONE
        if name in live:
            right, left = live.pop(name)
            if right == code:
                expected = Outcome.OK
            elif left == 1:
                expected = Outcome.BURNED
            else:
                expected = Outcome.WRONG
                live[name] = (right, left - 1)
        assert otp.check(name, code) is expected
