"""A server process of the property runs: executes what the driver asks, as a web process or a worker would.

Started once as a *nursery* (`python -m tests.properties.actor ADDRESS`): Django is loaded, and every line on stdin
forks one actor of that name, so that a killed process is replaced within milliseconds. An actor answers requests
`(name, args)` with `("ok", value)`, `("error", code)` or `("down", None)` when Redis does not answer.
"""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import sys
import traceback
from multiprocessing.connection import Client, Connection
from typing import Any

import django

PARENT_DEATH_SIGNAL = 1


class Actor:
    """`process` is the identity under which this process holds sockets."""

    def __init__(self, process: str) -> None:
        from infra.redis import client
        from queueing.live import store

        self.redis = client
        self.store = store
        self.become(process)

    def become(self, process: str) -> None:
        """As newly started: another identity, new connections."""
        self.process = process
        self.known = False
        self.redis.client().connection_pool.disconnect()
        self.letters = self.redis.client().pubsub()
        self.letters.subscribe(self.redis.key(f"m:{process}"))

    def command(self, name: str, *args: Any) -> Any:
        """One script of `queueing.live.store`. The arguments of `relay` are the fields of its `Relay`."""
        if name == "relay":
            args = (self.store.Relay(*args),)
        return self.redis.execute(getattr(self.store, name)(*args))

    def tick(self) -> Any:
        answer = self.command("tick", self.process, self.known)
        self.known = True
        return answer

    def drain(self) -> list[str]:
        """Everything published to this process so far."""
        found: list[str] = []
        self.letters.ping()
        while (message := self.letters.get_message(timeout=5)) is not None:
            if message["type"] == "message":
                found.append(message["data"])
            elif message["type"] == "pong":
                return found
        raise TimeoutError("no pong")

    def flood(self, party: str, conn: str, cid: str, first: int, count: int) -> int:
        """More frames than a mailbox keeps; answers how many were stored."""
        frame = b'{"type":"rtc:ice:candidate"}'
        return sum(
            self.command("relay", party, conn, cid, number, "rtc:ice:candidate", frame)
            for number in range(first, first + count)
        )

    def join(self, conn: str, record: dict[str, Any]) -> tuple[Any, str]:
        """The reply, and the customer's secret as the service makes it after a join."""
        from queueing import tokens

        reply = self.command("join", conn, record)

        names = ("name", "media", "locale", "topic", "join_key", "mobile")
        fields = {"locale": "", "topic": "", "join_key": "", "mobile": False} | {
            name: record[name] for name in names if name in record
        }
        return reply, tokens.sign(tokens.Ticket(conversation=reply.conversation, ticket=reply.ticket, **fields))

    def resume(self, conn: str, token: str, epoch: int | None, last_seq: int | None) -> Any:
        """A customer's hello with a token, through the real service (and, after a wipe, the database)."""
        import asyncio

        from queueing import services

        return asyncio.run(services.resume_customer(self, conn, token, epoch, last_seq, "2001:db8::1"))  # type: ignore[arg-type]

    def take_desk(
        self, conn: str, party: str, name: str, epoch: int | None, last_seq: int | None, shown: str | None
    ) -> Any:
        """An operator's hello, through the real service (and, after a wipe, the database)."""
        import asyncio

        from queueing import services

        identity = services.OperatorIdentity(party[2:], name)
        return asyncio.run(services.attach_operator(self, conn, identity, epoch, last_seq, shown))  # type: ignore[arg-type]

    async def execute(self, command: Any) -> Any:
        """What `services` need of a bus."""
        return self.redis.execute(command)

    # -- the worker's part -----------------------------------------------------------------------------------------

    def record(self) -> int:
        """How many entries were new; -1 when the database refused, as for a worker that races with another."""
        from django.db import DatabaseError

        from queueing.history import journal

        try:
            return journal.record()
        except DatabaseError:
            return -1

    def record_and_die(self, batch: int, after: int, committed: bool) -> None:
        """Killed at the `after`-th batch: between its commit and its acknowledgement, or before the commit."""
        from queueing.history import journal

        journal.BATCH = batch
        write, written = journal._write, 0

        def write_then_die(entries: Any) -> int:
            nonlocal written
            written += 1
            count = write(entries) if written < after or committed else 0
            if written == after:
                os.kill(os.getpid(), signal.SIGKILL)
            return count

        journal._write = write_then_die
        journal.record()

    def recorded(self) -> dict[str, Any]:
        """What the database holds, as plain values."""
        from notifications.models import OutboxMessage
        from queueing.history.models import ChatMessage, Conversation, ConversationEvent

        fields = ("id", "status", "reason", "admin_id", "ended_by", "name")
        return {
            "conversations": {row[0]: row[1:] for row in Conversation.objects.values_list(*fields)},
            "events": list(ConversationEvent.objects.order_by("id").values_list("conversation_id", "kind", "entry_id")),
            "chat": list(
                ChatMessage.objects.order_by("id").values_list("conversation_id", "sender", "text", "entry_id")
            ),
            "notices": OutboxMessage.objects.count(),
        }

    def forget(self) -> None:
        """Empties the tables."""
        from notifications.models import OutboxMessage
        from queueing.history.models import Conversation

        OutboxMessage.objects.all().delete()
        Conversation.objects.all().delete()

    def serve(self, driver: Connection) -> None:
        from infra.errors import DomainError, StoreUnavailable

        while True:
            try:
                name, args = driver.recv()
            except EOFError:
                return
            answer: tuple[str, Any]
            try:
                answer = ("ok", getattr(self, name)(*args))
            except StoreUnavailable as error:
                answer = ("down", repr(error.__cause__))
            except DomainError as error:
                answer = ("error", error.code)
            except self.redis.RedisError as error:
                answer = ("down", repr(error))
            except Exception:
                answer = ("crash", traceback.format_exc())
            driver.send(answer)


def _rows(model: Any, *fields: str) -> list[Any]:
    return list(model.objects.order_by("id").values_list(*fields))


def nursery(address: str) -> None:
    from queueing.live import store

    for path in store.LUA.glob("*.lua"):
        store.script(path.stem)
    gc.freeze()
    # Children are nobody's business here; the driver kills by pid.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    for line in sys.stdin:
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL)
            actor = Actor(line.strip())
            with Client(address, family="AF_UNIX") as driver:
                driver.send(os.getpid())
                actor.serve(driver)
            os._exit(0)


if __name__ == "__main__":
    django.setup()
    nursery(sys.argv[1])
