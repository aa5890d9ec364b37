"""What is known of people goes: after RETENTION_DAYS by itself, and when somebody asks for it. Figures stay."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError
from django.utils import timezone

from accounts.models import AuditEvent
from harness.redis_process import RedisProcess
from infra.redis.client import execute
from notifications.models import Card, OutboxMessage
from queueing import tasks
from queueing.blocklist import rules
from queueing.history.models import ChatMessage, Conversation, ConversationEvent
from queueing.history.privacy import retention
from queueing.history.recording import journal
from queueing.live import store
from tests.queueing.world import Customer, Operator, contents, problems

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("running")]

WORDS = (
    "Rosalind", "hidden topic", "my secret line", "person-77", "rosalind@example.com", "secret-page", "Titel-77",
    "blurred-camera",
)  # fmt: skip


def a_call(word: str = "one", name: str = "Rosalind", subject: str = "person-77") -> str:
    """A recorded conversation of a person that the site vouched for."""
    identity = {"sub": subject, "name": name, "email": "rosalind@example.com"}
    customer, operator = Customer(word), Operator("deniz")
    customer.join(
        name=name,
        topic="hidden topic",
        attributes=json.dumps({"identity": identity}),
        visit=json.dumps({"page": "https://shop.example/secret-page", "title": "Titel-77"}),
        address="digest-of-address",
    )
    execute(store.report(customer.party, customer.conn, "device:check", None, {"camera": "blurred-camera"}))
    operator.connect()
    operator.available()
    customer.say("my secret line")
    operator.end()
    journal.record()
    return customer.cid


def age(cid: str, days: int) -> None:
    Conversation.objects.filter(pk=cid).update(ended_at=timezone.now() - timedelta(days=days))
    Card.objects.filter(conversation=cid).update(created_at=timezone.now() - timedelta(days=days))


def everything() -> str:
    """All that the database says, in one text."""
    models = (Conversation, ConversationEvent, ChatMessage, Card, OutboxMessage)
    return " ".join(str(list(model.objects.values())) for model in models)


def run(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("person", *arguments, stdout=out)
    return dict(json.loads(out.getvalue()))


def test_old_conversations_lose_their_person_and_keep_their_figures(settings: Any) -> None:
    settings.RETENTION_DAYS = 30
    cid = a_call()
    age(cid, 31)
    assert retention.anonymise_old() == 1
    text = everything()
    assert [word for word in (*WORDS, "digest-of-address") if word in text] == []
    row = Conversation.objects.get(pk=cid)
    assert (row.status, row.reason, row.admin_id) == ("ended", "hangup", "deniz")
    assert row.duration_s is not None
    assert row.anonymised_at is not None
    assert row.messages.count() == 1
    assert next(iter(row.events.all())).kind == "joined"
    assert row.events.filter(kind="claimed").get().data["operator"] == "deniz"


def test_younger_and_running_ones_are_left_alone(settings: Any) -> None:
    settings.RETENTION_DAYS = 30
    young = a_call()
    age(young, 29)
    waiting = Customer("Waits")
    waiting.join()
    journal.record()
    Conversation.objects.filter(pk=waiting.cid).update(joined_at=timezone.now() - timedelta(days=400))
    assert retention.anonymise_old() == 0
    assert "my secret line" in everything()
    assert Conversation.objects.get(pk=waiting.cid).name == "Waits"


def test_a_second_run_finds_nothing_and_says_nothing(settings: Any) -> None:
    settings.RETENTION_DAYS = 30
    age(a_call(), 31)
    tasks.anonymise()
    tasks.anonymise()
    events = AuditEvent.objects.filter(kind="history_anonymised")
    assert [(event.actor, event.detail["conversations"]) for event in events] == [("retention", 1)]


def test_zero_keeps_for_ever(settings: Any) -> None:
    settings.RETENTION_DAYS = 0
    age(a_call(), 4000)
    assert retention.anonymise_old() == 0


def test_a_run_is_bounded_and_the_next_one_goes_on(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.RETENTION_DAYS = 30
    monkeypatch.setattr(retention, "BATCH", 2)
    old = timezone.now() - timedelta(days=31)
    Conversation.objects.bulk_create(
        Conversation(id=f"c{n}", name="Old", status="ended", joined_at=old, ended_at=old) for n in range(5)
    )
    assert retention.anonymise_old(limit=3) == 3
    assert Conversation.objects.filter(name="Old").count() == 2
    assert retention.anonymise_old(limit=3) == 2


def test_a_conversation_is_emptied_whole_or_not_at_all(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.RETENTION_DAYS = 30
    cid = a_call()
    age(cid, 31)

    def refuse(_ids: Any) -> int:
        raise DatabaseError("full")

    with monkeypatch.context() as broken:
        broken.setattr("notifications.retention.anonymise", refuse)
        tasks.anonymise()
    assert Conversation.objects.get(pk=cid).anonymised_at is None
    assert "my secret line" in everything()
    tasks.anonymise()
    assert "my secret line" not in everything()


def test_old_notifications_go_also_without_a_conversation(settings: Any) -> None:
    settings.RETENTION_DAYS = 30
    long_ago = timezone.now() - timedelta(days=31)
    Card.objects.create(notification="n", context={"name": "Rosalind", "topic": ""}, created_at=long_ago, stale=False)
    retention.anonymise_old()
    assert "Rosalind" not in everything()


def test_export_gives_all_of_a_person_and_nothing_of_others() -> None:
    first, second = a_call(), a_call("two")
    a_call("three", "Somebody", "person-78")
    rules.block_identity("person-77", reason="rude", until=None, by="ayse")
    found = run("export", "--identity", "person-77")
    assert [row["id"] for row in found["conversations"]] == [first, second]
    text = json.dumps(found)
    assert all(word in text for word in WORDS)
    assert "Somebody" not in text
    assert [line["text"] for line in found["conversations"][0]["messages"]] == ["my secret line"]
    assert found["notifications"]
    assert [block["reason"] for block in found["blocks"]] == ["rude"]
    event = AuditEvent.objects.get(kind="person_exported")
    assert event.detail["conversations"] == 2
    assert "person-77" not in json.dumps(event.detail)


def test_export_finds_what_the_journal_still_holds() -> None:
    customer = Customer("Rosalind")
    customer.join()
    found = run("export", "--conversation", customer.cid)
    assert found["conversations"][0]["name"] == "Rosalind"


def test_erase_takes_a_person_out_of_database_and_redis() -> None:
    cid = a_call()
    found = run("erase", "--identity", "person-77")
    assert (found["conversations"], found["erased"], found["dropped_from_redis"]) == ([cid], 1, 1)
    stored = everything() + str(contents())
    assert [word for word in WORDS if word in stored] == []
    assert problems() == []
    assert AuditEvent.objects.get(kind="person_erased").detail["conversations"] == 1


def test_erase_ends_a_running_conversation_first() -> None:
    customer, operator = Customer("Rosalind"), Operator("deniz")
    customer.join(topic="hidden topic")
    operator.connect()
    operator.available()
    customer.say("my secret line")
    run("erase", "--conversation", customer.cid)
    row = Conversation.objects.get(pk=customer.cid)
    assert (row.status, row.reason, row.name) == ("ended", "erased", "")
    assert operator.serving is None
    journal.record()
    assert "my secret line" not in everything()
    assert problems() == []


def test_erasing_twice_is_no_harm_and_a_stranger_is_unknown() -> None:
    a_call()
    run("erase", "--identity", "person-77")
    with pytest.raises(CommandError, match="Nothing"):
        run("erase", "--identity", "person-77")
    with pytest.raises(CommandError, match="Nothing"):
        run("export", "--conversation", "nobody")


def test_a_block_outlives_the_erasure() -> None:
    a_call()
    rules.block_identity("person-77", reason="", until=None, by="ayse")
    run("erase", "--identity", "person-77")
    assert rules.BlockEntry.objects.count() == 1


def test_without_redis_nothing_is_erased(redis_process: RedisProcess) -> None:
    a_call()
    redis_process.kill()
    with pytest.raises(CommandError):
        run("erase", "--identity", "person-77")
    assert "my secret line" in everything()
    assert not AuditEvent.objects.filter(kind="person_erased").exists()
