"""Maintenance: switched by command or in the admin, with a message and a planned end, and never without a trace."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from accounts.models import AuditEvent, Operator
from harness.redis_process import RedisProcess
from infra.redis.bus import Bus
from queueing import services
from queueing.errors import QueueRefused
from queueing.live import maintenance
from queueing.services import JoinRequest

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server")]
PAGE = "/admin/maintenance/"


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("maintenance", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def chief(client: Client) -> Client:
    client.force_login(Operator.objects.create(username="chief", name="Chief", is_staff=True, is_superuser=True))
    return client


def trail() -> list[tuple[str, dict[str, Any]]]:
    events = AuditEvent.objects.filter(kind=AuditEvent.Kind.MAINTENANCE_SWITCHED).order_by("id")
    return [(event.actor, event.detail) for event in events]


async def refusal() -> QueueRefused:
    bus = Bus()
    await bus.wait_up()
    try:
        with pytest.raises(QueueRefused) as refused:
            await services.join(bus, f"{bus.process_id}|1", JoinRequest(name="Ada", media="chat"))
        return refused.value
    finally:
        await bus.close()


def test_the_command_sets_message_and_end_and_leaves_a_trace() -> None:
    state = json.loads(run("on", "--message", "Yeni  sürüm\nkuruluyor.", "--minutes", "20", "--json"))
    assert (state["maintenance"], state["message"]) == (True, "Yeni sürüm kuruluyor.")
    assert json.loads(run("status", "--json")) == state
    assert json.loads(run("off", "--json")) == {"maintenance": False}
    assert json.loads(run("status", "--json")) == {"maintenance": False}
    assert trail() == [("command", state), ("command", {"maintenance": False})]


@pytest.mark.parametrize(
    "arguments",
    [("on", "--until", "2001-01-01T10:00"), ("on", "--minutes", "-5"), ("on", "--message", "x" * 301)],
)
def test_what_cannot_be_promised_is_refused_and_changes_nothing(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        run(*arguments)
    assert not maintenance.current().on
    assert trail() == []


async def test_a_refused_customer_reads_the_message_and_the_end() -> None:
    from asgiref.sync import sync_to_async

    until = timezone.now() + timedelta(minutes=5)
    await sync_to_async(maintenance.switch)(True, actor="test", message="Sunucu taşınıyor.", until=until)
    with override("tr"):
        refused = await refusal()
    local = timezone.localtime(until)
    assert refused.message.startswith("Sunucu taşınıyor. Planlanan bitiş: ")
    assert f"{local:%H:%M}" in refused.message
    assert refused.retry_after is not None
    assert 200 < refused.retry_after <= 300


async def test_without_a_message_the_usual_sentence_stands() -> None:
    from asgiref.sync import sync_to_async

    await sync_to_async(maintenance.switch)(True, actor="test")
    with override("tr"):
        refused = await refusal()
    assert refused.message == "Destekte bakım yapılıyor; yeni görüşme alınmıyor. Lütfen daha sonra yeniden deneyin."
    assert refused.retry_after == 60


def test_the_admin_page_switches_and_leaves_a_trace(chief: Client) -> None:
    assert b"Bak\xc4\xb1m kapal\xc4\xb1" in chief.get(PAGE).content
    until = timezone.localtime() + timedelta(hours=2)
    answer = chief.post(
        PAGE, {"switch": "on", "message": "Kısa bakım.", "until": f"{until:%Y-%m-%dT%H:%M}"}, follow=True
    )
    assert answer.redirect_chain == [(PAGE, 302)]
    assert "Kısa bakım." in answer.content.decode()
    state = maintenance.current()
    assert (state.on, state.message) == (True, "Kısa bakım.")
    assert state.until == until.replace(second=0, microsecond=0)
    chief.post(PAGE, {"switch": "off"})
    assert not maintenance.current().on
    assert [(actor, detail["maintenance"]) for actor, detail in trail()] == [("chief", True), ("chief", False)]


def test_a_planned_end_in_the_past_is_refused_with_a_reason(chief: Client) -> None:
    answer = chief.post(PAGE, {"switch": "on", "until": "2001-01-01T10:00"})
    assert answer.status_code == 400
    assert "geçmişte" in answer.content.decode()
    assert not maintenance.current().on


def test_only_superusers_switch_and_only_operators_see(client: Client) -> None:
    assert client.get(PAGE).status_code == 302
    client.force_login(Operator.objects.create(username="ayse", name="Ayşe", is_staff=True))
    assert client.get(PAGE).status_code == 200
    assert client.post(PAGE, {"switch": "on"}).status_code == 403
    assert not maintenance.current().on


def test_without_redis_the_page_says_so(chief: Client, redis_process: RedisProcess) -> None:
    redis_process.stop()
    try:
        answer = chief.get(PAGE, headers={"Accept": "text/html"})
    finally:
        redis_process.start()
    assert answer.status_code == 503
    assert "geçici olarak kullanılamıyor" in answer.content.decode()
