"""One-time codes: single use, counted, kept as digests."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts import codes
from accounts.codes import Outcome
from infra.redis import client, key


def test_a_code_opens_once():
    codes.issue("ayse", "123456")
    assert codes.check("ayse", "123456") is Outcome.OK
    assert codes.check("ayse", "123456") is Outcome.NONE


def test_a_code_is_void_after_the_last_attempt(settings):
    settings.OTP_MAX_ATTEMPTS = 3
    codes.issue("ayse", "123456")
    assert [codes.check("ayse", "000000") for _ in range(3)] == [Outcome.WRONG, Outcome.WRONG, Outcome.BURNED]
    assert codes.check("ayse", "123456") is Outcome.NONE


def test_a_newer_code_takes_the_place_of_the_older():
    codes.issue("ayse", "111111")
    codes.issue("ayse", "222222")
    assert codes.check("ayse", "111111") is Outcome.WRONG
    assert codes.check("ayse", "222222") is Outcome.OK


def test_codes_of_two_operators_are_two():
    codes.issue("ayse", "123456")
    assert codes.check("mehmet", "123456") is Outcome.NONE
    assert codes.check("ayse", "123456") is Outcome.OK


def test_a_code_ends_with_its_time(settings, monkeypatch):
    settings.OTP_TTL_SECS = 1
    ends = codes.issue("ayse", "123456")
    while time.time() * 1000 <= ends:
        time.sleep(0.02)
    assert codes.check("ayse", "123456") is Outcome.NONE
    assert client().exists(key("otp"), key("otp:due")) == 0


def test_expired_codes_are_swept_by_the_next_one(settings):
    codes.issue("ayse", "123456")
    client().zadd(key("otp:due"), {f"{codes.id_digest('ayse')}:{codes.PRINTED}": 1})
    codes.issue("mehmet", "654321")
    assert client().hkeys(key("otp")) == [f"{codes.id_digest('mehmet')}:{codes.PRINTED}"]


def test_redis_holds_neither_names_nor_codes():
    codes.issue("ayse", "123456")
    stored = str(client().hgetall(key("otp"))) + str(client().zrange(key("otp:due"), 0, -1))
    assert "ayse" not in stored
    assert "123456" not in stored
    assert client().pttl(key("otp")) > 0
    assert client().pttl(key("otp:due")) > 0


def test_a_decoy_behaves_like_a_code_that_nobody_knows(settings):
    settings.OTP_MAX_ATTEMPTS = 2
    codes.issue("nobody", None)
    assert [codes.check("nobody", "123456") for _ in range(3)] == [Outcome.WRONG, Outcome.BURNED, Outcome.NONE]


def test_decoys_do_not_fill_the_memory_and_never_push_a_code_out(monkeypatch):
    monkeypatch.setattr(codes, "MOST_DECOYS", 3)
    for number in range(10):
        codes.issue(f"nobody-{number}", None)
    codes.issue("ayse", "123456")
    assert client().hlen(key("otp")) == 4
    assert codes.check("ayse", "123456") is Outcome.OK


def test_codes_have_the_configured_length_and_vary(settings):
    settings.OTP_DIGITS = 8
    made = {codes.new_code() for _ in range(200)}
    assert all(len(code) == 8 and code.isdecimal() for code in made)
    assert len(made) > 190


@pytest.mark.parametrize("garbage", ["", "x", "::", "1:2:zz", "99999999999999:0:aa"])
def test_a_damaged_entry_opens_nothing(garbage):
    for browser in (codes.PRINTED, "desk"):
        client().hset(key("otp"), f"{codes.id_digest('ayse')}:{browser}", garbage)
    assert codes.untried("ayse", "desk") == ""
    assert codes.check("ayse", "123456", "desk") in (Outcome.NONE, Outcome.BURNED)
    assert codes.check("ayse", "123456", "desk") is Outcome.NONE


def test_a_code_is_that_of_the_browser_which_asked():
    codes.issue("ayse", "111111", "desk")
    codes.issue("ayse", "222222", "stranger")
    assert codes.check("ayse", "111111", "stranger") is Outcome.WRONG
    assert codes.check("ayse", "111111") is Outcome.NONE
    assert codes.check("ayse", "111111", "desk") is Outcome.OK


def test_a_printed_code_is_tried_beside_the_browsers_own():
    codes.issue("ayse", "111111", "desk")
    codes.issue("ayse", "222222")
    assert codes.check("ayse", "222222", "desk") is Outcome.OK
    assert codes.check("ayse", "222222", "desk") is Outcome.WRONG, "used up"
    assert codes.check("ayse", "111111", "desk") is Outcome.OK


def test_a_printed_code_is_void_for_the_address_that_guessed_alone(settings):
    settings.OTP_MAX_ATTEMPTS = 2
    codes.issue("ayse", "123456")
    assert [codes.check("ayse", "000000", "", "far") for _ in range(3)] == [Outcome.WRONG, Outcome.BURNED, Outcome.NONE]
    assert codes.check("ayse", "123456", "", "far") is Outcome.NONE
    assert codes.check("ayse", "123456", "", "near") is Outcome.OK
    codes.issue("ayse", "654321")
    assert codes.check("ayse", "654321", "", "far") is Outcome.OK, "a newer one begins anew"


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
            codes.issue(name, code)
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
        assert codes.check(name, code) is expected
