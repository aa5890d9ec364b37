"""docs/protocol.md says what the schema says, and the schema covers what the code does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from django.conf import settings

from infra.errors import StoreUnavailable
from queueing.errors import MESSAGES
from signaling.hub import heartbeat
from signaling.roles.customer import CustomerRole
from signaling.roles.operator import OperatorRole
from signaling.roles.refusals import BAD_FRAMES_A_MINUTE
from signaling.roles.shared import SharedRole
from signaling.wire import docs, fields
from signaling.wire.error_codes import CLOSES, ERRORS
from signaling.wire.inbound import FromCustomer, FromOperator
from signaling.wire.parse import _MESSAGES, type_of
from support.web import FRAME_BYTES

ROOT = Path(settings.BASE_DIR)
TEXT = docs.DOCUMENT.read_text()

# What outside clients are run against: the wire of the design, name by name.
FROM_CLIENTS = {
    "hello": "C, O → S",
    "ack": "C, O → S",
    "ping": "C, O → S",
    "pong": "C, O → S",
    "queue:join": "C → S",
    "queue:leave": "C → S",
    "resume:ask": "C → S",
    "operator:available": "O → S",
    "call:ringing": "O → S",
    "call:answered": "O → S",
    "call:transfer": "O → S",
    "rtc:description": "C, O → S",
    "rtc:ice:candidate": "C, O → S",
    "ice:refresh": "C, O → S",
    "chat:message": "C, O → S",
    "chat:typing": "C, O → S",
    "chat:read": "C, O → S",
    "call:invite": "C, O → S",
    "call:accept": "C, O → S",
    "call:decline": "C, O → S",
    "call:control": "O → S",
    "call:stats": "C, O → S",
    "call:state": "C, O → S",
    "metrics:reconnect-attempt": "C, O → S",
    "metrics:high-packet-loss": "C, O → S",
    "metrics:audio-output": "C, O → S",
    "device:check": "C → S",
    "chat:preview": "C → S",
    "call:end": "C, O → S",
    "admin:session:verify": "O → S",
}
FROM_SERVER = {
    "welcome": "C, O",
    "resync": "C, O",
    "ack": "C, O",
    "queue:joined": "C",
    "resume:handle": "C",
    "queue:position": "C",
    "queue:refused": "C",
    "queue:left": "C",
    "queue:returned": "C",
    "queue:ready": "C, O",
    "operator:state": "O",
    "board": "O",
    "rtc:description": "C, O",
    "rtc:ice:candidate": "C, O",
    "ice:servers": "C, O",
    "chat:message": "C, O",
    "chat:file": "C, O",
    "chat:typing": "C, O",
    "chat:preview": "O",
    "chat:read": "C, O",
    "call:invite": "C, O",
    "call:accept": "C, O",
    "call:decline": "C, O",
    "call:control": "C",
    "call:state": "C, O",
    "call:stats": "O",
    "call:ended": "C, O",
    "peer:presence": "C, O",
    "admin:session:valid": "O",
    "admin:session:invalid": "O",
    "ping": "C, O",
    "pong": "C, O",
    "maintenance": "C, O",
    "error": "C, O",
}


def test_the_tables_are_those_of_the_schema() -> None:
    assert docs.document(TEXT) == TEXT, "run `manage.py protocol --write-docs`"


def test_every_table_stands_in_the_document() -> None:
    assert set(re.findall(r"<!-- schema: (\w+) -->", TEXT)) == set(docs.BLOCKS)


def test_every_type_is_there_with_its_direction() -> None:
    assert {type_of(frame): direction for frame, direction in docs.sent_by_clients()} == FROM_CLIENTS
    headings = re.findall(r"^### `([^`]+)` \(S → (.+)\)$", TEXT, re.MULTILINE)
    assert dict(headings) == FROM_SERVER
    assert len(headings) == len(FROM_SERVER)


def test_every_field_is_described_by_name() -> None:
    for frame, _direction in docs.sent_by_clients():
        section = re.search(rf"### `{type_of(frame)}` \([CO].*?(?=\n### |\n<!--)", TEXT, re.DOTALL)
        assert section is not None
        for name in set(frame.__annotations__) - {"type", "ack"}:
            assert f"| `{name}`" in section[0], f"{type_of(frame)}: {name}"


@pytest.mark.parametrize(
    ("role", "frames"), [(CustomerRole, FromCustomer), (OperatorRole, FromOperator)], ids=["C", "O"]
)
def test_every_type_of_a_role_is_handled_and_no_other(role: type[SharedRole], frames: object) -> None:
    handled = set(role.handlers.slow) | set(role.handlers.quick)
    assert set(role.handlers.relay_only) == set(role.handlers.quick)
    assert handled == {type_of(frame) for frame in get_args(frames)}


def test_every_error_code_is_listed() -> None:
    raised = set(_MESSAGES) | {StoreUnavailable().code}
    for path in (path for package in ("signaling", "queueing", "sites") for path in (ROOT / package).rglob("*.py")):
        raised |= set(re.findall(r"DomainError\(\s*\"([a-z_]+)\"", path.read_text()))
    never_sent = {"replaced", "lapsed", "resync", "unknown"}  # settled by the process itself
    never_asked = {
        "taken",
        "busy",
        "offline",
        "recovering",
        "moved",
        "off_shift",
        "away",
        "early",
    }  # no frame claims, or acts for others
    # no socket asks for a chat that is over, or to be called
    over_http = {
        *("not_over", "address_invalid", "mail_refused"),
        *("callbacks_off", "callbacks_full", "not_waiting", "telegram_off"),
    }
    assert all(f"`{code}`" in TEXT for code in over_http)
    assert (raised | set(MESSAGES) - never_sent - never_asked) - over_http == set(ERRORS)


def test_every_close_code_is_listed() -> None:
    closed = {1009}
    for path in (ROOT / "signaling").rglob("*.py"):
        closed |= {int(code) for code in re.findall(r"(?:close\(|\"code\": )(\d{4})\b", path.read_text())}
    assert closed == set(CLOSES)


def test_the_limits_in_the_prose_are_those_of_the_code() -> None:
    rows = dict(re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|", TEXT.split("## Silence and limits")[1], re.MULTILINE))
    assert rows["frame"] == f"{fields.FRAME_BYTES // 1024} KiB"
    assert rows["nesting"] == str(fields.JSON_DEPTH)
    assert rows["brackets outside strings"] == f"{fields.JSON_BRACKETS:,}"
    assert rows["`sdp`"] == f"{fields.SDP_BYTES // 1024} KiB"
    assert rows["`candidate`"] == f"{fields.CANDIDATE_BYTES // 1024} KiB"
    assert rows["chat line"] == f"{fields.CHAT_CHARACTERS:,} characters"
    assert rows["bad or refused frames"] == f"{BAD_FRAMES_A_MINUTE} a minute"
    assert f"over {FRAME_BYTES // 1024} KiB the server closes with 1009" in TEXT
    assert f"After {heartbeat.SILENCE_SECS:.0f}\nseconds" in TEXT
    assert f"within {heartbeat.HELLO_SECS:.0f} seconds" in TEXT
    for name in re.findall(r"`([A-Z]+_[A-Z_]+)`", TEXT):
        assert hasattr(settings, name), name
