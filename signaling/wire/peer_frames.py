"""What a party receives of the other one's frames: the fields that were checked, in their place in the mailbox.

`id` and `ack` belong to the sender's numbering and do not travel, except the `id` of a chat line, which `chat:read`
refers to.
"""

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from signaling.wire.inbound import IceCandidate, SessionDescription
from signaling.wire.outbound import FileCard, Milliseconds

Seq = Annotated[int, Field(ge=1, description="1, 2, 3 … in this epoch, without a gap")]


class DescriptionForPeer(TypedDict):
    """The peer's offer or answer. Numbered."""

    type: Literal["rtc:description"]
    conversation: str
    seq: Seq
    description: SessionDescription
    gen: Annotated[int, Field(description="drop it when you have seen a higher one")]


class CandidateForPeer(TypedDict):
    """The peer's candidate. Numbered."""

    type: Literal["rtc:ice:candidate"]
    conversation: str
    seq: Seq
    candidate: IceCandidate | None
    gen: Annotated[int, Field(description="drop it when you have seen a higher one")]


class ChatForPeer(TypedDict):
    """A line of chat from the peer. Numbered."""

    type: Literal["chat:message"]
    conversation: str
    seq: Seq
    id: Annotated[int, Field(description="the sender's; `chat:read` refers to it")]
    text: NotRequired[str]
    at: Milliseconds
    file: NotRequired[Annotated[FileCard, Field(description="what the sender has shared")]]


class ControlForCustomer(TypedDict):
    """What the operator asks of the customer's page. Numbered."""

    type: Literal["call:control"]
    conversation: str
    seq: Seq
    action: Literal["ice-restart", "audio-only", "video", "chat"]


class TypingOfPeer(TypedDict):
    """The peer is typing, or stopped. Not numbered: newest wins."""

    type: Literal["chat:typing"]
    conversation: str
    on: bool


class PreviewOfCustomer(TypedDict):
    """What the customer is writing and has not sent: keep it nowhere. Not numbered: newest wins."""

    type: Literal["chat:preview"]
    conversation: str
    text: Annotated[str, Field(description="the end of it; empty: nothing is being written any more")]


class ReadByPeer(TypedDict):
    """The peer has seen your lines up to this `id`. Not numbered: newest wins."""

    type: Literal["chat:read"]
    conversation: str
    upto_id: int


class CallStateOfPeer(TypedDict):
    """How the peer's media does, and what is tried. Not numbered: newest wins."""

    type: Literal["call:state"]
    conversation: str
    state: Literal["connecting", "connected", "reconnecting", "failed"]
    step: NotRequired[str | None]
    attempt: NotRequired[int | None]
    reason: NotRequired[str | None]
    sharing: NotRequired[bool | None]


class StatsForOperator(TypedDict):
    """A sample of either side. Not numbered: newest wins."""

    type: Literal["call:stats"]
    conversation: str
    # `from` is a word of Python: see StatsOfSide below.
    rtt_ms: NotRequired[float | None]
    jitter_ms: NotRequired[float | None]
    loss_pct: NotRequired[float | None]
    bitrate_kbps: NotRequired[float | None]
    region: NotRequired[str | None]
    candidate_type: NotRequired[str | None]
    codec: NotRequired[str | None]
    quality: NotRequired[float | str | None]
    rung: NotRequired[int | None]
    reason: NotRequired[str | None]


StatsOfSide = TypedDict("StatsOfSide", {"from": Literal["customer", "operator"]})


class SidedStats(StatsOfSide, StatsForOperator):
    """A sample of either side. Not numbered: newest wins."""


class SidedCallState(StatsOfSide, CallStateOfPeer):
    """How the peer's media does, and what is tried. Not numbered: newest wins."""
