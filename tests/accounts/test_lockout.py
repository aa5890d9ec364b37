"""Throttling: what is counted, per whom, and what is said."""

from __future__ import annotations

import logging

import pytest
from django.test import Client
from prometheus_client import REGISTRY

from accounts import locks, ratelimit
from accounts.flows.issue_otp import issue_otp, lift_lockouts
from accounts.metrics import LOCKOUT_REASONS
from accounts.models import AuditEvent
from infra.errors import DomainError
from infra.redis.client import client, key
from tests.accounts.conftest import request_code, verify, wrong

pytestmark = pytest.mark.django_db


def lockouts(reason: str) -> float:
    return REGISTRY.get_sample_value("lockouts_total", {"reason": reason}) or 0.0


def guess(admin_id: str, times: int, browser: Client | None = None) -> list[int]:
    browser = browser or Client()
    return [verify(browser, admin_id, "000000").status_code for _ in range(times)]


@pytest.fixture
def stranger() -> Client:
    return Client(REMOTE_ADDR="203.0.113.9")


def test_wrong_answers_lock_the_pair_out(ayse, settings):
    settings.LOCKOUT_FAILURES = 3
    before = lockouts("failed_codes")
    assert guess("ayse", 5) == [401, 401, 401, 423, 423]
    response = verify(Client(), "ayse", issue_otp(ayse))
    assert response.status_code == 423, "the right code does not help any more"
    error = response.json()["error"]
    assert error["code"] == "locked"
    assert error["retryable"] is True
    assert 0 < error["retry_after"] <= settings.LOCKOUT_SECS
    assert int(response["Retry-After"]) == error["retry_after"]
    assert lockouts("failed_codes") == before + 1
    assert AuditEvent.objects.filter(kind="lockout", actor="ayse").count() == 1


def test_locks_in_force_are_counted_until_they_end(ayse, stranger, settings):
    def in_force() -> float:
        [family] = locks.collect()
        return family.samples[0].value

    settings.LOCKOUT_FAILURES = 3
    assert in_force() == 0
    guess("ayse", 4)
    assert in_force() == 1
    guess("ayse", 4, stranger)
    assert in_force() == 2
    lift_lockouts(ayse)
    assert in_force() == 0


def test_a_stranger_cannot_lock_the_operator_out(ayse, stranger, settings):
    settings.LOCKOUT_FAILURES = 3
    assert guess("ayse", 4, stranger)[-1] == 423
    assert verify(Client(), "ayse", issue_otp(ayse)).status_code == 200


def test_unknown_names_are_locked_just_the_same(db, settings):
    settings.LOCKOUT_FAILURES = 3
    assert guess("nobody", 4) == [401, 401, 401, 423]


def test_a_right_answer_wipes_the_wrong_ones(ayse, settings):
    settings.LOCKOUT_FAILURES = 3
    for _ in range(3):
        assert guess("ayse", 2) == [401, 401]
        assert verify(Client(), "ayse", issue_otp(ayse)).status_code == 200


def test_a_guesser_with_many_addresses_meets_the_slower_limit(ayse, settings):
    settings.LOCKOUT_ADMIN_LIMIT = "4/hour"
    seen = [guess("ayse", 1, Client(REMOTE_ADDR=f"203.0.113.{n}"))[0] for n in range(6)]
    assert seen == [401] * 4 + [429] * 2
    response = verify(Client(), "ayse", "000000")
    assert response.json()["error"]["code"] == "rate_limited"
    assert int(response["Retry-After"]) > 0


def test_right_answers_do_not_use_the_slower_limit_up(ayse, settings):
    settings.LOCKOUT_ADMIN_LIMIT = "2/hour"
    assert [verify(Client(), "ayse", issue_otp(ayse)).status_code for _ in range(4)] == [200] * 4


def test_one_address_may_not_try_many_names(db, settings):
    settings.OTP_VERIFY_ADDRESS_LIMIT = "3/minute"
    before = lockouts("address_limit")
    assert [guess(f"name-{n}", 1)[0] for n in range(5)] == [401] * 3 + [429] * 2
    assert lockouts("address_limit") == before + 2


