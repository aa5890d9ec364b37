"""Whom we erase is gone from our Telegram messages as well, and from the files that Redis and the database write."""

from __future__ import annotations

import importlib
import json
import sqlite3
import time
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from harness.fakes.telegram import FakeTelegram, Fault
from harness.redis_process import RedisProcess
from infra.redis.client import client
from notifications import cards, retention
from notifications.models import Card, Kind, OutboxMessage, State
from queueing.history.models import Conversation
from queueing.history.privacy import personal_data, traces
from queueing.history.privacy import retention as history
from queueing.history.recording import journal
from support.config.environment import database
from support.settings import CONFIG
from tests.notifications.conftest import Road
from tests.queueing.world import Customer

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = ("Rosalind", "geheime")


@pytest.fixture
def rosalind(bot: FakeTelegram, road: Road) -> Customer:
    """Left the queue; both operators have her card."""
    customer = Customer("Rosalind")
    customer.join(topic="geheime Sache")
    journal.record()
    road.finish_all()
    customer.leave()
    journal.record()
    road.finish_all()
    assert sum("Rosalind" in message.text for message in bot.messages) == 2
    return customer


def erase(customer: Customer, wait: float = 0) -> dict[str, Any]:
    out = StringIO()
    call_command("person", "erase", "--conversation", customer.cid, "--wait", str(wait), stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def left_in(telegram: FakeTelegram) -> list[str]:
    return [word for message in telegram.messages for word in WORDS if word in message.text]


def test_erasing_somebody_edits_the_messages_about_them(rosalind: Customer, bot: FakeTelegram, road: Road) -> None:
    found = erase(rosalind)
    assert found["messages"] == {"telegram": 2, "pending": 2, "refused": [], "fallback": 0}
    road.finish_all()
    assert left_in(bot) == []
    assert {message.text.splitlines()[0] for message in bot.messages} == {
        "🚪 <b>Müşteri ayrıldı</b>",
        "🚪 <b>The customer has left</b>",
    }
    assert len(bot.messages) == 2, "edited, and nobody was told anew"
    assert retention.shown([rosalind.cid]).pending == 0
    edits = sum(len(message.edits) for message in bot.messages)
    assert erase(rosalind)["messages"] == {"telegram": 2, "pending": 0, "refused": [], "fallback": 0}
    road.finish_all()
    assert sum(len(message.edits) for message in bot.messages) == edits


def test_an_edit_that_fails_is_tried_again_and_one_that_is_refused_is_named(
    rosalind: Customer, bot: FakeTelegram, road: Road
) -> None:
    gone = Fault.status(400, "Bad Request: message can't be edited")
    bot.script(Fault.status(500), gone)
    erase(rosalind)
    road.finish_all()
    assert len(left_in(bot)) == len(WORDS), "one was edited in the end"
    (refused,) = retention.shown([rosalind.cid]).refused
    assert "can't be edited" in refused["why"]
    assert refused["message_id"] in {message.message_id for message in bot.messages}

    assert len(erase(rosalind)["messages"]["refused"]) == 1  # asked for once more
    road.finish_all()
    assert left_in(bot) == []
    assert retention.shown([rosalind.cid]).refused == []


def test_what_was_on_its_way_while_it_was_erased_is_edited_afterwards(bot: FakeTelegram, road: Road) -> None:
    customer = Customer("Rosalind")
    customer.join(topic="geheime Sache")
    journal.record()
    bot.script(Fault.status(500), Fault.status(500))
    road.sweep()
    erase(customer)
    road.finish_all()
    assert left_in(bot) == []


def test_retention_edits_a_few_at_a_time_and_lets_new_customers_go_first(
    rosalind: Customer, bot: FakeTelegram, road: Road, settings: Any
) -> None:
    settings.RETENTION_DAYS = 30
    old = timezone.now() - timedelta(days=31)
    Conversation.objects.update(ended_at=old)
    more = [Card(notification=f"n{n}", context={"name": "Rosalind"}, stale=False, created_at=old) for n in range(12)]
    Card.objects.bulk_create(more)
    assert history.anonymise_old() == 1
    assert Card.objects.filter(redraw=True).count() == 13
    fields = {"notification": "x", "kind": Kind.TEST, "channel": "telegram", "language": "tr", "chat_id": "1"}
    busy = [OutboxMessage(dedupe_key=f"x{n}", **fields) for n in range(cards.UNDER_WAY_MOST + 1)]
    OutboxMessage.objects.bulk_create(busy)
    cards.look_after(road.now)
    assert Card.objects.filter(redraw=True).count() == 13
    OutboxMessage.objects.filter(kind=Kind.TEST).update(state=State.SENT)
    cards.look_after(road.now)
    assert Card.objects.filter(redraw=True).count() == 13 - cards.REDRAWN_AT_ONCE
    road.finish_all()
    assert left_in(bot) == []


def test_messages_of_whom_an_older_release_erased_are_edited_after_the_update(
    rosalind: Customer, bot: FakeTelegram, road: Road
) -> None:
    Card.objects.update(context={"name": "", "topic": ""})
    importlib.import_module("notifications.migrations.0007_redraw").redraw_erased(apps, None)
    road.finish_all()
    assert left_in(bot) == []


def test_redis_file_does_not_keep_what_was_erased(rosalind: Customer, redis_process: RedisProcess) -> None:
    client().config_set("appendonly", "yes")
    folder = Path(str(client().config_get("dir")["dir"]))  # type: ignore[index]
    try:
        _await_rewrite()
        Customer("Rosalind2").join(topic="geheime Sache")
        client().config_set("slowlog-log-slower-than", "0")
        journal.record()
        erase(rosalind)
        personal_data.erase(None, "cid-Rosalind2", by="test")
        _await_rewrite()
        traces.wipe()
        _await_rewrite()
        files = [path for path in folder.rglob("*aof*") if path.is_file()]
        assert files
        assert [path.name for path in files if b"Rosalind" in path.read_bytes()] == []
        assert "Rosalind" not in str(client().slowlog_get(128))
    finally:
        client().config_set("slowlog-log-slower-than", "10000")
        client().config_set("appendonly", "no")


def _await_rewrite() -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        told: Any = client().info("persistence")
        if not told["aof_rewrite_in_progress"] and not told["aof_rewrite_scheduled"]:
            return
        time.sleep(0.02)
    raise AssertionError("Redis is still rewriting its file")


def test_the_database_file_keeps_nothing_on_free_pages_and_in_its_log(tmp_path: Path) -> None:
    """As the product opens it: overwritten text is zeroed, and the log is cut by a checkpoint."""
    commands = database(CONFIG.model_copy(update={"DATABASE_URL": "", "DATA_DIR": tmp_path}))["OPTIONS"]["init_command"]
    file = tmp_path / "db.sqlite3"
    opened = sqlite3.connect(file, isolation_level=None)
    opened.executescript(commands)
    opened.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)")
    opened.executemany("INSERT INTO t (text) VALUES (?)", [(f"Rosalind {n} " * 60,) for n in range(200)])
    opened.execute("UPDATE t SET text = '' WHERE id % 2")
    opened.execute("DELETE FROM t WHERE id % 2 = 0")
    opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    held = [path.name for path in tmp_path.iterdir() if b"Rosalind" in path.read_bytes()]
    opened.close()
    assert held == []


def test_compacting_takes_every_table_from_which_people_are_erased() -> None:
    """Also those that hang on no conversation: messages that were left, chosen times."""
    compacted = set(traces._models())
    erased = {model for model in apps.get_models() if any(field.name == "erased_at" for field in model._meta.fields)}
    hang_on = {relation.related_model for model in erased for relation in model._meta.related_objects}
    assert {model.__name__ for model in erased} >= {"Message", "Appointment"}
    assert (erased | hang_on) - compacted == set()


@pytest.mark.usefixtures("redis_server")
def test_compacting_says_what_is_still_held() -> None:
    out = StringIO()
    call_command("person", "compact", stdout=out)
    held = json.loads(out.getvalue())["still_held"]
    assert held[-1] == traces.BACKUPS
    assert (traces.POSTGRESQL in held) is (connection.vendor == "postgresql")
