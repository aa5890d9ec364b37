"""The fake Bot API as a process of its own, steered over HTTP."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def url() -> Iterator[str]:
    command = [sys.executable, "-m", "harness.fakes.telegram", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().removeprefix("ready ").strip()
        process.terminate()


def post(url: str, body: Any = None) -> Any:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.load(answer)


def test_it_is_steered_and_read_over_http(url: str) -> None:
    post(
        f"{url}/_fake/script",
        [{"kind": "status", "code": 403, "description": "Forbidden: bot was blocked by the user"}],
    )

    with pytest.raises(urllib.error.HTTPError, match="403"):
        post(f"{url}/bot1:x/sendMessage", {"chat_id": 5, "text": "first"})
    assert post(f"{url}/bot1:x/sendMessage", {"chat_id": 5, "text": "second"})["result"]["text"] == "second"
    assert post(f"{url}/bot1:x/editMessageText", {"chat_id": 5, "message_id": 1, "text": "edited"})["ok"]

    with urllib.request.urlopen(f"{url}/_fake/messages", timeout=5) as answer:
        assert json.load(answer) == [
            {
                "message_id": 1,
                "chat_id": "5",
                "text": "edited",
                "reply_markup": None,
                "edits": ["second"],
                "topic": None,
            }
        ]
    with urllib.request.urlopen(f"{url}/_fake/calls", timeout=5) as answer:
        assert [call["status"] for call in json.load(answer)] == [403, 200, 200]
    post(f"{url}/_fake/reset")
    with urllib.request.urlopen(f"{url}/_fake/calls", timeout=5) as answer:
        assert json.load(answer) == []
