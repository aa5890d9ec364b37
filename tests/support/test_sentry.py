"""What reaches Sentry, through the real SDK over real HTTP: outages once, and nothing about people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from harness import python
from harness.fakes.sentry import FakeSentry
from harness.processes import clean_environment
from support.ops.sentry import Limiter, clean, scrubbed

SIGNED = "eyJjIjoiSDdXIn0:1vNabc:Zk3vQ8mB7yX1cD5fG9hJ2kL4nP6rS0tU"
PRIVATE = {
    "bot": "123456789:AAH4kZp9QwErTyUiOpAsDfGhJkLzXcVbNm1",
    "signed": SIGNED,
    "code": "482913",
    "name": "Ada Lovelace",
    "line": "my account number is NL00BANK",
    "pwd": "2/1muCWoOi3uLifh0NuRHlS",
    "address": "203.0.113.77",
    "mail": "ada@example.com",
    "password": "hunter2hunter2",
}
PROGRAM = """
import json, logging, sys, django
django.setup()
import sentry_sdk
from infra.logs import trace
from infra.errors import StoreUnavailable
from infra.redis.client import execute, guarded
from queueing.live import store
P = json.loads(sys.argv[1])
log = logging.getLogger("queueing.example")
trace.bind(request_id="page-id-0123", conversation="c0ffee")
for _ in range(20):  # one outage, whoever runs into it, by either way
    try:
        execute(store.status())
    except StoreUnavailable:
        pass
    try:
        with guarded() as connection:
            connection.ping()
    except StoreUnavailable:
        pass
extra = {"token": P["signed"], "code": P["code"], "text": P["line"], "customer": P["name"], "conversation": "c0ffee",
         "attempts": 3, "sdp": "v=0 " + P["pwd"], "unheard-of": P["line"]}
log.error("told with %s and %s", P["signed"], P["code"], extra=extra)
for text in (
    "no answer from https://api.telegram.org/bot%(bot)s/sendMessage" % P,
    "duplicate key: Key (name)=(%(name)s) already exists" % P,
    "not understood: '%(line)s'" % P,
    "v=0 o=- a=ice-pwd:%(pwd)s c=IN IP4 %(address)s" % P,
    "cannot reach redis://user:%(password)s@10.0.0.7:6379 for %(mail)s from %(address)s" % P,
):
    class Broken(Exception): pass
    Broken.__name__ = Broken.__qualname__ = f"Broken{len(text)}"
    try:
        local = dict(P)
        raise Broken(text)
    except Broken:
        log.exception("a step failed: %d", len(text), extra={"text": P["line"]})
        sentry_sdk.capture_exception()
with sentry_sdk.new_scope() as scope:
    scope.set_user({"username": P["name"], "ip_address": P["address"]})
    scope.set_context("celery", {"args": [P["line"]]})
    sentry_sdk.capture_message("seen " + P["code"])
sentry_sdk.flush(20)
"""


@pytest.fixture
def sentry() -> Iterator[FakeSentry]:
    with FakeSentry() as fake:
        yield fake


def run(fake: FakeSentry, tmp_path: Any) -> None:
    environment = clean_environment(
        DJANGO_SETTINGS_MODULE="support.settings",
        DATA_DIR=str(tmp_path),
        REDIS_URL=f"unix://{tmp_path}/nobody-listens.sock",
        SENTRY_DSN=fake.dsn,
    )
    done = python.run(["-c", PROGRAM, json.dumps(PRIVATE)], env=environment, timeout=90)
    assert done.returncode == 0, done.stderr


def test_an_outage_is_one_event_and_nothing_about_people_leaves(sentry: FakeSentry, tmp_path: Any) -> None:
    run(sentry, tmp_path)
    events = sentry.await_events(8)
    outages = [event for event in events if (event.get("logentry") or {}).get("formatted") == "redis lost"]
    assert len(outages) == 1
    assert outages[0]["exception"]["values"][-1]["type"] == "ConnectionError"
    assert outages[0]["level"] == "error"

    for kind, secret in PRIVATE.items():
        assert secret not in sentry.text, f"{kind} left"
    told = next(event for event in events if (event.get("logentry") or {}).get("message", "").startswith("told with"))
    assert (told["extra"]["conversation"], told["extra"]["attempts"]) == ("c0ffee", 3)
    assert told["tags"] == {"conversation": "c0ffee", "request_id": "page-id-0123"}
    assert not {"unheard-of", "text", "token", "customer"} & set(told["extra"])
    assert all("vars" not in frame for event in events for frame in frames(event))
    assert {event["environment"] for event in events} == {"development"}


def frames(event: dict[str, Any]) -> list[dict[str, Any]]:
    values = (event.get("exception") or {}).get("values") or []
    return [frame for value in values for frame in (value.get("stacktrace") or {}).get("frames") or []]


def test_of_each_kind_one_a_minute() -> None:
    now = [0.0]
    limiter = Limiter(60, now=lambda: now[0])
    assert [limiter.allows(kind) for kind in ("a", "a", "b", "a")] == [True, False, True, False]
    now[0] = 61.0
    assert [limiter.allows(kind) for kind in ("a", "b", "b")] == [True, True, False]
    for number in range(5_000):
        limiter.allows(str(number))
    assert len(limiter._last) <= 500


def test_requests_lose_all_but_method_and_path() -> None:
    event = scrubbed(
        {
            "request": {
                "method": "POST",
                "url": "https://support.example.com/admin/?q=Ada",
                "query_string": "q=Ada",
                "headers": {"Cookie": "adminSession=secret"},
                "cookies": {"adminSession": "secret"},
                "data": {"code": "123456"},
                "env": {"REMOTE_ADDR": "203.0.113.7"},
            },
            "user": {"ip_address": "203.0.113.7"},
            "server_name": "desk-of-ada",
        }
    )
    assert event["request"] == {"method": "POST", "url": "https://support.example.com/admin/"}
    assert "user" not in event
    assert "server_name" not in event


@pytest.mark.parametrize(
    "harmless",
    [
        "redis lost",
        "Error 111 connecting to redis.internal:6379. Connection refused.",
        "no answer in 1 s",
        "database is locked",
        "relation does not exist",
    ],
)
def test_what_is_harmless_stays_readable(harmless: str) -> None:
    assert clean(harmless) == harmless
