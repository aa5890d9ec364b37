"""Two operators press Accept within a millisecond, in two web processes: one wins, and both cards say so."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from harness import database, python
from harness.fakes.telegram import FakeTelegram
from harness.processes import clean_environment
from infra.redis.client import execute
from queueing.live import store
from support.celery import app
from tests.notifications.conftest import TOKEN
from tests.notifications.installation import PATIENCE_SECS, Installation
from tests.notifications.presses import SECRET
from tests.signaling.client import Peer
from tests.signaling.processes import Web

CHATS = {"ayse": "1001", "bob": "1002"}
ROUNDS = 4


class Desks:
    """Two web processes over one Redis and one database, with ayse's console on one and bob's on the other."""

    def __init__(self, folder: Path, redis_url: str, fake: FakeTelegram) -> None:
        self.fake = fake
        self.installation = Installation(folder, fake.url)
        self.environment = {
            "DJANGO_ENV": "development",
            "SECRET_KEY": django_settings.SECRET_KEY,
            "DATA_DIR": str(folder),
            "DATABASE_URL": f"sqlite:///{self.installation.database}",
            "REDIS_URL": redis_url,
            "REDIS_NAMESPACE": django_settings.REDIS_NAMESPACE,
            "RECOVERY_SECS": "0",
            "WRAP_UP_SECS": "0",
            "LOG_LEVEL": "WARNING",
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "TELEGRAM_API_URL": fake.url,
            "TELEGRAM_WEBHOOK_SECRET": SECRET,
        }
        self.webs = [Web(self.environment), Web(self.environment)]
        self.sessions: dict[str, str] = {}

    def prepare(self) -> None:
        database.place(self.installation.database)
        for web in self.webs:
            web.start()
        done = python.run(["-m", "harness.operators", *CHATS], env=clean_environment(**self.environment))
        assert done.returncode == 0, done.stderr
        self.sessions = json.loads(done.stdout.splitlines()[-1])
        for admin_id, chat in CHATS.items():
            self.installation.execute(f"UPDATE accounts_operator SET chat_id = '{chat}' WHERE username = '{admin_id}'")
        self.installation.start_worker("--pool", "threads", "--concurrency", "4")

    async def close(self) -> None:
        for web in self.webs:
            await web.close()
            web.stop()
        self.installation.end()


@pytest.fixture
async def desks(tmp_path: Path, redis_server: str) -> AsyncIterator[Desks]:
    with FakeTelegram() as fake:
        built = Desks(tmp_path, redis_server, fake)
        await asyncio.to_thread(built.prepare)
        yield built
        await built.close()


def press_at_once(desks: Desks, presses: list[tuple[Web, dict[str, Any]]]) -> None:
    """Everything but the last byte of each request is with its process already; the last bytes follow each other."""
    sockets = []
    for web, update in presses:
        body = json.dumps(update).encode()
        head = (
            f"POST /telegram/webhook/ HTTP/1.1\r\nHost: localhost:{web.port}\r\nContent-Type: application/json\r\n"
            f"X-Telegram-Bot-Api-Secret-Token: {SECRET}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        connection = socket.create_connection(("127.0.0.1", web.port), timeout=PATIENCE_SECS)
        connection.sendall(head.encode() + body[:-1])
        sockets.append((connection, body[-1:]))
    for connection, last in sockets:
        connection.sendall(last)
    for connection, _last in sockets:
        with connection, connection.makefile("rb") as answer:
            assert b" 200 " in answer.readline()


async def test_of_two_presses_at_once_one_wins_and_both_cards_say_so(desks: Desks) -> None:
    consoles = {
        admin_id: await web.operator(desks.sessions[admin_id]) for admin_id, web in zip(CHATS, desks.webs, strict=True)
    }
    for number in range(ROUNDS):
        await _one_customer(desks, consoles, number)
    assert execute(store.check(fix=False)) == []
    assert execute(store.status())["stats"]["claimed"] == ROUNDS


async def _one_customer(desks: Desks, consoles: dict[str, Peer], number: int) -> None:
    fake = desks.fake
    customer = await desks.webs[number % 2].customer()
    cid = (await customer.join(f"Can {number}"))["conversation"]
    app.send_task("queueing.record")
    app.send_task("notifications.sweep")
    await asyncio.to_thread(_until_recorded, fake, 2 * (number + 1))
    cards = {message.chat_id: message for message in fake.messages[-2:]}
    presses = [
        (web, fake.updates.make_press(chat, cards[chat].message_id, _accept(cards[chat].reply_markup)))
        for web, chat in zip(desks.webs, CHATS.values(), strict=True)
    ]
    await asyncio.to_thread(press_at_once, desks, presses[:: -1 if number % 2 else 1])

    answers = await asyncio.to_thread(fake.wait_for_answers, 2 * (number + 1), PATIENCE_SECS)
    read = {answer.press_id: answer.text for answer in answers[-2:]}
    won = [text.startswith("✅") for text in (read[update["callback_query"]["id"]] for _web, update in presses)]
    assert sorted(won) == [False, True], read
    winner, loser = ("ayse", "bob") if won[0] else ("bob", "ayse")
    await consoles[winner].expect("queue:ready", conversation=cid)
    assert execute(store.operator_state(loser)).conversation is None
    for chat in CHATS.values():
        await asyncio.to_thread(fake.wait_for_text, chat, winner.title(), PATIENCE_SECS)
    assert any(winner.title() in text for text in read.values()), "the loser reads who was first"
    # Who accepts is on shift afterwards; a break again, so that the next customer is given to nobody.
    await consoles[winner].send("operator:available", available=False)
    await consoles[winner].expect("operator:state", available=False)
    await customer.numbered("call:end")
    await consoles[winner].expect("call:ended", conversation=cid)
    await customer.close()


def _until_recorded(fake: FakeTelegram, messages: int) -> None:
    """The worker does what was sent in its own order: the sweep may have come before the record."""
    for _ in range(20):
        try:
            fake.wait_for_messages(messages, 2)
        except AssertionError:
            app.send_task("queueing.record")
            app.send_task("notifications.sweep")
        else:
            return
    raise AssertionError(f"no cards: {fake.messages}")


def _accept(markup: Any) -> str:
    return str(markup["inline_keyboard"][0][0]["callback_data"])
