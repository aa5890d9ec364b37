"""A blocked customer on the wire: told so, and taken in again when the block is lifted."""

from __future__ import annotations

from asgiref.sync import sync_to_async

from queueing.blocklist import rules
from queueing.blocklist.models import BlockEntry
from queueing.history.models import Conversation, ConversationEvent
from queueing.tasks import record
from tests.signaling.client import Site


async def test_a_blocked_address_is_refused_with_a_sentence_and_no_time(site: Site) -> None:
    await sync_to_async(rules.block_address)("127.0.0.1", reason="abuse", until=None, by="ayse")
    customer = await site.customer()
    await customer.send("queue:join", name="Ada", media="chat")
    refused = await customer.expect("queue:refused")
    assert refused["code"] == "blocked"
    assert refused["message"]
    assert "retry_after" not in refused
    assert "abuse" not in str(refused)
    entry = await sync_to_async(BlockEntry.objects.get)()
    await sync_to_async(rules.remove)(entry, by="ayse")
    assert (await customer.join("Ada"))["position"] == 1


async def test_a_conversation_remembers_where_it_came_from_as_a_digest(site: Site) -> None:
    customer = await site.customer()
    joined = await customer.join("Ada")
    await sync_to_async(record)()
    event = await ConversationEvent.objects.aget(conversation=joined["conversation"], kind="joined")
    assert event.data["address"] == await sync_to_async(rules.address_digest)("127.0.0.1")
    row = await Conversation.objects.aget(pk=joined["conversation"])
    assert "127.0.0.1" not in str(row.attributes) + str(event.data)
