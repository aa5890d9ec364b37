"""Redis lost everything: signed tokens bring queue and calls back, in the old order, and nothing that is over."""

import pytest
from channels.db import database_sync_to_async

from infra.errors import DomainError
from infra.redis.bus import Bus
from infra.redis.client import client
from infra.redis.scripts import key
from queueing import services, tokens
from queueing.history import lookup
from queueing.history.models import Conversation
from queueing.history.recording import journal
from queueing.live import store
from queueing.services import Joined, JoinRequest, OperatorIdentity
from tests.queueing.world import end_hold, lease, next_ms, problems, settle, status, tick

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("running")]


async def joins(bus: Bus, name: str, *, join_key: str | None = None) -> Joined:
    return await services.join(
        bus, f"{bus.process_id}|{name}", JoinRequest(name=name, media="video", join_key=join_key)
    )


async def returns(bus: Bus, joined: Joined, word: str = "back") -> services.Attached:
    conn = f"{bus.process_id}|{word}-{joined.conversation}"
    return await services.resume_customer(bus, conn, joined.token, joined.epoch, 0)


async def on_shift(bus: Bus, name: str = "deniz", shown: str | None = None) -> None:
    """`shown`: the conversation that the operator's page names."""
    conn = f"{bus.process_id}|{name}"
    await services.attach_operator(bus, conn, OperatorIdentity(name, name.title()), None, None, shown)
    await services.set_available(bus, conn, name, True)


async def serving(bus: Bus, name: str = "deniz") -> str | None:
    return (await services.operator_state(bus, name)).conversation


record = database_sync_to_async(journal.record)


def wipe() -> None:
    """Everything is gone while the connections stay open: later than what was there, as milliseconds are compared."""
    next_ms()
    client().flushall()


def end_recovery() -> None:
    client().hset(key("meta"), "recover_until", 0)


def end_grace_since_the_wipe() -> None:
    client().hset(key("meta"), mapping={"generation_at": 1, "restarted_at": 1})


async def test_tokens_bring_back_the_old_order_whoever_comes_first(bus: Bus) -> None:
    ada, bora, cem = [await joins(bus, name) for name in ("ada", "bora", "cem")]
    wipe()
    for joined in (cem, ada, bora):
        assert not (await returns(bus, joined)).resumed
    assert client().zrange(key("line"), 0, -1) == [ada.conversation, bora.conversation, cem.conversation]
    assert problems() == []


async def test_claims_pause_after_a_wipe_so_that_first_come_first_served_holds(bus: Bus) -> None:
    ada, bora = await joins(bus, "ada"), await joins(bus, "bora")
    wipe()
    await on_shift(bus)
    await returns(bus, bora)
    tick()
    assert await serving(bus) is None
    assert status()["recovering"]
    await returns(bus, ada)
    end_recovery()
    tick()
    assert await serving(bus) == ada.conversation


async def test_the_pause_lasts_as_set(bus: Bus, settings: object) -> None:
    wipe()
    settings.RECOVERY_SECS = 5  # type: ignore[attr-defined]
    tick()
    meta: dict[str, str] = client().hgetall(key("meta"))  # type: ignore[assignment]
    assert int(meta["recover_until"]) - int(meta["generation_at"]) == 5_000


async def test_somebody_new_stands_behind_those_who_come_back(bus: Bus) -> None:
    ada = await joins(bus, "ada")
    wipe()
    emre = await joins(bus, "emre")
    await returns(bus, ada)
    assert client().zrange(key("line"), 0, -1) == [ada.conversation, emre.conversation]


async def test_a_join_key_still_finds_its_conversation_after_a_wipe(bus: Bus) -> None:
    ada = await joins(bus, "ada", join_key="k" * 20)
    wipe()
    await returns(bus, ada)
    again = await joins(bus, "ada", join_key="k" * 20)
    assert again.existing
    assert (again.conversation, again.token) == (ada.conversation, ada.token)


async def test_a_token_never_revives_what_the_database_records_as_ended(bus: Bus) -> None:
    ada = await joins(bus, "ada")
    await services.leave(bus, f"{bus.process_id}|ada", ada.conversation, "left")
    await record()
    wipe()
    with pytest.raises(DomainError) as refused:
        await returns(bus, ada)
    assert refused.value.code == "token_expired"
    assert status()["waiting"] == 0


async def test_an_ended_conversation_that_redis_still_knows_is_shown_as_ended(bus: Bus) -> None:
    ada = await joins(bus, "ada")
    await services.leave(bus, f"{bus.process_id}|ada", ada.conversation, "left")
    assert (await returns(bus, ada)).status == "ended"
    assert status()["waiting"] == 0