def test_codes_asked_for_are_limited_by_address_and_by_name(ayse, stranger, settings):
    settings.OTP_REQUEST_ADDRESS_LIMIT = "3/minute"
    assert [request_code(stranger, f"n{n}").status_code for n in range(4)] == [202, 202, 202, 429]
    settings.OTP_REQUEST_ADMIN_LIMIT = "2/minute"
    others = [Client(REMOTE_ADDR=f"198.51.100.{n}") for n in range(3)]
    assert [request_code(other, "ayse").status_code for other in others] == [202, 202, 429]
    assert "Retry-After" in request_code(others[0], "ayse")


def test_ipv6_neighbours_are_one_client(db, settings):
    settings.OTP_VERIFY_ADDRESS_LIMIT = "2/minute"
    homes = [Client(REMOTE_ADDR=f"2001:db8:0:1::{n:x}") for n in range(1, 4)]
    assert [guess("ayse", 1, home)[0] for home in homes] == [401, 401, 429]
    assert guess("ayse", 1, Client(REMOTE_ADDR="2001:db8:0:2::1")) == [401]


def test_a_dual_stack_socket_is_no_second_address(db, settings):
    settings.OTP_VERIFY_ADDRESS_LIMIT = "1/minute"
    assert guess("ayse", 1, Client(REMOTE_ADDR="203.0.113.9")) == [401]
    assert guess("ayse", 1, Client(REMOTE_ADDR="::ffff:203.0.113.9")) == [429]


def test_a_lockout_ends_with_its_time(settings):
    settings.LOCKOUT_FAILURES = 1
    settings.LOCKOUT_SECS = 1
    guesser = ratelimit.Guesser("ayse", "203.0.113.9")
    ratelimit.allow_attempt(guesser)
    assert ratelimit.attempt_failed(guesser)
    with pytest.raises(DomainError, match="locked"):
        ratelimit.allow_attempt(guesser)
    for name in client().scan_iter("*"):
        client().pexpire(name, 1)
    while client().exists(*list(client().scan_iter("*limits*")) or ["-"]):
        pass
    ratelimit.allow_attempt(guesser)


def test_operations_can_lift_a_lockout(ayse, settings):
    settings.LOCKOUT_FAILURES = 2
    settings.LOCKOUT_ADMIN_LIMIT = "2/hour"
    assert guess("ayse", 3) == [401, 401, 423]
    lift_lockouts(ayse)
    assert verify(Client(), "ayse", issue_otp(ayse)).status_code == 200


def test_keys_and_log_lines_name_nobody(ayse, settings, caplog):
    settings.LOCKOUT_FAILURES = 1
    settings.OTP_VERIFY_ADDRESS_LIMIT = "2/minute"
    with caplog.at_level(logging.INFO):
        guess("ayse", 4, Client(REMOTE_ADDR="203.0.113.9"))
    keys = "\n".join(client().scan_iter("*"))
    ours = "\n".join(f"{r.getMessage()} {r.__dict__}" for r in caplog.records if r.name.startswith("accounts"))
    assert "locked out" in ours
    assert "rate limited" in ours
    for text in (keys, ours):
        assert "ayse" not in text
        assert "203.0.113.9" not in text


def test_known_reasons_start_at_zero():
    for reason in LOCKOUT_REASONS:
        assert REGISTRY.get_sample_value("lockouts_total", {"reason": reason}) is not None


def test_a_wrong_answer_is_not_the_right_one():
    assert wrong("999999") == "000000"


def in_force() -> float:
    [metric] = locks.collect()
    return metric.samples[0].value


def test_locks_in_force_are_counted_until_they_end_or_are_lifted(settings):
    settings.LOCKOUT_FAILURES = 1
    assert in_force() == 0
    for address in ("203.0.113.7", "203.0.113.8"):
        guesser = ratelimit.Guesser("ayse", address)
        ratelimit.allow_attempt(guesser)
        assert ratelimit.attempt_failed(guesser)
    assert in_force() == 2
    ratelimit.unlock("ayse", ["203.0.113.7"])
    assert in_force() == 1
    client().zadd(key("lockouts"), dict.fromkeys(client().zrange(key("lockouts"), 0, -1), 1))  # type: ignore[arg-type]
    assert in_force() == 0
    assert client().ttl(key("lockouts")) > 0
