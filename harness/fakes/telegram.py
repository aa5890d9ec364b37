"""A Telegram Bot API on loopback, over real HTTP, that misbehaves on request and remembers every call.

As a fixture: `with FakeTelegram() as fake: fake.script(Fault.retry_after(1), Fault.status(500)); fake.url`.
As a process: `python -m harness.fakes.telegram --port 9099`, then steer it over HTTP:
`POST /_fake/script` with a list of faults, `GET /_fake/calls`, `GET /_fake/messages`, `GET /_fake/answers`,
`POST /_fake/press` with `{"chat_id", "message_id", "data"}`, `POST /_fake/reset`.

Faults are used up in order, one per API call; when none is left, calls succeed.
"""

import argparse
import json
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, Self
from urllib.parse import parse_qs
from urllib.request import Request, urlopen

from harness.fakes.faults import UNASKED, Fault
from harness.fakes.telegram_updates import Answer, Refusal, Updates
from harness.loopback import LoopbackServer

__all__ = ["Answer", "Call", "FakeTelegram", "Fault", "Message"]


@dataclass(frozen=True)
class Call:
    """One request to the API. `at`: seconds since 1970; `status` is what was answered, 0 for a cut connection."""

    method: str
    token: str
    params: dict[str, Any]
    at: float
    status: int


@dataclass
class Message:
    """A message as the chat shows it now."""

    message_id: int
    chat_id: str
    text: str
    reply_markup: Any = None
    edits: list[str] = field(default_factory=list)
    topic: int | None = None


class FakeTelegram:
    """The server. Thread-safe; `calls` are all requests, `messages` those that were taken."""

    def __init__(self, port: int = 0) -> None:
        self.calls: list[Call] = []
        self.messages: list[Message] = []
        self.started = 0  # requests that arrived, also those not answered yet
        self.named = 0  # times that somebody asked what the bot is called
        self._faults: list[Fault] = []
        self._changed = threading.Condition()
        self._released = threading.Event()
        self.updates = Updates(self._changed)
        handler = type("Handler", (_Handler,), {"fake": self})
        self._server = LoopbackServer(handler, port=port)

    @property
    def url(self) -> str:
        """For TELEGRAM_API_URL."""
        return self._server.origin

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
        self._server.stop()

    def script(self, *faults: Fault) -> None:
        """Adds faults for the next calls."""
        with self._changed:
            self._faults.extend(faults)

    def reset(self) -> None:
        """Forgets everything and ends whatever hangs."""
        self.release()
        with self._changed:
            self.calls.clear()
            self.messages.clear()
            self._faults.clear()
            self.updates.clear()
            self.started = 0
            self._released = threading.Event()

    def release(self) -> None:
        """Ends every hanging or slow answer now, and every waiting poll."""
        self._released.set()
        self.updates.release()

    def wait_for_calls(self, count: int, timeout: float = 10.0) -> list[Call]:
        """Blocks until `count` calls were answered; AssertionError after `timeout` seconds."""
        self.wait_for(lambda: len(self.calls) >= count, f"{count} calls answered", timeout)
        return list(self.calls)

    def wait_for_arrivals(self, count: int, timeout: float = 10.0) -> None:
        """Blocks until `count` calls arrived, answered or not."""
        self.wait_for(lambda: self.started >= count, f"{count} calls", timeout)

    def wait_for_messages(self, count: int, timeout: float = 10.0) -> list[Message]:
        """Blocks until `count` messages were taken."""
        self.wait_for(lambda: len(self.messages) >= count, f"{count} messages", timeout)
        return list(self.messages)

    def wait_for(self, done: Callable[[], bool], what: str, timeout: float = 10.0) -> None:
        """Blocks until `done()`; AssertionError after `timeout` seconds."""
        with self._changed:
            if not self._changed.wait_for(done, timeout):
                raise AssertionError(f"waited {timeout} s for {what}; calls so far: {self.calls}")

    def wait_until_used(self, timeout: float = 10.0) -> None:
        """Blocks until every fault has met its call."""
        self.wait_for(lambda: not self._faults, "calls for the rest of the faults", timeout)

    def arrived(self, method: str, chat: str) -> Fault | None:
        with self._changed:
            self.started += method not in UNASKED
            self._changed.notify_all()
            index = next((n for n, fault in enumerate(self._faults) if fault.fits(method, chat)), None)
            return None if index is None else self._faults.pop(index)

    def pause(self, seconds: float) -> None:
        self._released.wait(seconds)

    def answered(self, call: Call) -> None:
        if call.method == "getMe":
            return
        with self._changed:
            self.calls.append(call)
            self._changed.notify_all()

    def perform(self, method: str, params: dict[str, Any]) -> Any:
        """Does what the API method does, as far as tests look at it, and returns its `result`."""
        with self._changed:
            if method == "getMe":
                self.named += 1
                return {"id": 1, "is_bot": True, "first_name": "Fake", "username": "fake_bot"}
            if method == "sendMessage":
                topic = params.get("message_thread_id")
                message = Message(
                    len(self.messages) + 1,
                    str(params["chat_id"]),
                    str(params["text"]),
                    params.get("reply_markup"),
                    topic=None if topic is None else int(topic),
                )
                self.messages.append(message)
                self._changed.notify_all()
                return _as_json(message)
            if method == "editMessageText":
                return self._edit(params)
            return self.updates.perform(method, params)

    def bring(self, url: str, secret: str, update: dict[str, Any]) -> None:
        """Brings an update to the webhook of an installation. AssertionError unless it is taken."""
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret, "Content-Type": "application/json"}
        request = Request(f"{url}/telegram/webhook/", json.dumps(update).encode(), headers)
        with urlopen(request, timeout=30) as answer:
            assert answer.status == 200

    def wait_for_text(self, chat_id: str, text: str, timeout: float = 10.0) -> Message:
        """Blocks until the newest message of that chat says so."""

        def newest() -> Message | None:
            found = [message for message in self.messages if message.chat_id == chat_id]
            return found[-1] if found and text in found[-1].text else None

        self.wait_for(lambda: newest() is not None, f"{text!r} in chat {chat_id}, not {self.messages}", timeout)
        shown = newest()
        assert shown is not None
        return shown

    def wait_for_answers(self, count: int, timeout: float = 10.0) -> list[Answer]:
        """Blocks until `count` presses were answered."""
        self.wait_for(lambda: len(self.updates.answers) >= count, f"{count} answers", timeout)
        return list(self.updates.answers)

    def _edit(self, params: dict[str, Any]) -> Any:
        for message in self.messages:
            same = str(message.message_id) == str(params.get("message_id"))
            if same and message.chat_id == str(params.get("chat_id")):
                message.edits.append(message.text)
                message.text, message.reply_markup = str(params["text"]), params.get("reply_markup")
                self._changed.notify_all()
                return _as_json(message)
        return True