async def test_tokens_restore_only_within_the_grace(bus: Bus) -> None:
    ada = await joins(bus, "ada")
    wipe()
    tick()
    end_grace_since_the_wipe()
    with pytest.raises(DomainError) as refused:
        await returns(bus, ada)
    assert refused.value.code == "token_expired"


async def test_a_conversation_that_was_purged_is_not_restored_by_its_token(bus: Bus) -> None:
    """Nothing was wiped: Redis does not know it because it is long over."""
    ada = await joins(bus, "ada")
    end_grace_since_the_wipe()
    client().hdel(key("conv"), ada.conversation)
    client().zrem(key("line"), ada.conversation)
    with pytest.raises(DomainError) as refused:
        await returns(bus, ada)
    assert refused.value.code == "token_expired"


async def test_a_forged_token_is_refused(bus: Bus) -> None:
    ada = await joins(bus, "ada")
    payload, _, signature = ada.token.rpartition(":")
    for forged in (f"{payload}:{signature[::-1]}", "", "x", payload):
        with pytest.raises(DomainError) as refused:
            await services.resume_customer(bus, f"{bus.process_id}|thief", forged, None, None)
        assert refused.value.code == "token_invalid"
    assert tokens.read(ada.token).conversation == ada.conversation


async def test_a_running_call_is_restored_from_the_record(bus: Bus) -> None:
    ada = await joins(bus, "ada")
    await on_shift(bus)
    await record()
    wipe()
    back = await returns(bus, ada)
    assert back.status == "active"
    assert await serving(bus) == ada.conversation
    assert back.state is not None
    assert back.state["phase"] == "active"
    conn = f"{bus.process_id}|deniz+"
    desk = await services.attach_operator(bus, conn, OperatorIdentity("deniz", "Deniz"), None, None)
    assert desk.conversation == ada.conversation
    devam = store.Relay("o:deniz", conn, ada.conversation, 1, "chat:message", b'{"text":"devam"}')
    await bus.execute(store.relay(devam))
    assert problems() == []


async def test_the_operator_of_a_restored_call_has_a_grace_to_come_back(bus: Bus) -> None:
    ada = await joins(bus, "ada")
    await on_shift(bus)
    await record()
    wipe()
    await returns(bus, ada)
    assert client().zscore(key("grace"), "o:deniz") is not None
    end_hold()
    tick()
    assert await serving(bus) == ada.conversation


async def test_a_call_is_not_restored_to_an_operator_who_serves_another(
    bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await joins(bus, "ada")
    await on_shift(bus)
    await record()
    wipe()
    settle()
    lease(bus.process_id)
    bora = await joins(bus, "bora")
    with monkeypatch.context() as silent:  # the database does not say that there was a call
        silent.setattr(lookup, "TIMEOUT_SECS", 0.0)
        await on_shift(bus)
    assert await serving(bus) == bora.conversation
    assert (await returns(bus, ada)).status == "waiting"
    assert problems() == []


async def test_what_came_back_is_recorded_once(bus: Bus) -> None:
    ada = await joins(bus, "ada")
    await record()
    wipe()
    await returns(bus, ada)
    await record()
    rows = await database_sync_to_async(lambda: list(Conversation.objects.values_list("pk", "status")))()
    assert rows == [(ada.conversation, "waiting")]
    assert status()["stats"]["restored"] == 1


async def test_after_a_wipe_numbering_begins_again_under_another_epoch(bus: Bus) -> None:
    ada = await joins(bus, "ada")
    wipe()
    back = await returns(bus, ada)
    assert (back.resumed, back.seq) == (False, 0)
    assert back.epoch > ada.epoch


async def test_a_desk_that_came_back_empty_and_went_again_draws_the_restored_call(
    bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its process gave up all its sockets after the wipe: what the page knows is a desk without a call."""
    ada = await joins(bus, "ada")
    await on_shift(bus)
    await record()
    wipe()
    lease(bus.process_id)
    tick()  # notices that everything is gone
    deniz, first = OperatorIdentity("deniz", "Deniz"), f"{bus.process_id}|first"
    with monkeypatch.context() as silent:  # the database does not say that there was a call
        silent.setattr(lookup, "TIMEOUT_SECS", 0.0)
        empty = await services.attach_operator(bus, first, deniz, None, None)
    await services.detach(bus, "o:deniz", first)
    back = await returns(bus, ada)
    ada_conn = f"{bus.process_id}|back-{ada.conversation}"
    question = store.Relay(f"c:{ada.conversation}", ada_conn, None, 1, "chat:message", b'{"text":"?"}', 0)
    await bus.execute(store.relay(question))
    assert back.status == "active"
    again = await services.attach_operator(bus, f"{bus.process_id}|second", deniz, empty.epoch, empty.seq)
    assert not again.resumed
    assert again.state is not None
    assert again.state["phase"] == "active"
