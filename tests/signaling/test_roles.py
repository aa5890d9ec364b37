"""On the socket every role is an operator: it speaks for its own desk, and never for another's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from accounts.access.permissions import Role
from accounts.access.roles import give_role
from accounts.models import Operator
from infra.redis.client import execute
from queueing.live import store
from tests.signaling.client import Site


@pytest.mark.parametrize("role", Role)
async def test_nobody_acts_on_what_is_anothers(role: Role, site: Site, make_session: Callable[[str], Any]) -> None:
    _ada, _deniz, joined = await site.call(await make_session("deniz"))
    conversation = joined["conversation"]
    session = await make_session("sema")
    await sync_to_async(lambda: give_role(Operator.objects.get(username="sema"), role))()
    sema = await site.operator(session)
    for number, (kind, more) in enumerate(
        (("call:transfer", {"note": ""}), ("call:end", {"reason": "operator"}), ("chat:message", {"text": "x"})), 1
    ):
        await sema.send(kind, id=number, conversation=conversation, **more)
        refused = await sema.expect("error", ref=number)
        assert refused["code"] in ("wrong_conversation", "not_in_call"), (kind, refused)
    state = await sync_to_async(lambda: execute(store.operator_state("deniz")))()
    assert state.conversation == conversation