class _Handler(BaseHTTPRequestHandler):
    fake: FakeTelegram
    _remember: Callable[[int], None] | None = None
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: the calls are recorded."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = self.path.split("?")[0].strip("/").split("/")
        if parts[0] == "_fake":
            self._steer(parts[-1], body)
        elif parts[0].startswith("bot") and len(parts) == 2:
            self._api(parts[0].removeprefix("bot"), parts[1], self._params(body))
        else:
            self._answer(404, {"ok": False, "error_code": 404, "description": "Not Found"})

    do_GET = do_POST

    def _steer(self, verb: str, body: bytes) -> None:
        if verb == "script":
            self.fake.script(*(Fault(**fault) for fault in json.loads(body)))
        elif verb == "reset":
            self.fake.reset()
        elif verb == "release":
            self.fake.release()
        elif verb == "press":
            self.fake.updates.press(**json.loads(body))
        shown: dict[str, list[Any]] = {"messages": self.fake.messages, "answers": self.fake.updates.answers}
        self._answer(200, [asdict(item) for item in shown.get(verb, self.fake.calls)])

    def _api(self, token: str, method: str, params: dict[str, Any]) -> None:
        fault = self.fake.arrived(method, str(params.get("chat_id", "")))
        at = time.time()
        # Remembered before the caller hears of it: who has the answer finds the call in `calls`.
        self._remember = lambda status: self.fake.answered(Call(method, token, params, at, status))
        if fault is None or not self._misbehave(fault):
            try:
                result = self.fake.perform(method, params)
                if fault is not None and fault.kind == "taken":
                    self.fake.pause(fault.seconds)
                self._answer(200, {"ok": True, "result": result})
            except Refusal as refusal:
                self._misbehave(Fault.status(refusal.code, refusal.description))
        self._remember = None

    def _misbehave(self, fault: Fault) -> bool:
        """Acts the fault out; False when the call is to succeed after all."""
        if fault.kind in ("slow", "taken"):
            self.fake.pause(fault.seconds if fault.kind == "slow" else 0)
            return False
        if fault.kind == "status":
            body: dict[str, Any] = {"ok": False, "error_code": fault.code, "description": fault.description}
            self._answer(fault.code, body | ({"parameters": fault.parameters} if fault.parameters else {}))
            return True
        if fault.kind == "garbage":
            self._write(200, b"<html>not the Bot API</html>")
            return True
        if fault.kind == "hang":
            self.fake.pause(fault.seconds)
        self._cut()
        return True

    def _cut(self) -> None:
        """Closes with RST instead of FIN: a connection reset."""
        if self._remember:
            self._remember(0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def _params(self, body: bytes) -> dict[str, Any]:
        if "json" in (self.headers.get("Content-Type") or ""):
            return dict(json.loads(body or b"{}"))
        params: dict[str, Any] = {name: values[-1] for name, values in parse_qs(body.decode()).items()}
        for name in ("reply_markup", "allowed_updates"):
            if name in params:
                params[name] = json.loads(params[name])
        return params

    def _answer(self, status: int, body: Any) -> None:
        self._write(status, json.dumps(body).encode())

    def _write(self, status: int, body: bytes) -> None:
        if self._remember:
            self._remember(status)
        with suppress(ConnectionError):  # the caller has gone
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)


def _as_json(message: Message) -> dict[str, Any]:
    chat = {"id": int(message.chat_id) if message.chat_id.lstrip("-").isdigit() else 1, "type": "private"}
    return {"message_id": message.message_id, "date": int(time.time()), "chat": chat, "text": message.text}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=9099)
    fake = FakeTelegram(parser.parse_args().port)
    with fake:
        sys.stdout.write(f"ready {fake.url}\n")
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
