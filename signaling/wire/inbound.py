"""Every frame that a client may send, as pydantic-checked typed dictionaries.

Types are strict (no `"1"` for 1, no `true` for 1). Unknown extra keys are dropped here, so they are never forwarded.
Field descriptions are the reference: docs/protocol.md is rendered from them (`signaling/wire/docs.py`).
"""

from typing import Annotated, Any, Literal, NotRequired

from pydantic import AfterValidator, Field
from typing_extensions import TypedDict

from infra.logs import trace
from infra.writing.text import clean_line, clean_text
from signaling.wire.fields import (
    ANSWER_MOST,
    ANSWERS_MOST,
    CHAT_CHARACTERS,
    PREVIEW_CHARACTERS,
    SAFE_INTEGER,
    STRICT,
    Ack,
    AnswerKey,
    Attempts,
    Attribute,
    Conversation,
    EarlierToken,
    Fact,
    FileId,
    Flag,
    Gen,
    Handle,
    Id,
    Invitation,
    JoinKey,
    Kbps,
    LineKey,
    Locale,
    Milliseconds,
    Name,
    Origin,
    Quality,
    Reason,
    Seq,
    SiteKey,
    Word,
    candidate_size,
    has_text,
    one_line,
    sdp_size,
)


class Frame(TypedDict):
    """What any frame may carry."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    ack: NotRequired[Ack]


class InConversation(Frame):
    conversation: NotRequired[Conversation]


class Numbered(InConversation):
    """Stored before `ack {id}` is answered; the same id again is answered again and delivered once."""

    id: Id


class Resume(TypedDict):
    __pydantic_config__ = STRICT  # type: ignore[misc]
    token: NotRequired[
        Annotated[str, Field(min_length=1, max_length=2048, description="customer: the call token")] | None
    ]
    handle: NotRequired[Handle | None]
    origin: NotRequired[Origin | None]
    epoch: NotRequired[Annotated[int, Field(ge=0, le=SAFE_INTEGER)] | None]
    last_seq: NotRequired[Seq | None]
    conversation: NotRequired[
        Annotated[Conversation, Field(description="operator: the call its page shows; a lost record of it comes back")]
        | None
    ]


class Hello(Frame):
    """The first frame, within 5 s. `resume` asks for exactly what came after `last_seq`."""

    type: Literal["hello"]
    protocol: Annotated[Literal[1], Field(description="protocol version")]
    resume: NotRequired[Resume | None]
    mobile: NotRequired[Annotated[bool, Field(description="a phone or tablet: longer grace")]]
    locale: NotRequired[Annotated[Locale, Field(description="the page's language: sentences come in it")] | None]
    request_id: NotRequired[
        Annotated[
            str, Field(pattern=trace.FORM, description="random, of the page: stands in the log lines of all it causes")
        ]
    ]


class AckFrame(Frame):
    """Cumulative: everything up to `seq` has arrived. At most every 250 ms."""

    type: Literal["ack"]
    seq: Seq


class Ping(Frame):
    """Answered with `pong`."""

    type: Literal["ping"]
    t: NotRequired[Annotated[Fact | Word | None, Field(description="echoed")]]


class Pong(Frame):
    """The answer to the server's `ping`. Any other frame is as good a sign of life."""

    type: Literal["pong"]
    t: NotRequired[Fact | Word | None]


class QueueJoin(Frame):
    """Asks for a place in the line. Answered with `queue:joined` or `queue:refused`."""

    type: Literal["queue:join"]
    name: NotRequired[Annotated[Name, Field(description="may be absent where the site does not ask it")] | None]
    media: Literal["video", "audio", "chat"]
    locale: NotRequired[Locale | None]
    topic: NotRequired[Annotated[str, Field(max_length=200), AfterValidator(clean_line)] | None]
    attributes: NotRequired[
        Annotated[
            dict[Annotated[str, Field(min_length=1, max_length=64), AfterValidator(one_line)], Attribute],
            Field(max_length=32, description="facts about the customer, shown to the operator"),
        ]
        | None
    ]
    answers: NotRequired[
        Annotated[
            dict[AnswerKey, Annotated[str, Field(max_length=ANSWER_MOST), AfterValidator(clean_text)] | bool | None],
            Field(max_length=ANSWERS_MOST, description="to what the site asks besides; the page shows which questions"),
        ]
        | None
    ]
    identity: NotRequired[Annotated[str, Field(max_length=4096, description="signed identity of the host site")] | None]
    site: NotRequired[SiteKey | None]
    line: NotRequired[LineKey | None]
    visit: NotRequired[
        Annotated[
            Any,
            Field(
                description="what the widget sees: {page, title, referrer, time_zone}, texts; what is too long is cut, "
                "what cannot be read is left out"
            ),
        ]
    ]
    join_key: NotRequired[JoinKey | None]
    returning: NotRequired[EarlierToken | None]


