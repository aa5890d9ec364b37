"""A file from one side to the other: uploaded, named in a line of chat, fetched."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from accounts.models import Operator
from desk.files.models import File
from infra.errors import DomainError
from infra.redis.client import client, execute
from infra.redis.scripts import key
from queueing.history.recording import journal
from queueing.live import store
from queueing.models import ChatMessage
from tests.desk.files import samples
from tests.desk.files.asking import body, get, part, refusal, send, upload
from tests.queueing.ended import token_of
from tests.queueing.world import Customer
from tests.queueing.world import Operator as Desk


def relay(customer: Customer, file: str, number: int = 50, text: str = "") -> int:
    frame: dict[str, Any] = {"type": "chat:message", "id": number} | ({"text": text} if text else {})
    sent = json.dumps(frame).encode()
    return execute(
        store.relay(store.Relay(customer.party, customer.conn, None, number, "chat:message", sent, None, file))
    )


def desk() -> Desk:
    deniz = Desk("deniz")
    deniz.connect()
    return deniz


def test_what_the_customer_sends_is_shown_to_the_operator(ayse: Customer) -> None:
    deniz = desk()
    response = send(ayse, b"merhaba", "Fatura \u202etxt.exe")
    assert response.status_code == 201
    info = response.json()
    assert (info["mime"], info["size"], info["state"]) == ("text/plain", 7, "ready")
    assert info["name"] == "Fatura txt.exe.txt"
    assert relay(ayse, info["id"], text="buyurun") == 1
    _seq, conversation, frame = deniz.box()[-1]
    shown = json.loads(frame)
    assert (conversation, shown["text"], shown["file"]) == (ayse.cid, "buyurun", info)
    fetched = Client().get(shown["file"]["url"])
    assert body(fetched) == b"merhaba"
    assert fetched["Content-Disposition"].startswith("attachment; filename=")
    assert fetched["Content-Security-Policy"].startswith("sandbox")
    assert fetched["X-Content-Type-Options"] == "nosniff"
    assert fetched["Content-Type"] == "text/plain"


def test_a_picture_has_a_thumbnail_and_tells_nothing_of_where_it_was_taken(ayse: Customer) -> None:
    info = send(ayse, samples.photo(orientation=6), "IMG_1.JPG", "image/png").json()
    assert (info["mime"], info["width"], info["height"], info["name"]) == ("image/jpeg", 20, 60, "IMG_1.JPG")
    fetched = Client().get(info["url"])
    content = body(fetched)
    assert len(content) == info["size"] == int(fetched["Content-Length"])
    assert fetched["Content-Disposition"].startswith("inline")
    assert b"Secret" not in content
    assert b"home" not in content
    with Image.open(BytesIO(content)) as picture:
        assert picture.size == (20, 60)
        assert not picture.getexif()
    with Image.open(BytesIO(body(Client().get(info["thumb"])))) as small:
        assert small.format == "WEBP"


def test_an_operator_sends_with_the_session_and_the_csrf_token(ayse: Customer, deniz: Operator) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(deniz)
    browser.cookies["csrftoken"] = secret = "a" * 32
    where = {"query_params": {"conversation": ayse.cid}}
    sent = {"file": part(samples.PDF, "a.pdf", "")}
    assert refusal(browser.post("/files/", sent, **where)) == (403, "csrf_failed")
    sent = {"file": part(samples.PDF, "a.pdf", "")}
    response = browser.post("/files/", sent, headers={"X-CSRFToken": secret}, **where)
    assert response.status_code == 201, response.content
    assert response.json()["mime"] == "application/pdf"
    row = File.objects.get()
    assert (row.side, row.sent_by, row.conversation_id) == ("operator", "deniz", ayse.cid)
    assert browser.get("/files/", **where).json()["files"][0]["id"] == row.pk
    assert browser.get(f"/admin/console/files/{row.pk}/")["Location"].startswith(f"/files/{row.pk}/content?sig=")


def test_the_same_key_is_the_same_file(ayse: Customer) -> None:
    first, again = (send(ayse, b"x", key="abcdefgh") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert send(ayse, b"x", key="ijklmnop").json()["id"] != first.json()["id"]
    assert refusal(send(ayse, b"x", key="short")) == (400, "schema")


def test_who_was_away_finds_the_file_in_the_state_and_in_the_kept_chat(ayse: Customer) -> None:
    info = send(ayse, b"x", "not.txt").json()
    relay(ayse, info["id"])
    state = ayse.reconnect().state
    assert state is not None
    assert state["transcript"][-1]["file"] == info
    assert state["transcript"][-1]["text"] == ""
    ayse.leave()
    kept = get(ayse, "/chat/").json()["transcript"]
    assert kept[-1]["file"]["id"] == info["id"]
    assert "📎 not.txt (1" in get(ayse, "/chat/transcript.txt").content.decode()


def test_the_history_knows_what_was_shared(ayse: Customer) -> None:
    info = send(ayse, b"x", "not.txt").json()
    relay(ayse, info["id"], 50)
    relay(ayse, info["id"], 50)
    other = send(ayse, b"y", "two.txt").json()
    relay(ayse, other["id"], 51)
    journal.record()
    lines = ChatMessage.objects.exclude(file_id="").order_by("number")
    assert [(line.file_id, line.file_name, line.file_size, line.text) for line in lines] == [
        (info["id"], "not.txt", 1, ""),
        (other["id"], "two.txt", 1, ""),
    ]


def test_nobody_sends_a_file_that_is_not_their_own(ayse: Customer, deniz: Operator) -> None:
    browser = Client()
    browser.force_login(deniz)
    theirs = browser.post("/files/", {"file": part(b"x", "a.txt", "")}, query_params={"conversation": ayse.cid})
    for file in (theirs.json()["id"], "A" * 22):
        with pytest.raises(DomainError) as refused:
            relay(ayse, file)
        assert refused.value.code == "file_unknown"
    assert relay(ayse, send(ayse, b"x").json()["id"]) == 1


def test_only_who_talks_may_share(ayse: Customer, efe: Operator, folder: Path) -> None:
    token = token_of(ayse)
    for bad in ("", token[:-1], f"{token}x", "x" * 5000):
        assert refusal(upload(bad, b"x")) == (401, "token_invalid")
    assert refusal(upload(None, b"x")) == (401, "unauthorized")
    browser = Client()
    browser.force_login(efe)
    for conversation, told in ((ayse.cid, (409, "wrong_conversation")), ("nobody", (410, "token_expired"))):
        sent = {"file": part(b"x", "a.txt", "")}
        assert refusal(browser.post("/files/", sent, query_params={"conversation": conversation})) == told
    ayse.leave()
    assert refusal(upload(token, b"x")) == (409, "not_in_call")
    assert not File.objects.exists()
    assert not folder.exists()


def test_a_signed_address_is_for_one_file_and_ends(
    ayse: Customer, monkeypatch: pytest.MonkeyPatch, efe: Operator, browser: Callable[[Operator], Client]
) -> None:
    info = send(ayse, samples.picture(), "a.png").json()
    other = send(ayse, samples.picture(), "b.png").json()
    for bad in (
        info["url"].replace(info["id"], other["id"]),
        info["url"].replace("content", "thumb"),
        info["url"].replace("sig=1", "sig=2"),
        info["url"][:-1],
        f"{info['url']}x",
        f"/files/{info['id']}/content",
        f"/files/{info['id']}/content?sig=9.x",
    ):
        assert refusal(Client().get(bad)) == (403, "link_expired"), bad
    monkeypatch.setattr("queueing.file_links.time.time", lambda: info["expires_at"] / 1000 + 1)
    assert refusal(Client().get(info["url"])) == (403, "link_expired")
    fresh = get(ayse, f"/files/{info['id']}/").json()
    assert fresh["expires_at"] > info["expires_at"]
    assert Client().get(fresh["url"]).status_code == 200


def test_a_line_needs_a_file_that_its_store_has_after_a_wipe_too(ayse: Customer) -> None:
    info = send(ayse, b"x").json()
    client().delete(key("file"))
    with pytest.raises(DomainError):
        relay(ayse, info["id"])
    assert get(ayse, f"/files/{info['id']}/").status_code == 200
    assert relay(ayse, info["id"]) == 1
