"""The queue as a customer and an operator see it on the wire."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async

from infra.redis.client import client, execute, key
from queueing.live import store
from tests.signaling.client import Site


async def test_joined_always_precedes_ready_also_when_matched_at_once(site: Site, make_session: Any) -> None:
    operator = await site.operator(await make_session())
    await operator.send("operator:available", available=True)
    await operator.expect("operator:state", available=True)
    customer = await site.customer()
    joined = await customer.join("Ada")
    ready = await customer.expect("queue:ready")
    assert [f["type"] for f in customer.seen if f["type"].startswith("queue:")][:2] == ["queue:joined", "queue:ready"]
    assert joined["position"] == 1
    assert joined["estimate"] is None or joined["estimate"]["low_s"] >= 0
    assert ready["seq"] == 1
    assert ready["conversation"] == joined["conversation"]
    assert ready["peer"] == {"name": "Ayse"}
    assert ready["polite"] is True
    assert ready["media"] == "video"
    assert ready["ice_servers"] == []
    other = await operator.expect("queue:ready")
    assert other["peer"]["name"] == "Ada"
    assert other["polite"] is False


async def test_positions_follow_the_line(site: Site, make_session: Any) -> None:
    operator = await site.operator(await make_session())
    ada, bob, cem = [await site.customer() for _ in range(3)]
    for place, (peer, name) in enumerate([(ada, "Ada"), (bob, "Bob"), (cem, "Cem")], 1):
        assert (await peer.join(name))["position"] == place
    await operator.send("operator:available", available=True)
    await ada.expect("queue:ready")
    assert (await bob.expect("queue:position", position=1))["waiting"] == 2
    assert (await cem.expect("queue:position", position=2))["waiting"] == 2
    await operator.send("call:end", id=1)
    await bob.expect("queue:ready")


async def test_the_board_shows_who_waits_and_who_talks(site: Site, make_session: Any) -> None:
    operator = await site.operator(await make_session())
    board = await operator.expect("board")
    assert (board["waiting"], board["active"], board["waiting_total"]) == ([], [], 0)
    customer = await site.customer()
    joined = await customer.join("Ada", topic="Invoice")
    board = await operator.expect("board", waiting_total=1)
    row = board["waiting"][0]
    assert (row["conversation"], row["name"], row["position"]) == (joined["conversation"], "Ada", 1)
    assert row["waited_s"] >= 0
    turn = [{"region": "eu", "ok": True, "rtt_ms": 31}]
    await customer.send("device:check", microphone=True, camera="denied", turn=turn)
    while "device_check" not in (row := (await operator.expect("board"))["waiting"][0]):
        pass
    assert row["device_check"]["turn"] == turn
    await operator.send("operator:available", available=True)
    while not (board := await operator.expect("board"))["active"]:
        pass
    assert board["active"][0]["operator"] == "Ayse"
    assert board["active"][0]["customer"] == "Ada"


async def test_an_unchanged_board_is_not_pushed_again(site: Site, make_session: Any) -> None:
    operator = await site.operator(await make_session())
    await operator.expect("board")
    customer = await site.customer()
    await customer.join("Ada")
    await operator.expect("board", waiting_total=1)
    second = await site.operator(await make_session("mehmet"))
    await second.expect("board", waiting_total=1)
    await second.alive()
    await operator.alive()
    assert len(operator.came("board")) == 2


async def test_join_twice_with_the_same_key_gives_the_same_answer(site: Site) -> None:
    customer = await site.customer()
    first = await customer.join("Ada", join_key="a-random-word")
    again = await customer.join("Ada", join_key="a-random-word")
    assert again == first


async def test_join_twice_with_another_key_is_already_joined(site: Site) -> None:
    customer = await site.customer()
    await customer.join("Ada", join_key="a-random-word")
    await customer.send("queue:join", name="Ada", media="video", join_key="another-word")
    assert (await customer.error("already_joined"))["ref"] == "queue:join"
    await customer.send("queue:join", name="Ada", media="video")
    await customer.error("already_joined")


async def test_a_lost_answer_leaves_no_ghost(site: Site, make_session: Any) -> None:
    first = await site.customer()
    joined = await first.join("Ada", join_key="a-random-word")
    await first.cut()
    second = await site.customer()
    again = await second.join("Ada with a new topic", topic="Invoice", join_key="a-random-word")
    assert (again["conversation"], again["token"]) == (joined["conversation"], joined["token"])
    operator = await site.operator(await make_session())
    assert (await operator.expect("board"))["waiting_total"] == 1


async def test_leaving_is_numbered_acknowledged_and_final(site: Site) -> None:
    customer = await site.customer()
    joined = await customer.join("Ada")
    await customer.send("queue:leave", id=1, reason="changed my mind")
    left = await customer.expect("queue:left")
    assert left["conversation"] == joined["conversation"]
    await customer.expect("ack", id=1)
    await customer.send("queue:leave", id=1)
    await customer.expect("ack", id=1)
    again = await customer.join("Ada")
    assert again["conversation"] != joined["conversation"]


async def test_leaving_without_an_id_is_taken_once_and_not_acknowledged(site: Site) -> None:
    customer = await site.customer()
    await customer.join("Ada")
    await customer.send("queue:leave")
    await customer.expect("queue:left")
    await customer.alive()
    assert customer.came("ack") == []


async def test_a_full_line_refuses_in_words(site: Site, settings: Any) -> None:
    settings.QUEUE_MAX_LENGTH = 1
    first, second = await site.customer(), await site.customer()
    await first.join("Ada")
    await second.send("queue:join", name="Bob", media="chat")
    refused = await second.expect("queue:refused")
    assert refused["code"] == "full"
    assert refused["message"]
    assert refused["retry_after"] >= 1
    await second.alive()


async def test_a_disabled_queue_refuses_who_would_have_to_wait(site: Site, settings: Any) -> None:
    settings.ENABLE_QUEUE = False
    customer = await site.customer()
    await customer.send("queue:join", name="Ada", media="chat")
    assert (await customer.expect("queue:refused"))["code"] == "disabled"


async def test_available_during_wrap_up_ends_it_at_once(site: Site, make_session: Any, settings: Any) -> None:
    settings.WRAP_UP_SECS = 600
    customer, operator, _ = await site.call(await make_session())
    await operator.send("call:end", id=1)
    await customer.expect("call:ended")
    while not (state := await operator.expect("operator:state"))["wrap_up_until"]:
        pass
    assert (state["available"], state["conversation"]) == (False, None)
    await operator.send("operator:available", available=True)
    state = await operator.expect("operator:state", available=True)
    assert not state["wrap_up_until"]


async def test_an_unavailable_operator_gets_nobody(site: Site, make_session: Any) -> None:
    operator = await site.operator(await make_session())
    await operator.send("operator:available", available=True)
    await operator.expect("operator:state", available=True)
    await operator.send("operator:available", available=False)
    await operator.expect("operator:state", available=False)
    customer = await site.customer()
    await customer.join("Ada")
    await customer.alive()
    assert customer.came("queue:ready") == []


async def test_joining_again_needs_not_wait_for_the_frame_of_the_end(site: Site, make_session: Any) -> None:
    customer, _operator, first = await site.call(await make_session())
    for ending in ("call:end", "queue:leave"):
        await customer.send(ending, id=1)
        await customer.send("queue:join", name="Ada", media="chat")
        again = await customer.expect("queue:joined")
        assert again["conversation"] != first["conversation"]
        first = again


async def test_maintenance_is_told_to_every_page_and_refuses_who_joins(site: Site, make_session: Any) -> None:
    operator, waiting, visitor = await site.operator(await make_session()), await site.customer(), await site.customer()
    await waiting.join("Ada")
    await sync_to_async(execute)(store.maintenance("on"))
    for page in (operator, waiting, visitor):
        await page.expect("maintenance", on=True)
    await visitor.send("queue:join", name="Bob", media="chat")
    refused = await visitor.expect("queue:refused")
    assert (refused["code"], refused["retry_after"]) == ("maintenance", 60)
    late = await site.open("customer")
    assert (await late.hello())["features"]["queue"] is False
    another = await site.operator(await make_session("elif"))
    await another.expect("maintenance", on=True)
    # Who was there before is served on.
    await operator.send("operator:available", available=True)
    await waiting.expect("queue:ready")
    await sync_to_async(execute)(store.maintenance("off"))
    await visitor.expect("maintenance", on=False)
    await visitor.join("Bob")


async def test_a_match_that_nobody_answers_goes_to_the_next_operator(site: Site, make_session: Any) -> None:
    """On the wire alone: the customer's page is told, sees its place again, and the call is one with the next."""
    ayse = await site.operator(await make_session())
    customer = await site.customer()
    joined = await customer.join("Ada")
    conversation = joined["conversation"]
    await ayse.send("operator:available", available=True)
    await ayse.expect("queue:ready")
    await customer.expect("queue:ready")
    await ayse.send("call:ringing", conversation=conversation)
    await ayse.alive()
    await sync_to_async(client().hset)(key("meta"), "reachable_at", 0)
    await sync_to_async(client().zadd)(key("answer"), {conversation: 1}, xx=True)
    await sync_to_async(execute)(store.tick("", known=False))

    ended = await ayse.expect("call:ended")
    assert (ended["reason"], ended["by"]) == ("unanswered", "system")
    state = await ayse.expect("operator:state", break_reason="unanswered")
    assert (state["available"], state["conversation"]) == (False, None)
    returned = await customer.expect("queue:returned")
    assert (returned["position"], returned["waiting"], returned["reason"]) == (1, 1, "unanswered")
    assert (await customer.expect("queue:position"))["position"] == 1

    mehmet = await site.operator(await make_session("mehmet"))
    await mehmet.send("operator:available", available=True)
    ready = await mehmet.expect("queue:ready")
    assert ready["conversation"] == conversation
    assert (await customer.expect("queue:ready"))["gen"] == ready["gen"] > 0
    await mehmet.send("call:answered")
    await mehmet.alive()
    assert await sync_to_async(client().zscore)(key("answer"), conversation) is None
    await ayse.send("rtc:ice:candidate", id=7, gen=0, candidate=None, conversation=conversation)
    await ayse.error("wrong_conversation")
