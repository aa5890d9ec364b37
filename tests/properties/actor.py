"""A server process of the property runs: executes what the driver asks, as a web process or a worker would.

Started once as a *nursery* (`python -m tests.properties.actor ADDRESS [database]`): Django is loaded, and every line on
stdin forks one actor of that name, so that a killed process is replaced within milliseconds. An actor answers requests
`(name, args)` with `("ok", value)`, `("error", code)` or `("down", None)` when Redis does not answer.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import importlib
import os
import signal
import socket
import sys
import traceback
from typing import TYPE_CHECKING, Any

import django

from tests.properties.wire import Wire

if TYPE_CHECKING:
    from tests.emptying import Beginning

PARENT_DEATH_SIGNAL = 1
LOADED = (
    "appointments.booking", "appointments.due", "queueing.booked", "queueing.callbacks.by_telegram",
    "queueing.callbacks.restoring", "queueing.callbacks.starts", "queueing.history.recording.journal",
    "queueing.live.callbacks", "queueing.live.floor", "queueing.resume_handles", "queueing.services",
)  # fmt: skip
"""What actors need when they are asked for it, and would each load for themselves."""


class Actor:
    """`process` is the identity under which this process holds sockets."""

    beginning: Beginning | None = None
    """Of the tables, where there is a database."""

    def __init__(self, process: str) -> None:
        from infra.redis import client
        from queueing.live import store

        self.redis = client
        self.store = store
        # One for all requests: to make and to end one takes as long as a request.
        self.loop = asyncio.Runner()
        self.become(process)

    def become(self, process: str) -> None:
        """As newly started: another identity, new connections."""
        self.process = process
        self.known = False
        self.leave()
        self.letters = self.redis.client().pubsub()
        self.letters.subscribe(self.redis.key(f"m:{process}"))

    def leave(self) -> None:
        """Closes its connections."""
        self.redis.client().connection_pool.disconnect()

    def command(self, name: str, *args: Any) -> Any:
        """One script of `queueing.live.store`. The arguments of `relay` are the fields of its `Relay`."""
        if name == "relay":
            args = (self.store.Relay(*args),)
        return self.redis.execute(getattr(self.store, name)(*args))

    def answer(self, admin_id: str, conn: str, cid: str | None, answered: bool) -> Any:
        return self.redis.execute(self.store.answer(admin_id, conn, cid, answered=answered))

    def supervise(self, act: str, by: str, cid: str, operator: str, to: str) -> Any:
        from queueing.live import floor

        return self.redis.execute(floor.supervise(floor.Step(act, by, cid, operator, to, "", by)))  # type: ignore[arg-type]

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
        """More frames than a mailbox keeps; answers how many were stored. A hundred leave at a time."""
        frame = b'{"type":"rtc:ice:candidate"}'
        relays = [
            self.store.relay(self.store.Relay(party, conn, cid, number, "rtc:ice:candidate", frame))
            for number in range(first, first + count)
        ]
        stored = self.redis.execute(relays[0])  # from here on Redis knows the script
        for start in range(1, count, 100):
            with self.redis.client().pipeline(transaction=False) as pipe:
                for relay in relays[start : start + 100]:
                    pipe.evalsha(relay.script.sha, len(relay.script.keys), *relay.script.keys, *relay.argv)
                for reply in pipe.execute(raise_on_error=False):
                    if isinstance(reply, Exception):
                        raise self.redis.domain_error(str(reply)) from reply
                    stored += int(reply)
        return stored

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
        from queueing import services

        return self.loop.run(services.resume_customer(self, conn, token, epoch, last_seq, "2001:db8::1"))  # type: ignore[arg-type]

    def take_desk(
        self, conn: str, party: str, name: str, epoch: int | None, last_seq: int | None, shown: str | None
    ) -> Any:
        """An operator's hello, through the real service (and, after a wipe, the database)."""
        from queueing import services

        identity = services.OperatorIdentity(party[2:], name)
        return self.loop.run(services.attach_operator(self, conn, identity, epoch, last_seq, shown))  # type: ignore[arg-type]

    async def execute(self, command: Any) -> Any:
        """What `services` need of a bus."""
        return self.redis.execute(command)

    def call_back(self, cid: str, who: list[str]) -> Any:
        """Asks to be called; one callback for each mailbox, four for the site."""
        from queueing.live import callbacks

        bounds = [callbacks.Bound(one, {"m": 1, "s": 4}[one[0]]) for one in who]
        contact = {
            "channel": "email",
            "email": f"{cid}@example.org",
            "language": "tr",
            "origin": "https://x",
            "handle": "h",
        }
        return self.redis.execute(callbacks.ask(cid, "email", bounds, contact))

    def start_link(self, cid: str, who: list[str]) -> str:
        """A token for the bot's chat; the same bounds."""
        from queueing.callbacks import starts

        most = [{"m": 1, "s": 4}[one[0]] for one in who]
        return starts.make(starts.Start(cid, "https://x", "tr", "h", f"{cid}@example.org", who, most))

    def hear_start(self, token: str, chat: int) -> str:
        """Start was pressed in a chat."""
        from queueing.callbacks import by_telegram

        return str(by_telegram.link(token, chat).outcome)

    def give_up(self, cid: str, chat: int) -> bool:
        """Whether a wait was ended from that chat."""
        from queueing.callbacks import by_telegram

        return by_telegram.give_up(cid, chat)

    def wait_here(self, cid: str) -> Any:
        from queueing.live import callbacks

        return self.redis.execute(callbacks.cancel(cid))

    def bring_back(self) -> int:
        from queueing.callbacks import restoring

        return restoring.bring_back()

    # -- chosen times ----------------------------------------------------------------------------------------------

    def choose(self, cid: str, number: int) -> None:
        """A row as the page makes it, of a time in some hours."""
        from datetime import timedelta

        from django.utils import timezone

        from appointments.models import Appointment

        Appointment.objects.create(
            key=cid, conversation=cid, name=cid, email=f"{cid}@example.org", mailbox=cid, language="tr", media="video",
            origin="https://x", minutes=30, starts_at=timezone.now() + timedelta(hours=5, seconds=number),
        )  # fmt: skip

    def open_shops(self, many: int, serve: int) -> list[str]:
        """The keys of as many sites, whose customers all wait for the same department; so many operators serve it."""
        from accounts.models import Operator
        from sites.line_models import Line, Member
        from sites.models import Site

        line = Line.objects.create(key="sales", names={"en": "Sales"})
        for number in range(serve):
            operator, _made = Operator.objects.get_or_create(username=f"op{number}")
            Member.objects.create(line=line, operator=operator)
        return [Site.objects.create(name=f"Shop {number}", line=line).key for number in range(many)]

    def read_sites(self) -> None:
        """As they are now."""
        from sites import lookup

        lookup.sites.clear()

    def book(self, number: int, starts_at: int, site: str = "") -> str:
        """Somebody's form: the id of the appointment. Raises DomainError as the page is told it."""
        from appointments import booking
        from sites import lookup

        wish = booking.Wish(
            key=f"k{number:020d}", starts_at=starts_at, name="Ada", email=f"a{number}@example.org", topic="",
            media="chat", zone="",
        )  # fmt: skip
        return booking.book(wish, lookup.find(site).site, "https://x")[0].pk

    def move_to(self, appointment: str, starts_at: int) -> str:
        from appointments import booking

        return booking.move(appointment, starts_at).pk

    def free_times(self) -> list[int]:
        from appointments import booking
        from sites import lookup

        return list(booking.free(lookup.find("").site))

    def owners(self) -> dict[int, list[str]]:
        """Time (ms) -> the appointments that have it."""
        from appointments.models import OPEN, Appointment

        found: dict[int, list[str]] = {}
        for pk, at in Appointment.objects.filter(state__in=OPEN).values_list("pk", "starts_at"):
            found.setdefault(round(at.timestamp() * 1000), []).append(pk)
        return found

    def has_come(self, cid: str, ago_s: int) -> int:
        """Its time was so long ago; 0 where it is called already, or over."""
        from datetime import timedelta

        from django.utils import timezone

        from appointments.models import Appointment, State

        rows = Appointment.objects.filter(conversation=cid, state=State.BOOKED)
        return rows.update(starts_at=timezone.now() - timedelta(seconds=ago_s))

    def see_to(self, ahead_s: int) -> int:
        """-1 when the database refused, as for a worker that races with another."""
        from datetime import timedelta

        from django.db import DatabaseError
        from django.utils import timezone

        from appointments import due

        try:
            due.see_to(timezone.now() + timedelta(seconds=ahead_s))
        except DatabaseError:
            return -1
        return 0

    def see_to_and_die(self, before: bool) -> None:
        """Killed when the first one is to be let in: `before` Redis does, or behind."""
        from queueing import booked

        begin = booked.begin

        def begin_and_die(one: Any) -> None:
            if not before:
                begin(one)
            os.kill(os.getpid(), signal.SIGKILL)

        booked.begin = begin_and_die  # type: ignore[assignment]
        self.see_to(0)

    def call_again(self, cid: str) -> bool | None:
        """Whether they wait, as a worker is told who asks for them once more; None where no worker would."""
        from appointments import due
        from appointments.models import Appointment, State
        from queueing import booked

        row = Appointment.objects.filter(conversation=cid, state=State.CALLED).first()
        return None if row is None else booked.begin(due.booked_of(row))

    def letter(self, cid: str) -> str:
        """The token to which the link leads of whom the history knows to be called; empty before."""
        from queueing import resume_handles
        from queueing.history.callback_models import Callback

        handle = Callback.objects.filter(conversation=cid).exclude(handle="").values_list("handle", flat=True).first()
        return resume_handles.read(handle, "https://x") if handle else ""

    def give_back(self, cid: str) -> bool:
        return self._change(cid, lambda booking, row: booking.cancel(row.pk))

    def move_time(self, cid: str) -> bool:
        """To some hours later."""
        return self._change(cid, lambda booking, row: bool(booking.move(row.pk, _later(row))))

    def _change(self, cid: str, change: Any) -> bool:
        from django.db import DatabaseError

        from appointments import booking
        from appointments.models import Appointment

        try:
            row = Appointment.objects.filter(conversation=cid).first()
            return row is not None and bool(change(booking, row))
        except DatabaseError:
            return False

    # -- the worker's part -----------------------------------------------------------------------------------------

    def record(self) -> int:
        """How many entries were new; -1 when the database refused, as for a worker that races with another."""
        from django.db import DatabaseError

        from queueing.history.recording import journal

        try:
            return journal.record()
        except DatabaseError:
            return -1

    def record_and_die(self, batch: int, after: int, committed: bool) -> None:
        """Killed at the `after`-th batch: between its commit and its acknowledgement, or before the commit."""
        from queueing.history.recording import journal

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
        from appointments.models import Appointment
        from messages_left.models import Message
        from notifications.models import Kind, OutboxMessage
        from queueing.history.callback_models import Callback
        from queueing.history.fairness_models import FairnessEntry
        from queueing.history.models import ChatMessage, Conversation, ConversationEvent

        fields = ("id", "status", "reason", "admin_id", "ended_by", "name")
        return {
            "conversations": {row[0]: row[1:] for row in Conversation.objects.values_list(*fields)},
            "events": list(ConversationEvent.objects.order_by("id").values_list("conversation_id", "kind", "entry_id")),
            "chat": list(
                ChatMessage.objects.order_by("id").values_list("conversation_id", "sender", "text", "entry_id")
            ),
            "notices": OutboxMessage.objects.filter(kind=Kind.CUSTOMER_JOINED).count(),
            "letters": list(OutboxMessage.objects.filter(kind=Kind.CALLBACK).values_list("notification", flat=True)),
            "kept": list(OutboxMessage.objects.filter(kind=Kind.CALLBACK_KEPT).values_list("dedupe_key", flat=True)),
            "callbacks": {row[0]: row[1:] for row in Callback.objects.values_list("conversation", "state", "number")},
            "missed": list(Message.objects.values_list("conversation", flat=True)),
            "appointments": dict(Appointment.objects.values_list("conversation", "state")),
            "booked": [
                (cid, data["behind"])
                for cid, data in ConversationEvent.objects.filter(kind="joined").values_list("conversation", "data")
                if "booked" in data
            ],
            "fairness": list(FairnessEntry.objects.filter(kind="booked").values_list("conversation", "places")),
        }

    def forget(self) -> None:
        """Leaves in the tables what was there in the beginning."""
        assert self.beginning is not None
        self.beginning.restore()

    def serve(self, driver: Wire) -> None:
        from infra.errors import DomainError, StoreUnavailable

        while True:
            try:
                name, args = driver.receive()
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


