"""A mail server on loopback that speaks SMTP (RFC 5321) and misbehaves on request."""

from __future__ import annotations

import email
import email.policy
import socketserver
import threading
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Self

from harness.loopback import LoopbackServer


@dataclass(frozen=True)
class Delivered:
    """`sender` and `recipients` of the envelope; the message as it came, and parsed."""

    sender: str
    recipients: list[str]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        return email.message_from_bytes(self.raw, policy=email.policy.default)

    @property
    def body(self) -> str:
        """With the line breaks of text."""
        text = self.message.get_body(("plain",)) or self.message
        return str(text.get_content()).replace("\r\n", "\n")


@dataclass
class MailFault:
    """For the next connection: `verb` (or BANNER, or TEXT for the answer to the whole message) is answered with
    `answer`; empty: the connection is cut there. `drip`: instead, one byte of an answer that never ends, each so many
    seconds."""

    verb: str
    answer: str = ""
    drip: float = 0.0


@dataclass
class FakeMail:
    """`with FakeMail() as mail:` listens; `mail.url` is for MAIL_URL. `fault` scripts what comes next."""

    extensions: tuple[str, ...] = ("8BITMIME",)
    delivered: list[Delivered] = field(default_factory=list)
    connections: int = 0
    commands: list[str] = field(default_factory=list)
    _faults: deque[MailFault] = field(default_factory=deque)
    _over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._server = LoopbackServer(type("Talk", (_Talk,), {"mail": self}), socketserver.ThreadingTCPServer)

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._server.stop()

    @property
    def port(self) -> int:
        return self._server.port

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def fault(self, *faults: MailFault) -> None:
        self._faults.extend(faults)


class _Talk(socketserver.StreamRequestHandler):
    mail: FakeMail

    def handle(self) -> None:
        self.mail.connections += 1
        self.scripted = self.mail._faults.popleft() if self.mail._faults else MailFault("")
        with suppress(ConnectionError, ValueError):
            self._talk()

    def _talk(self) -> None:
        sender, recipients = "", list[str]()
        self._answer("BANNER", "220 fake ESMTP")
        while line := self.rfile.readline(2000):
            command = line.decode("latin-1").rstrip("\r\n")
            self.mail.commands.append(command)
            verb = command[:4].upper()
            if verb == "EHLO":
                lines = ["fake", *self.mail.extensions]
                self._answer(verb, "\r\n".join(f"250{'-' if part != lines[-1] else ' '}{part}" for part in lines))
            elif verb == "MAIL":
                sender, recipients = command, []
                self._answer(verb, "250 ok")
            elif verb == "RCPT":
                if self._answer(verb, "250 ok"):
                    recipients.append(command[len("RCPT TO:") :].strip("<>"))
            elif verb == "DATA":
                if self._answer(verb, "354 go on") and self._take(sender, recipients):
                    self._answer("TEXT", "250 taken")
            elif verb == "QUIT":
                self._answer(verb, "221 bye")
                return
            else:
                self._answer(verb, "250 ok" if verb == "RSET" else "502 unknown")

    def _take(self, sender: str, recipients: list[str]) -> bool:
        lines = []
        while (line := self.rfile.readline(100_000)) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        refused = self.scripted.verb == "TEXT" and self.scripted.answer
        if line and not refused:
            self.mail.delivered.append(Delivered(sender, recipients, b"".join(lines)))
        return bool(line)

    def _answer(self, verb: str, usual: str) -> bool:
        """Whether it was the usual answer. Raises ConnectionError where the script cuts the connection."""
        scripted = self.scripted
        if scripted.verb != verb:
            self.wfile.write(usual.encode() + b"\r\n")
            return True
        if scripted.drip:
            self.wfile.write(b"250-")
            while not self.mail._over.wait(scripted.drip):
                self.wfile.write(b"x")
        if not scripted.answer:
            raise ConnectionError
        self.wfile.write(scripted.answer.encode() + b"\r\n")
        return False
