"""What was said stays: read again, or as text, by whoever holds the conversation's token, once it is over."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, override_settings
from hypothesis import given
from hypothesis import strategies as st

from harness.redis_process import RedisProcess
from infra.redis.client import client, execute
from infra.redis.scripts import Command, key
from queueing import said
from queueing.live import store
from queueing.live.said import Line, Said
from tests.queueing.ended import ended, talk, token_of
from tests.queueing.world import lease, settle

pytestmark = pytest.mark.usefixtures("redis_server")


@pytest.fixture(autouse=True)
def _open(redis_server: str) -> None:
    settle()
    lease()


def ask(path: str, token: str | None, **query: str) -> HttpResponse:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    response: Any = Client().get(path, query, headers=headers)
    return response


def test_the_page_reads_everything_again() -> None:
    response = ask("/chat/", token_of(ended("merhaba", "orada mısınız")))
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    told = json.loads(response.content)
    assert [(line["from"], line["text"]) for line in told["transcript"]] == [
        *(("customer", "merhaba"), ("customer", "orada mısınız")),
        ("operator", "buyurun"),
    ]
    assert (told["conversation"], told["reason"], told["peer"]) == ("c0nversat10n", "left", {"name": "Deniz"})
    assert told["since"] <= told["ended_at"]


def test_it_is_a_text_to_keep_in_the_page_s_language() -> None:
    response = ask("/chat/transcript.txt", token_of(ended("merhaba")), locale="en")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="chat-c0nversat10n.txt"'
    text = response.content.decode()
    assert "Operator: Deniz" in text.splitlines()
    assert re.search(r"^\[\d\d:\d\d:\d\d] Ayşe: merhaba$", text, re.MULTILINE)
    assert "Görüşme" in ask("/chat/transcript.txt", token_of(ended("a")), locale="tr").content.decode()


@pytest.mark.parametrize("path", ["/chat/", "/chat/transcript.txt"])
def test_only_who_holds_the_token_may_ask(path: str) -> None:
    customer = ended("merhaba")
    token = token_of(customer)
    for bad in (None, "", customer.cid, token[:-1], f"{token}x", "é", "x" * 5000):
        response = ask(path, bad)
        assert (response.status_code, response.json()["error"]["code"]) == (401, "token_invalid"), bad  # type: ignore[attr-defined]
        assert "merhaba" not in response.content.decode()


@pytest.mark.parametrize("path", ["/chat/", "/chat/transcript.txt"])
def test_a_conversation_that_goes_on_is_not_over(path: str) -> None:
    response = ask(path, token_of(talk("merhaba")))
    assert (response.status_code, response.json()["error"]["code"]) == (409, "not_over")  # type: ignore[attr-defined]


def test_asking_brings_nobody_back_into_the_queue() -> None:
    customer = ended("merhaba")
    token = token_of(customer)
    client().flushall()
    settle()
    assert ask("/chat/", token).status_code == 410
    assert execute(store.status())["waiting"] == 0
    assert client().exists(key("conn"), key("box"), key("line")) == 0


def test_what_was_erased_is_gone_at_once() -> None:
    customer = ended("merhaba")
    execute(Command(store.script("forget"), (customer.cid,), int))
    execute(store.tick("", known=False))
    response = ask("/chat/", token_of(customer))
    assert (response.status_code, response.json()["error"]["code"]) == (410, "token_expired")  # type: ignore[attr-defined]


@override_settings(PARTY_LIMIT="3/minute")
def test_asking_is_counted_per_conversation() -> None:
    token = token_of(ended("merhaba"))
    answers = [ask("/chat/", token).status_code for _ in range(5)]
    assert answers == [200, 200, 200, 429, 429]
    assert ask("/chat/transcript.txt", token)["Retry-After"]


def test_without_redis_it_says_so(redis_process: RedisProcess) -> None:
    token = token_of(ended("merhaba"))
    redis_process.kill()
    response = ask("/chat/", token)
    assert (response.status_code, response.json()["error"]["code"]) == (503, "store_unavailable")  # type: ignore[attr-defined]


def test_a_long_chat_says_what_is_left_out() -> None:
    customer = talk()
    for number in range(502):
        customer.say(f"satır {number}")
    customer.leave()
    text = ask("/chat/transcript.txt", token_of(customer), locale="en").content.decode()
    assert "Note: 3 older messages are left out." in text
    assert text.rstrip().endswith("satır 501")


HOSTILE = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from("\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\u202e\u2066\u200f—[]:"),
    ),
    max_size=80,
)


@given(HOSTILE, HOSTILE, HOSTILE)
def test_whatever_is_typed_no_line_is_forged(name: str, topic: str, words: str) -> None:
    """Every line that does not begin with spaces is one of ours."""
    spoken = (Line("customer", 1, words, 1_700_000_000_000), Line("operator", 1, words, 1_700_090_000_000))
    kept = Said("c1", True, "left", name, topic, "chat", name, 1_700_000_000_000, None, 1_700_090_000_000, spoken, 0)
    lines = said.as_text(kept).splitlines()
    ours = [line for line in lines if line and not line.startswith(" " * 11)]
    head = 1 + 4 + bool(topic.split())
    stamps = [line for line in ours[head:] if re.match(r"\[\d\d:\d\d:\d\d] ", line)]
    days = [line for line in ours[head:] if re.fullmatch("— .* —", line)]
    assert (len(stamps), len(days), len(ours)) == (2, 1, head + 3)
