"""How a chat becomes a call: one side's invitation, and the other's answer, as typed commands."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple

from django.conf import settings

from infra.redis.scripts import Command, load

LUA = Path(__file__).parent / "lua"
INVITATIONS_MOST = 10
"""Of one side in one conversation, as lua/invitation.lua counts them."""
PAUSE_SECS = 20
"""Who was declined does not invite again before."""

CallMedia = Literal["audio", "video"]


class Invited(NamedTuple):
    """Who says it, of which conversation (None: the current one), and under which id."""

    party: str
    conn: str
    conversation: str | None
    frame_id: int


def invite(by: Invited, media: CallMedia) -> Command[int]:
    """1 done, 0 done before. Accepts the other side's open invitation.

    Errors: replaced, lapsed, not_in_call, wrong_conversation, calls_off, call_running, invited_lately, invited_often.
    """
    return _step(by, "invite", media, "")


def answer(by: Invited, invitation: int, *, accepted: bool) -> Command[int]:
    """Accepts or declines the other side's invitation; declining one's own takes it back.

    Errors: replaced, lapsed, not_in_call, wrong_conversation, calls_off, invitation_over.
    """
    return _step(by, "accept" if accepted else "decline", "", invitation)


def _step(by: Invited, step: str, media: str, invitation: int | str) -> Command[int]:
    party, conn, conversation, frame_id = by
    allowed = int(settings.CALLS_FROM_CHAT)
    argv = (party, conn, conversation or "", frame_id, step, media, invitation, allowed)
    return Command(load(LUA / "invitation.lua"), argv, int)
