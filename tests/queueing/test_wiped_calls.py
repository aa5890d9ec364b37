"""Redis lost everything while calls ran: in whatever order the parties return, nobody is given to a second operator."""

import pytest
from channels.db import database_sync_to_async

from infra.redis.bus import Bus
from infra.redis.client import client
from infra.redis.scripts import key
from queueing import services
from queueing.history import lookup
from queueing.history.models import Conversation
from queueing.live import store
from tests.queueing.test_wipe import end_recovery, joins, on_shift, record, returns, serving, wipe
from tests.queueing.world import expire_grace, lease, problems, settle, tick

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("running")]


@database_sync_to_async
def reason_of(conversation: str) -> str:
    return Conversation.objects.get(pk=conversation).reason


@database_sync_to_async
def admin_of(conversation: str) -> str:
    return Conversation.objects.get(pk=conversation).admin_id


def end_recovery_of_an_old_wipe() -> None:
    """As if Redis had been empty long ago."""
    settle()
    client().hset(key("meta"), mapping={"generation_at": 1, "restarted_at": 1})


async def test_an_operator_who_is_back_first_is_given_nobody_else(bus: Bus) -> None:
    """The customer of the call comes back when the pause is over."""
    ada = await joins(bus, "ada")
    await on_shift(bus)
    bora = await joins(bus, "bora")
    await record()
    wipe()
    lease(bus.process_id)
    await on_shift(bus)
    await returns(bus, bora)
    end_recovery()
    tick()
    assert await serving(bus) == ada.conversation
    assert (await returns(bus, ada)).status == "active"
    await on_shift(bus, "cem")
    assert await serving(bus, "cem") == bora.conversation
    assert problems() == []


async def test_a_call_that_the_token_alone_put_into_the_line_goes_back_to_its_operator(
    bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database was too slow for the customer's return."""
    ada = await joins(bus, "ada")
    await on_shift(bus)
    await record()
    wipe()
    lease(bus.process_id)
    with monkeypatch.context() as slow:
        slow.setattr(lookup, "TIMEOUT_SECS", 0.0)
        assert (await returns(bus, ada)).status == "waiting"
    await on_shift(bus, "cem")
    await on_shift(bus)
    end_recovery()
    tick()
    assert await serving(bus, "cem") is None
    assert await serving(bus) == ada.conversation
    assert problems() == []


@pytest.mark.parametrize("first", ["operator", "customer"])
async def test_a_claim_that_was_not_recorded_comes_back_by_the_operators_page(bus: Bus, first: str) -> None:
    """Redis was lost in the second after the claim: the history has the customer in the queue."""
    ada = await joins(bus, "ada")
    bora = await joins(bus, "bora")
    await record()
    await on_shift(bus)
    wipe()
    lease(bus.process_id)
    if first == "customer":
        assert (await returns(bus, ada)).status == "waiting"
    await returns(bus, bora)
    await on_shift(bus, "cem")
    await on_shift(bus, shown=ada.conversation)
    end_recovery()
    tick()
    assert await serving(bus) == ada.conversation
    assert await serving(bus, "cem") == bora.conversation
    assert (await returns(bus, ada)).status == "active"
    await record()
    assert await admin_of(ada.conversation) == "deniz"
    assert problems() == []


async def test_what_an_operators_page_shows_brings_nobody_back_whom_nobody_knows_or_who_is_gone(bus: Bus) -> None:
    ada = await joins(bus, "ada")
    bora = await joins(bus, "bora")
    await services.leave(bus, f"{bus.process_id}|bora", bora.conversation, "left")
    await record()
    wipe()
    lease(bus.process_id)
    for shown in ("no-such-conversation", bora.conversation, "\x00", "x" * 64):
        await on_shift(bus, shown=shown)
        assert await serving(bus) is None
    assert (await returns(bus, ada)).status == "waiting"
    assert problems() == []


async def test_when_nothing_was_lost_an_operators_page_takes_nobody_out_of_the_line(bus: Bus) -> None:
    ada = await joins(bus, "ada")
    bora = await joins(bus, "bora")
    await record()
    end_recovery_of_an_old_wipe()
    await on_shift(bus, shown=bora.conversation)
    assert await serving(bus) == ada.conversation


async def test_an_operator_who_waits_for_a_customer_in_vain_is_free_after_the_grace(bus: Bus) -> None:
    ada = await joins(bus, "ada")
    await on_shift(bus)
    await record()
    wipe()
    lease(bus.process_id)
    await on_shift(bus)
    assert await serving(bus) == ada.conversation
    expire_grace(f"c:{ada.conversation}")
    tick()
    assert await serving(bus) is None
    await record()
    assert await reason_of(ada.conversation) == "customer-lost"
    assert problems() == []


async def test_an_operator_who_does_not_stay_loses_the_call_as_any_other(bus: Bus) -> None:
    """Its socket broke between the answer of the database and the desk."""
    ada = await joins(bus, "ada")
    await on_shift(bus)
    await record()
    wipe()
    running = await lookup.running_call("deniz")
    assert running is not None
    assert await bus.execute(store.recall("deniz", "Deniz", running)) == 1
    assert (await returns(bus, ada)).status == "active"
    expire_grace("o:deniz")
    tick()
    await record()
    assert await reason_of(ada.conversation) == "operator-lost"
    assert problems() == []


async def test_an_old_call_whose_end_was_lost_does_not_come_back(bus: Bus) -> None:
    ada = await joins(bus, "ada")
    await on_shift(bus)
    await record()
    wipe()
    end_recovery_of_an_old_wipe()
    lease(bus.process_id)
    bora = await joins(bus, "bora")
    await on_shift(bus)
    assert await serving(bus) == bora.conversation
    await services.end_call(bus, "o:deniz", f"{bus.process_id}|deniz", bora.conversation, "hangup")
    await record()
    assert await reason_of(ada.conversation) == ""
    wipe()
    assert await lookup.running_call("deniz") is None


async def test_nothing_is_asked_of_the_database_when_nothing_was_lost(bus: Bus) -> None:
    ada = await joins(bus, "ada")
    await on_shift(bus)
    await record()
    end_recovery_of_an_old_wipe()
    assert await bus.execute(store.forgotten("deniz")) == 0
    assert await bus.execute(store.forgotten("cem")) == 0
    assert await serving(bus) == ada.conversation