class QueueLeave(InConversation):
    """Gives the place back, or hangs up. Without `id` it is taken once and not acknowledged."""

    type: Literal["queue:leave"]
    id: NotRequired[Id]
    reason: NotRequired[Reason | None]


class ResumeAsk(Frame):
    """Asks for a handle that the page's site may keep, where the browser lets the page store nothing."""

    type: Literal["resume:ask"]
    origin: Origin


class OperatorAvailable(Frame):
    """On or off shift; `true` during wrap-up ends the wrap-up. Answered with `operator:state`."""

    type: Literal["operator:available"]
    available: bool


class SessionDescription(TypedDict):
    __pydantic_config__ = STRICT  # type: ignore[misc]
    type: Literal["offer", "answer", "pranswer", "rollback"]
    sdp: NotRequired[Annotated[str, AfterValidator(sdp_size)]]


class RtcDescription(Numbered):
    """Offer or answer for the peer. `sdp` at most 32 KiB."""

    type: Literal["rtc:description"]
    description: SessionDescription
    gen: Gen


class IceCandidate(TypedDict):
    __pydantic_config__ = STRICT  # type: ignore[misc]
    candidate: Annotated[str, AfterValidator(candidate_size)]
    sdpMid: NotRequired[Annotated[str, Field(max_length=64)] | None]
    sdpMLineIndex: NotRequired[Annotated[int, Field(ge=0, le=65_535)] | None]
    usernameFragment: NotRequired[Annotated[str, Field(max_length=256)] | None]


class RtcCandidate(Numbered):
    """A trickled candidate (RTCIceCandidateInit, at most 2 KiB) or null for the end of candidates."""

    type: Literal["rtc:ice:candidate"]
    candidate: IceCandidate | None
    gen: Gen


class IceRefresh(Frame):
    """Asks for fresh TURN credentials; do so before every restart. Answered with `ice:servers`."""

    type: Literal["ice:refresh"]


class ChatMessage(Numbered):
    """A line of chat, at most 4,000 characters; a file; or both. The receiver sees the sender's `id`, and `at` (ms)."""

    type: Literal["chat:message"]
    text: NotRequired[Annotated[str, Field(max_length=CHAT_CHARACTERS), AfterValidator(has_text)]]
    file: NotRequired[FileId]


class ChatTyping(InConversation):
    """The peer is typing, or stopped. Not numbered: the newest wins."""

    type: Literal["chat:typing"]
    on: bool


class ChatPreview(InConversation):
    """What the customer is writing, before it is sent: its end where it is long, empty when there is nothing. Goes to
    the operator where the site shows a typing preview, else nowhere; kept nowhere. Not numbered: the newest wins."""

    type: Literal["chat:preview"]
    text: Annotated[str, Field(max_length=PREVIEW_CHARACTERS), AfterValidator(clean_text)]


class ChatRead(InConversation):
    """Everything up to the peer's chat `id` was seen."""

    type: Literal["chat:read"]
    upto_id: Id


class CallControl(Numbered):
    """Operator → customer: what the customer's page shall do."""

    type: Literal["call:control"]
    action: Literal["ice-restart", "audio-only", "video", "chat"]


class CallInvite(Numbered):
    """Proposes that a chat becomes a call. While the peer's invitation is open it accepts that: then the call has a
    picture only if both asked for one.
    """

    type: Literal["call:invite"]
    media: Literal["audio", "video"]


class CallAccept(Numbered):
    """Accepts the peer's invitation: the conversation is a call from then on."""

    type: Literal["call:accept"]
    invitation: Invitation


class CallDecline(Numbered):
    """Declines the peer's invitation, or takes one's own back."""

    type: Literal["call:decline"]
    invitation: Invitation


