"""A method says which frames it handles; the tables of a role follow from that."""

from __future__ import annotations

from typing import Any

from signaling.roles.customer import CustomerRole
from signaling.roles.handlers import handlers_of, handles
from signaling.roles.operator import OperatorRole


class Base:
    @handles("ask", "beg")
    def answer(self, frame: Any) -> None: ...

    @handles("wait")
    async def later(self, frame: Any) -> None: ...

    @handles("ask", relay_only=True)
    def answer_masked(self, frame: Any) -> None: ...


class Extended(Base):
    async def later(self, frame: Any) -> None: ...

    @handles("more")
    def more(self, frame: Any) -> None: ...


def test_a_coroutine_is_slow_and_anything_else_is_quick() -> None:
    tables = handlers_of(Base)
    assert tables.quick == {"ask": Base.answer, "beg": Base.answer}
    assert tables.slow == {"wait": Base.later}
    assert tables.relay_only == {"ask": Base.answer_masked, "beg": Base.answer}


def test_a_method_that_is_overridden_keeps_its_frames() -> None:
    tables = handlers_of(Extended)
    assert tables.slow == {"wait": Extended.later}
    assert tables.quick == {"ask": Base.answer, "beg": Base.answer, "more": Extended.more}


def test_roles_keep_their_tables_apart() -> None:
    assert CustomerRole.handlers.slow["call:end"] is CustomerRole.on_call_end
    assert OperatorRole.handlers.slow["call:end"] is not CustomerRole.on_call_end
    assert "call:control" in OperatorRole.handlers.quick
    assert "call:control" not in CustomerRole.handlers.quick
    assert CustomerRole.handlers.relay_only["rtc:description"] is CustomerRole.on_relay_only
