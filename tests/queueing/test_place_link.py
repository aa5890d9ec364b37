"""A place link: for whoever holds the token of a running conversation, to our hosted page alone."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
import segno
from django.http import HttpResponse
from django.test import Client
from hypothesis import example, given
from hypothesis import strategies as st

from queueing import place_links, resume_handles, tokens
from queueing.tokens import Ticket
from tests.queueing.ended import talk, token_of
from tests.queueing.world import Customer, lease, settle

pytestmark = pytest.mark.usefixtures("redis_server")
OURS = "https://testserver"


@pytest.fixture(autouse=True)
def _open(redis_server: str) -> None:
    settle()
    lease()


def ask(token: str, body: Any = None) -> HttpResponse:
    response: Any = Client().post(
        "/chat/place/",
        json.dumps({"origin": OURS} if body is None else body),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
        query_params={"locale": "en"},
    )
    return response


def code_of(response: HttpResponse) -> str:
    return str(json.loads(response.content)["error"]["code"])


def waiting(site: str = "") -> str:
    """The token of somebody who waits."""
    customer = Customer("Ayşe")
    customer.join(id="wa1tingwa1ting", topic="iade")
    return tokens.sign(Ticket(customer.cid, "1", customer.name, "video", "tr", "iade", "", False, site=site))


def test_its_fragment_is_the_token_for_an_hour_and_its_picture_is_the_link(monkeypatch: pytest.MonkeyPatch) -> None:
    token = waiting(site="Kj3nQ8xYtR2m")
    response = ask(token)
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    told = json.loads(response.content)
    parts = urlsplit(told["link"])
    assert (parts.netloc, parts.path, parts.query) == ("testserver", "/", "site=Kj3nQ8xYtR2m")
    assert told["code"] == segno.make_qr(told["link"], error="l", boost_error=False).svg_data_uri(
        border=4, light="white"
    )
    handle = parts.fragment.removeprefix("place=")
    assert resume_handles.read(handle, OURS) == token
    assert told["expires_s"] == place_links.LINK_SECS
    now = time.time()
    monkeypatch.setattr(resume_handles.time, "time", lambda: now + place_links.LINK_SECS + 1)
    with pytest.raises(Exception, match="token_expired"):
        resume_handles.read(handle, OURS)


def test_a_call_moves_too_and_what_is_over_does_not() -> None:
    customer = talk("merhaba")
    assert ask(token_of(customer)).status_code == 200
    customer.leave()
    response = ask(token_of(customer))
    assert (response.status_code, code_of(response)) == (410, "token_expired")


def test_only_who_holds_the_token_gets_one_and_not_without_end() -> None:
    token = waiting()
    response = ask(token[:-1] + ("a" if token[-1] != "a" else "b"))
    assert (response.status_code, code_of(response)) == (401, "token_invalid")
    assert {ask(token).status_code for _ in range(10)} == {200}
    response = ask(token)
    assert (response.status_code, code_of(response)) == (429, "rate_limited")


@given(origin=st.one_of(st.text(max_size=400), st.integers(), st.none()))
@example(origin="https://evil.example")
@example(origin="https://testserver@evil.example")
@example(origin="https://testserver/path")
@example(origin="https://testserver:444")
@example(origin="javascript://testserver")
def test_it_leads_nowhere_else(origin: Any) -> None:
    settle()
    response = ask(waiting(), {"origin": origin})
    assert response.status_code == 400