class CallStats(InConversation):
    """A sample of the call, about every 2 s, every 8 s on a thin link; goes to the operator."""

    type: Literal["call:stats"]
    rtt_ms: NotRequired[Milliseconds | None]
    jitter_ms: NotRequired[Milliseconds | None]
    loss_pct: NotRequired[Annotated[float, Field(ge=0, le=100)] | None]
    bitrate_kbps: NotRequired[Kbps | None]
    region: NotRequired[Word | None]
    candidate_type: NotRequired[Word | None]
    codec: NotRequired[Word | None]
    quality: NotRequired[Quality | Word | None]
    rung: NotRequired[
        Annotated[int, Field(ge=0, le=9, description="how far the sender has cut back, 0: not at all")] | None
    ]
    reason: NotRequired[Annotated[Word, Field(description="why the rung changed last")] | None]


class CallState(InConversation):
    """The sender's media connection."""

    type: Literal["call:state"]
    state: Literal["connecting", "connected", "reconnecting", "failed"]
    step: NotRequired[Annotated[Word, Field(description="what is tried: `resignal`, `restart`, `rebuild`, …")] | None]
    attempt: NotRequired[Attempts | None]
    reason: NotRequired[Annotated[Word, Field(description="why: `silence`, `failed`, `network`, `wake`")] | None]
    sharing: NotRequired[Annotated[bool, Field(description="the picture is the sender's screen")] | None]


class ReconnectAttempt(InConversation):
    """Counter: the client restarts ICE or reconnects."""

    type: Literal["metrics:reconnect-attempt"]


class HighPacketLoss(InConversation):
    """Counter: loss passed the client's threshold."""

    type: Literal["metrics:high-packet-loss"]
    loss_pct: NotRequired[Annotated[float, Field(ge=0, le=100)] | None]


class AudioOutput(Frame):
    """Counter: an audio output was chosen."""

    type: Literal["metrics:audio-output"]
    device_type: Annotated[
        Word, Field(description="`speaker`, `headset`, `earpiece`, `bluetooth`, `default`; else `other`")
    ]


class TurnProbe(TypedDict):
    __pydantic_config__ = STRICT  # type: ignore[misc]
    region: Word
    transport: NotRequired[Word | None]
    ok: bool
    rtt_ms: NotRequired[Milliseconds | None]


class DeviceCheck(Frame):
    """The result of the check while waiting; the operator sees it on the board before the call."""

    type: Literal["device:check"]
    microphone: NotRequired[Flag]
    camera: NotRequired[Flag]
    turn: NotRequired[Annotated[list[TurnProbe], Field(max_length=16)] | None]


class CallRinging(InConversation):
    """A fresh match is on the screen. From now on a person has to answer it in time, or it goes back into the queue."""

    type: Literal["call:ringing"]


class CallAnswered(InConversation):
    """A person answered: pressed a key, clicked or spoke. A client that never says `call:ringing` need not say this."""

    type: Literal["call:answered"]


class CallTransfer(Numbered):
    """Passes the conversation on: to a colleague of the board's `operators`, else to whoever is free next, of the
    department `to_line` where one is named."""

    type: Literal["call:transfer"]
    to_operator: NotRequired[
        Annotated[str, Field(min_length=1, max_length=64, description="`id` of a colleague")] | None
    ]
    to_line: NotRequired[LineKey | None]
    note: NotRequired[
        Annotated[str, Field(max_length=500, description="for the colleague alone"), AfterValidator(clean_text)] | None
    ]


class CallEnd(InConversation):
    """Hangs up. Without `id` it is taken once and not acknowledged."""

    type: Literal["call:end"]
    id: NotRequired[Id]
    reason: NotRequired[Reason | None]


class SessionVerify(Frame):
    """Signs a socket in that came without a session cookie, within 5 s of connecting."""

    type: Literal["admin:session:verify"]
    token: Annotated[str, Field(min_length=1, max_length=256)]


Shared = (
    Hello
    | AckFrame
    | Ping
    | Pong
    | RtcDescription
    | RtcCandidate
    | IceRefresh
    | ChatMessage
    | ChatTyping
    | ChatRead
    | CallInvite
    | CallAccept
    | CallDecline
    | CallStats
    | CallState
    | ReconnectAttempt
    | HighPacketLoss
    | AudioOutput
    | CallEnd
)
FromCustomer = Shared | QueueJoin | QueueLeave | DeviceCheck | ResumeAsk | ChatPreview
FromOperator = Shared | OperatorAvailable | CallRinging | CallAnswered | CallTransfer | CallControl | SessionVerify
AnyFrame = FromCustomer | FromOperator
