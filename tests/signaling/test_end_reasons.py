"""What a page says when it ends a conversation: one of a closed set, whatever it writes."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from hypothesis import given
from hypothesis import strategies as st

from infra.redis.client import execute
from queueing.live import reasons, store
from tests.signaling.client import Site

MADE_UP = ["solved", "operator-lost", "max-wait", "other", "\n", "ended:left", "şaka" * 16]


async def ends() -> dict[str, int]:
    status = await sync_to_async(execute)(store.status())
    return {name: count for name, count in status["stats"].items() if name.startswith("ended:")}


@pytest.mark.parametrize("word", MADE_UP)
async def test_a_made_up_reason_of_either_side_is_recorded_as_other(site: Site, make_session: Any, word: str) -> None:
    customer, operator, _joined = await site.call(await make_session())
    await operator.send("operator:available", available=False)
    await operator.send("call:end", reason=word)
    assert (await customer.expect("call:ended"))["reason"] == "other"
    await customer.join("Ada")
    await customer.numbered("queue:leave", reason=word)
    assert await ends() == {"ended:other": 2}


@pytest.mark.parametrize("word", [*reasons.SAID, None])
async def test_the_words_of_our_pages_are_kept(site: Site, make_session: Any, word: str | None) -> None:
    customer, operator, _joined = await site.call(await make_session())
    await operator.send("call:end", reason=word)
    assert (await customer.expect("call:ended"))["reason"] == (word or "hangup")
    assert await ends() == {f"ended:{word or 'hangup'}": 1}


async def test_who_says_that_the_operator_was_lost_does_not_come_back_at_the_head(
    site: Site, make_session: Any
) -> None:
    customer, operator, joined = await site.call(await make_session())
    await operator.send("operator:available", available=False)
    await customer.send("call:end", reason="operator-lost")
    await operator.expect("call:ended")
    other = await site.customer()
    await other.join("Bora")
    again = await customer.join("Ada", returning=joined["token"])
    assert (again["position"], again["waiting"]) == (2, 2)


@given(st.text(max_size=64))
def test_every_word_becomes_one_of_the_set(word: str) -> None:
    assert reasons.said(word) in (*reasons.SAID, reasons.OTHER)
