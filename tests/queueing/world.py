"""Personas for queue tests: customers and operators who act through the real scripts on a real Redis."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from infra.errors import DomainError
from infra.redis.client import boot_command, client, execute
from infra.redis.scripts import key
from queueing.live import store
from queueing.live.results import Attached, JoinReply

PROCESS = "p1"


def lease(process: str = PROCESS, ms: int = 3_600_000) -> None:
    """Gives a process a lease without ticking, so that a test alone decides when time passes."""
    client().zadd(key("lease"), {process: redis_now_ms() + ms})


def settle() -> None:
    """Begins on the empty Redis, as a new connection does, and ends the pause of claims that follows."""
    client().eval(*boot_command())
    client().hset(key("meta"), "recover_until", 0)


def redis_now_ms() -> int:
    seconds, micros = client().time()  # type: ignore[misc]
    return int(seconds) * 1000 + int(micros) // 1000


def next_ms() -> None:
    """Waits for the clock's next one: what a test does now is later than what it did, in milliseconds too."""
    began = redis_now_ms()
    while redis_now_ms() == began:
        pass


def status() -> dict[str, Any]:
    return execute(store.status())


def problems() -> list[str]:
    return execute(store.check(fix=False))


def journal() -> list[dict[str, str]]:
    return [fields for _id, fields in client().xrange(key("journal"))]  # type: ignore[union-attr]


def old_ticket(cid: str) -> None:
    """As if somebody of the default line had been waiting since 1970."""
    ticket = client().zscore(key("line"), cid)
    client().zadd(key("line"), {cid: 1})
    client().zrem(key("lines"), f"/{ticket:016.0f}/{cid}")
    client().zadd(key("lines"), {f"/{1:016d}/{cid}": 0})


def expire_grace(party: str) -> None:
    """Moves a party's deadline into the past, and with it the pause after an outage."""
    client().zadd(key("grace"), {party: 1})
    client().hset(key("meta"), mapping={"hold_until": 0, "lease_hold": 0, "reachable_at": 0})


@dataclass
class Customer:
    name: str
    process: str = PROCESS
    conn: str = ""
    cid: str = ""
    last: JoinReply | None = None
    ids: int = 0

    def __post_init__(self) -> None:
        self.conn = f"{self.process}|{self.name}"

    @property
    def party(self) -> str:
        return store.party_of(self.cid)

    def join(self, **fields: Any) -> JoinReply:
        record = {
            "id": f"cid-{self.name}",
            "name": self.name,
            "media": "video",
            "locale": "tr",
            "topic": "",
        } | fields
        self.last = execute(store.join(self.conn, record))
        self.cid = self.last.conversation
        return self.last

    def disconnect(self) -> None:
        execute(store.detach(self.party, self.conn))

    def reconnect(self, epoch: int | None = None, last_seq: int | None = None, conn: str = "") -> Attached:
        self.conn = conn or f"{self.conn}+"
        return execute(store.attach(self.party, self.conn, epoch, last_seq))

    def say(self, text: str, frame_id: int | None = None) -> int:
        self.ids = frame_id or self.ids + 1
        frame = f'{{"type":"chat:message","id":{self.ids},"text":"{text}"}}'.encode()
        return execute(store.relay(store.Relay(self.party, self.conn, None, self.ids, "chat:message", frame)))

    def leave(self) -> str:
        return execute(store.finish(self.party, self.conn, self.cid, "left", "customer"))

    def box(self, after: int = 0) -> list[tuple[int, str, bytes]]:
        return execute(store.frames_after(self.party, self.conn, after))


@dataclass
class Operator:
    name: str
    process: str = PROCESS
    conn: str = ""
    attached: Attached | None = field(default=None)
    ids: int = 0
    lines: str = store.DEFAULT_LINE

    def __post_init__(self) -> None:
        self.conn = f"{self.process}|{self.name}"

    @property
    def party(self) -> str:
        return store.desk_of(self.name)

    def connect(self, epoch: int | None = None, last_seq: int | None = None, conn: str = "") -> Attached:
        self.conn = conn or f"{self.conn}+"
        self.attached = execute(store.attach(self.party, self.conn, epoch, last_seq, self.name.title(), self.lines))
        return self.attached

    def available(self, on: bool = True) -> Any:
        return execute(store.available(self.name, self.conn, on))

    def disconnect(self) -> None:
        execute(store.detach(self.party, self.conn))

    @property
    def serving(self) -> str | None:
        return execute(store.operator_state(self.name)).conversation

    def end(self, reason: str = "hangup") -> str:
        return execute(store.finish(self.party, self.conn, "", reason, "operator"))

    def say(self, text: str, conversation: str | None = None, frame_id: int | None = None) -> int:
        self.ids = frame_id or self.ids + 1
        frame = f'{{"type":"chat:message","id":{self.ids},"text":"{text}"}}'.encode()
        return execute(store.relay(store.Relay(self.party, self.conn, conversation, self.ids, "chat:message", frame)))

    def box(self, after: int = 0) -> list[tuple[int, str, bytes]]:
        return execute(store.frames_after(self.party, self.conn, after))


def tick(process: str = "") -> Any:
    return execute(store.tick(process, known=False))


def absent_since(party: str, ms: int) -> None:
    """As if the party's socket had been lost `ms` ago."""
    client().zincrby(key("grace"), -ms, party)


def a_call() -> tuple[Customer, Operator]:
    """Ada talks with Deniz."""
    ada, deniz = Customer("ada"), Operator("deniz")
    ada.join()
    deniz.connect()
    deniz.available()
    return ada, deniz


def colleague(name: str, *, on: bool = True) -> Operator:
    """Another operator, who waits for customers unless `on` is False."""
    operator = Operator(name)
    operator.connect()
    if on:
        operator.available()
    return operator


def last(box: list[tuple[int, str, bytes]]) -> dict[str, Any]:
    """The newest frame of a mailbox."""
    return json.loads(box[-1][2])  # type: ignore[no-any-return]


@contextmanager
def refused(code: str) -> Iterator[None]:
    """The step inside is answered with this error."""
    with pytest.raises(DomainError) as error:
        yield
    assert error.value.code == code


def end_hold() -> None:
    """Ends the pause in which the reaper gives nobody up."""
    client().hset(key("meta"), mapping={"hold_until": 0, "lease_hold": 0, "reachable_at": 0})


def end_wrap_up(operator: Operator) -> None:
    """The operator's wrap-up runs out, and the next tick sees it."""
    client().zadd(key("wrapup"), {operator.name: 1})
    tick()


def kinds(box: list[tuple[int, str, bytes]]) -> list[str]:
    return [json.loads(frame)["type"] for _seq, _conversation, frame in box]


def texts(box: list[tuple[int, str, bytes]]) -> list[str]:
    return [json.loads(frame).get("text", "") for _seq, _conversation, frame in box]


def is_available(name: str) -> bool:
    return execute(store.operator_state(name)).available


def contents() -> dict[str, Any]:
    """Every key of the namespace with what is in it."""
    connection: Any = client()
    read = {
        "hash": connection.hgetall,
        "zset": lambda name: connection.zrange(name, 0, -1, withscores=True),
        "list": lambda name: connection.lrange(name, 0, -1),
        "stream": lambda name: connection.xrange(name),
        "string": connection.get,
    }
    return {name: read[connection.type(name)](name) for name in sorted(connection.keys(key("*")))}
