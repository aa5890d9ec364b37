"""A virus scanner, and what everybody sees while it is out."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from desk.files import scanner, sweep
from desk.files.models import File, State
from harness.fakes.clamd import EICAR, FakeClamd
from infra.errors import StoreUnavailable
from tests.desk.files import samples
from tests.desk.files.asking import body, get, refusal, send
from tests.desk.files.test_sharing import desk, relay
from tests.queueing.world import Customer


@pytest.fixture
def clamd(settings: Any) -> Iterator[FakeClamd]:
    with FakeClamd() as running:
        settings.CLAMD_URL = running.url
        yield running


@pytest.fixture
def silent(settings: Any) -> str:
    """Nobody listens there."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        settings.CLAMD_URL = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
    return str(settings.CLAMD_URL)


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_is_clean_passes_and_what_is_not_is_refused(ayse: Customer, clamd: FakeClamd, folder: Path) -> None:
    assert refusal(send(ayse, EICAR, "not.txt")) == (422, "file_infected")
    assert not File.objects.exists()
    assert not files_in(folder)
    assert send(ayse, b"x" * 200_000).json()["state"] == "ready"
    assert clamd.scanned == [EICAR, b"x" * 200_000]


@pytest.mark.parametrize("answer", ["", "stream: OOM ERROR", "drip"])
def test_a_scanner_that_is_out_lets_nothing_through(
    ayse: Customer, clamd: FakeClamd, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    monkeypatch.setattr(scanner, "WHOLE_SECS", 0.5)
    clamd.answers.append(answer)
    assert send(ayse, b"x").json()["state"] == "waiting"


def test_a_stream_that_is_too_long_for_it_is_refused(clamd: FakeClamd) -> None:
    clamd.most = 1000
    verdict = scanner.scan(BytesIO(bytes(3_000_000)))
    assert (verdict.clean, verdict.found) == (False, "INSTREAM size limit exceeded")


def test_a_file_waits_and_both_sides_hear_when_it_is_ready(ayse: Customer, silent: str, settings: Any) -> None:
    deniz = desk()
    sent = send(ayse, samples.picture(), "a.png").json()
    assert sent["state"] == "waiting"
    assert not {"url", "thumb", "expires_at"} & set(sent)
    relay(ayse, sent["id"])
    assert json.loads(deniz.box()[-1][2])["file"]["state"] == "waiting"
    row = File.objects.get()
    assert refusal(Client().get(f"/files/{row.pk}/content?sig=1.x")) == (403, "link_expired")
    assert sweep.scan_waiting() == 0
    with FakeClamd() as clamd:
        settings.CLAMD_URL = clamd.url
        assert sweep.scan_waiting() == 1
    for side in (ayse, deniz):
        told = json.loads(side.box()[-1][2])  # type: ignore[attr-defined]
        assert (told["type"], told["file"]["state"], told["file"]["id"]) == ("chat:file", "ready", sent["id"])
        assert Client().get(told["file"]["url"]).status_code == 200
    state = ayse.reconnect().state
    assert state is not None
    assert state["transcript"][-1]["file"]["state"] == "ready"


def test_what_waited_and_is_found_out_is_taken_away(ayse: Customer, silent: str, settings: Any, folder: Path) -> None:
    deniz = desk()
    sent = send(ayse, EICAR).json()
    relay(ayse, sent["id"])
    with FakeClamd() as clamd:
        settings.CLAMD_URL = clamd.url
        assert sweep.scan_waiting() == 1
    told = json.loads(deniz.box()[-1][2])
    assert (told["type"], told["file"]["state"]) == ("chat:file", "refused")
    assert "url" not in told["file"]
    row = File.objects.get()
    assert (row.state, row.found) == (State.REFUSED, "Win.Test.EICAR_HDB-1")
    assert sweep.clear() == 1
    assert not files_in(folder)
    assert get(ayse, f"/files/{sent['id']}/").json()["state"] == "refused"


def test_of_a_conversation_that_is_over_the_kept_chat_tells(ayse: Customer, silent: str, settings: Any) -> None:
    sent = send(ayse, b"x").json()
    relay(ayse, sent["id"])
    ayse.leave()
    with FakeClamd() as clamd:
        settings.CLAMD_URL = clamd.url
        assert sweep.scan_waiting() == 1
    kept = get(ayse, "/chat/").json()["transcript"][-1]["file"]
    assert (kept["id"], kept["state"]) == (sent["id"], "ready")
    assert body(Client().get(kept["url"])) == b"x"


def test_without_redis_both_sides_are_told_later(
    ayse: Customer, silent: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(ayse, b"x")

    def out(*_args: Any) -> None:
        raise StoreUnavailable

    with FakeClamd() as clamd:
        settings.CLAMD_URL = clamd.url
        with monkeypatch.context() as patched:
            patched.setattr(sweep, "execute", out)
            with pytest.raises(StoreUnavailable):
                sweep.scan_waiting()
        assert File.objects.get().state == State.WAITING
        assert sweep.scan_waiting() == 1
    assert File.objects.get().state == State.READY


def test_a_scanner_may_listen_on_a_unix_socket(settings: Any, tmp_path: Path) -> None:
    settings.CLAMD_URL = f"unix://{tmp_path}/clamd.ctl"
    assert scanner.scan(BytesIO(b"x")).clean is None
