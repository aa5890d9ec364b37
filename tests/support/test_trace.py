"""One id from the browser through web process, journal, worker and outbox to the notification, in real processes."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from harness.installation import TOKEN, Installation
from tests.signaling.client import Site

PAGE, DESK, LOGIN = "page-of-the-customer", "page-of-the-operator", "page-of-the-login"
PRIVATE = ("Ada Lovelace", "the secret topic", "a line that nobody logs", "hunter2-identity", TOKEN)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    built = Installation(tmp_path_factory.mktemp("trace"), WRAP_UP_SECS="0", RECOVERY_SECS="0")
    try:
        built.start()
        yield built
    finally:
        built.stop()


async def test_a_conversation_is_followed_by_the_id_of_its_page(installation: Installation) -> None:
    session = installation.sessions("mehmet")["mehmet"]
    site = Site(installation.port)
    operator = await site.operator(session, request_id=DESK)
    customer = await site.customer(request_id=PAGE)
    joined = await customer.join("Ada Lovelace", topic="the secret topic")
    conversation = joined["conversation"]
    ids = {"request_id": PAGE, "conversation": conversation}

    asked = installation.await_line("web", "customer joined", **ids)
    recorded = installation.await_line("worker", "conversation joined", **ids)
    sent = installation.await_line("worker", "notification sent", **ids)
    assert {line["level"] for line in (asked, recorded, sent)} == {"info"}
    assert (sent["kind"], sent["channel"], sent["admin_id"]) == ("customer_joined", "telegram", "ayse")
    assert recorded["task_id"]

    await operator.send("operator:available", available=True)
    await customer.expect("queue:ready")
    await customer.numbered("chat:message", text="a line that nobody logs")
    await customer.send("call:state", state="connected")
    await customer.numbered("call:end")
    await operator.expect("call:ended")
    for step in ("conversation claimed", "call connected", "conversation ended"):
        installation.await_line("worker", step, **ids)
    await site.close()

    text = installation.output()
    for private in (*PRIVATE, joined["token"], session):
        assert private not in text


def test_a_code_is_followed_from_the_login_page_to_telegram(installation: Installation) -> None:
    answer = post(installation, "/admin/otp/request", {"adminId": "ayse"}, LOGIN)
    assert answer["X-Request-ID"] == LOGIN
    asked = installation.await_line("web", "code requested", request_id=LOGIN)
    sent = installation.await_line("worker", "notification sent", request_id=LOGIN, kind="otp")
    assert "ayse" not in json.dumps(asked)
    code = installation.telegram.messages[-1].text
    digits = "".join(c for c in code if c.isdigit())
    assert digits[:6] not in json.dumps(sent)


@pytest.mark.parametrize(
    "bad", ["short", "x" * 65, "with space here", "line\tfeed-0123", "ünïcode-0123456", "a;b,c=d{e}f"]
)
def test_an_id_of_the_wrong_form_is_replaced(installation: Installation, bad: str) -> None:
    answer = post(installation, "/admin/otp/request", {"adminId": "nobody"}, bad.encode().decode("latin-1"))
    given = answer["X-Request-ID"]
    assert given != bad
    installation.await_line("web", "code requested", request_id=given)


async def test_a_hello_with_an_id_of_the_wrong_form_is_refused(installation: Installation) -> None:
    site = Site(installation.port)
    peer = await site.open("customer")
    await peer.send("hello", protocol=1, request_id="bad id\n{}")
    error = await peer.error("bad_frame")
    assert error["fields"]
    assert await peer.closed() == 4400


def post(installation: Installation, path: str, body: dict[str, str], request_id: str) -> Any:
    origin = f"http://localhost:{installation.port}"
    headers = {"Content-Type": "application/json", "Origin": origin, "X-Request-ID": request_id}
    request = urllib.request.Request(f"http://127.0.0.1:{installation.port}{path}", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as response:
        return response.headers