def _later(row: Any) -> int:
    """Some hours behind the time of an appointment, in ms."""
    from appointments import booking
    from sites import lookup

    starts = round(row.starts_at.timestamp() * 1000)
    return next(start for start in booking.free(lookup.find("").site) if start > starts + 7_200_000)


def nursery(address: str, *, database: bool) -> None:
    """Whatever an actor does for the first time it does in memory of its own, which takes longer than the doing: it is
    done here first, once for all of them."""
    from django.db import connections

    from notifications.sending import prompt
    from queueing.live import store
    from tests.emptying import Beginning

    for name in LOADED:
        importlib.import_module(name)
    for path in store.LUA.glob("*.lua"):
        store.script(path.stem)
    # Nobody sweeps here: what is told is only looked at.
    prompt.starter = prompt.Starter(lambda: None)
    if database:
        Actor.beginning = Beginning()
        connections.close_all()
    first = Actor("nursery")
    first.tick()
    first.drain()
    first.command("check", False)
    first.leave()
    prctl = ctypes.CDLL(None).prctl
    gc.collect()
    gc.freeze()
    # Children are nobody's business here; the driver kills by pid.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    for line in sys.stdin:
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL)
            actor = Actor(line.strip())
            with socket.socket(socket.AF_UNIX) as connected:
                connected.connect(address)
                driver = Wire(connected)
                driver.send(os.getpid())
                actor.serve(driver)
            os._exit(0)


if __name__ == "__main__":
    django.setup()
    nursery(sys.argv[1], database="database" in sys.argv[2:])
