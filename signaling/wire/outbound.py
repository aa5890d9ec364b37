"""Every frame that the server sends. Typed dictionaries for the code, and the reference for docs/protocol.md."""

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

Milliseconds = Annotated[int, Field(description="milliseconds since 1970")]
LastId = Annotated[
    int, Field(description="highest `id` stored from you or from the operators before you: go on above it")
]


class Estimate(TypedDict):
    low_s: int
    high_s: int


class IceServer(TypedDict):
    """RTCIceServer plus its region, best first; regions that pages could not reach lately come last."""

    urls: list[str]
    username: NotRequired[str]
    credential: NotRequired[str]
    region: NotRequired[str]
    priority: NotRequired[int]


IcePolicy = Annotated[
    Literal["all", "relay"],
    Field(description="`relay`: media through TURN only; other candidates are not passed on"),
]


class Answer(TypedDict):
    """What a customer has answered before the conversation."""

    key: str
    kind: Annotated[str, Field(description="`email`, `phone`, `text`, `choice` or `consent`")]
    value: Annotated[str | bool, Field(description="of a consent `true`")]
    label: NotRequired[Annotated[str, Field(description="the site's own words; none of an e-mail address or a number")]]
    link: NotRequired[Annotated[str, Field(description="what was agreed to")]]


class Peer(TypedDict):
    """The other side. Everything but the name is for the operator only."""

    name: str
    topic: NotRequired[str | None]
    locale: NotRequired[str | None]
    site: NotRequired[Annotated[str, Field(description="name of the site, unless it is the default one")]]
    line: NotRequired[Annotated[str, Field(description="name of the department, unless it is the default one")]]
    attributes: NotRequired[Annotated[dict[str, Any], Field(description="`identity`: what the site has signed")]]
    answers: NotRequired[Annotated[list[Answer], Field(description="to the questions of the site")]]
    visit: NotRequired[
        Annotated[
            dict[str, str], Field(description="of {page, title, referrer, time_zone, browser, system} what is known")
        ]
    ]
    device_check: NotRequired[Annotated[dict[str, Any], Field(description="as `device:check` gave it")]]
    transfer: NotRequired[Annotated[dict[str, str], Field(description="`from`: the colleague's name; `note`")]]


class FileLimits(TypedDict):
    max_bytes: int
    accept: Annotated[str, Field(description="as `<input accept>` takes it")]


class Features(TypedDict):
    queue: Annotated[bool, Field(description="new customers are taken")]
    turn: Annotated[bool, Field(description="TURN servers are configured")]
    chat: bool
    video: bool
    calls: Annotated[bool, Field(description="a chat may become a call")]
    files: Annotated[FileLimits | None, Field(description="null: none are taken")]
    transfer: Annotated[bool, Field(description="operators may pass customers on")]


class Welcome(TypedDict):
    """The answer to `hello`, and again after `admin:session:verify`. `epoch` is null while there is no mailbox."""

    type: Literal["welcome"]
    server_time: Milliseconds
    heartbeat_s: Annotated[float, Field(description="the server pings this often")]
    features: Features
    ice_policy: IcePolicy
    resumed: Annotated[
        bool, Field(description="true: exactly what was missed follows; false: `resync` follows, if there is a state")
    ]
    epoch: Annotated[int | None, Field(description="of the mailbox; `seq` starts at 1 in a new one")]
    last_id: LastId
    gen: Annotated[int, Field(description="highest `gen` stored")]
    missed: Annotated[int, Field(description="how many frames are replayed")]
    authenticated: NotRequired[Annotated[bool, Field(description="operator only: whether the session is known")]]
    token: NotRequired[Annotated[str, Field(description="customer, after a resume by `handle`: the conversation's")]]


class FileCard(TypedDict):
    """What both sides know of a file, all of it found out by the server."""

    id: str
    name: str
    size: Annotated[int, Field(description="bytes")]
    mime: str
    state: Literal["ready", "waiting", "refused", "erased"]
    width: NotRequired[int]
    height: NotRequired[int]
    url: NotRequired[str]
    thumb: NotRequired[str]
    expires_at: NotRequired[Milliseconds]


ChatLine = TypedDict(
    "ChatLine",
    {
        "from": Literal["customer", "operator"],
        "id": int,
        "text": str,
        "at": Milliseconds,
        "file": NotRequired[FileCard],
    },
)


Inviter = Annotated[Literal["customer", "operator"], Field(description="who has invited")]


class Invitation(TypedDict):
    invitation: int
    media: Literal["audio", "video"]
    by: Inviter


class Callback(TypedDict):
    channel: Annotated[
        Literal["email", "push", "telegram"],
        Field(description="push: this browser, telegram: the bot's chat, and an e-mail if it was left"),
    ]


class ResyncState(TypedDict):
    """Enough to draw the page from nothing."""

    phase: Literal["idle", "waiting", "active", "ended"]
    conversation: str | None
    position: int | None
    waiting: int | None
    estimate: Estimate | None
    peer: Peer | None
    polite: bool | None
    media: Literal["video", "audio", "chat"] | None
    ice_servers: list[IceServer]
    ice_policy: IcePolicy
    gen: int
    since: int | None
    reason: str | None
    invitation: Annotated[Invitation | None, Field(description="the open one: a chat may become a call")]
    callback: Annotated[Callback | None, Field(description="the customer is to be called when it is nearly their turn")]
    transcript: list[ChatLine]


class Resync(TypedDict):
    """The whole current state, when a resume is impossible."""

    type: Literal["resync"]
    state: ResyncState
    epoch: int
    seq: Annotated[int, Field(description="the `seq` that the next frame follows")]
    last_id: LastId
    gen: Annotated[int, Field(description="highest `gen` stored")]


class AckReply(TypedDict):
    """The frame with this `id` is stored."""

    type: Literal["ack"]
    id: int


Staffed = Annotated[bool, Field(description="somebody takes customers now; false: all are on a break or away")]


class Closing(TypedDict):
    at: Milliseconds
    served: Annotated[bool, Field(description="whether who waits then is still served")]


class QueueJoined(TypedDict):
    """The place in the line. Always precedes `queue:ready`, also when matched at once."""

    type: Literal["queue:joined"]
    conversation: Annotated[str, Field(description="public id")]
    token: Annotated[str, Field(description="secret: resumes this conversation; never in a URL or a log")]
    epoch: int
    position: Annotated[int, Field(description="1 = next")]
    waiting: int
    estimate: Estimate | None
    staffed: Staffed
    closing: NotRequired[
        Annotated[Closing, Field(description="of a site with opening hours, when the end is in sight")]
    ]


class ResumeHandle(TypedDict):
    """For the site's storage: brings this conversation back in a page framed by that site. Ask anew before it ends."""

    type: Literal["resume:handle"]
    handle: Annotated[str, Field(description="says nothing to the site; the conversation's token is not in sight")]
    expires_s: int


class QueuePosition(TypedDict):
    """The place changed."""

    type: Literal["queue:position"]
    position: int
    waiting: int
    estimate: Estimate | None
    staffed: Staffed


class QueueRefused(TypedDict):
    """No place."""

    type: Literal["queue:refused"]
    code: Literal["full", "crowded", "maintenance", "closed", "disabled", "blocked"]
    message: Annotated[str, Field(description="for the customer to read")]
    opens_at: NotRequired[
        Annotated[Milliseconds, Field(description="of a closed site: when customers are taken again")]
    ]
    retry_after: NotRequired[float]
    estimate: NotRequired[Estimate | None]


class QueueLeft(TypedDict):
    """The place is given back, or was lost. Numbered."""

    type: Literal["queue:left"]
    conversation: str
    seq: int
    reason: str


class QueueReady(TypedDict):
    """Matched: the call may begin. Numbered."""

    type: Literal["queue:ready"]
    conversation: str
    seq: int
    peer: Peer
    polite: Annotated[bool, Field(description="role in perfect negotiation: the customer is polite")]
    ice_servers: list[IceServer]
    ice_policy: IcePolicy
    media: Literal["video", "audio", "chat"]
    since: Annotated[Milliseconds, Field(description="of the match")]
    gen: NotRequired[Annotated[int, Field(description="begin above it: of a call with an operator before this one")]]


class Colleague(TypedDict):
    name: str


class QueueReturned(TypedDict):
    """The customer is next in the queue again: the operator did not answer, or passes the conversation on. Numbered."""

    type: Literal["queue:returned"]
    conversation: str
    seq: int
    reason: Annotated[str, Field(description="`unanswered` or `transferred`")]
    to: NotRequired[Annotated[Colleague, Field(description="who is to come, where that is known")]]
    position: Annotated[int, Field(description="1 = next")]
    waiting: int


class CallInvited(TypedDict):
    """One side proposes that the chat becomes a call. To both sides. Numbered."""

    type: Literal["call:invite"]
    conversation: str
    seq: int
    invitation: Annotated[int, Field(description="its number in the conversation; a newer one takes its place")]
    media: Literal["audio", "video"]
    by: Inviter


class CallAccepted(TypedDict):
    """The chat is a call now: begin it as after `queue:ready`. To both sides. Numbered."""

    type: Literal["call:accept"]
    conversation: str
    seq: int
    invitation: int
    media: Literal["audio", "video"]
    by: Annotated[Literal["customer", "operator"], Field(description="who has accepted")]
    polite: Annotated[bool, Field(description="role in perfect negotiation: the customer is polite")]
    ice_servers: list[IceServer]
    ice_policy: IcePolicy
    gen: NotRequired[Annotated[int, Field(description="begin above it; absent: at 0")]]
    token: NotRequired[Annotated[str, Field(description="customer: of the same conversation, for a lost Redis")]]


class CallDeclined(TypedDict):
    """The invitation is over; the chat goes on. To both sides. Numbered."""

    type: Literal["call:decline"]
    conversation: str
    seq: int
    invitation: int
    by: Annotated[Literal["customer", "operator"], Field(description="who has declined it, or taken it back")]
    own: Annotated[bool, Field(description="it was taken back by its sender")]


class OperatorState(TypedDict):
    """The operator's shift."""

    type: Literal["operator:state"]
    available: bool
    wrap_up_until: NotRequired[Annotated[int | None, Field(description="milliseconds since 1970")]]
    conversation: NotRequired[str | None]
    break_reason: NotRequired[
        Annotated[
            str, Field(description="why it is on a break unasked: `unanswered`, or `supervisor`: one has sent it there")
        ]
    ]


class BoardWaiting(TypedDict):
    conversation: str
    name: str
    position: Annotated[int, Field(description="in its department")]
    waited_s: int
    topic: NotRequired[str]
    media: NotRequired[str]
    site: NotRequired[Annotated[str, Field(description="its name, unless it is the default one")]]
    line: NotRequired[Annotated[str, Field(description="name of the department, unless it is the default one")]]
    device_check: NotRequired[Annotated[dict[str, Any], Field(description="as `device:check` gave it")]]
    answers: NotRequired[Annotated[list[Answer], Field(description="of the first rows")]]
    held_for: NotRequired[Annotated[str, Field(description="name of the operator it was passed on to")]]
    callback: NotRequired[
        Annotated[Literal["away", "called"], Field(description="has left the page to be called; was called already")]
    ]


class BoardOperator(TypedDict):
    id: Annotated[str, Field(description="for `call:transfer`")]
    name: str
    state: Literal["free", "call", "wrap-up"]


class BoardLine(TypedDict):
    key: Annotated[str, Field(description="for `call:transfer`")]
    name: str


class BoardActive(TypedDict):
    conversation: str
    operator: str
    customer: str
    since: Milliseconds
    media: NotRequired[str]


class Board(TypedDict):
    """Who waits and who talks. Pushed when it changed; pages count the seconds themselves."""

    type: Literal["board"]
    waiting: list[BoardWaiting]
    active: list[BoardActive]
    waiting_total: Annotated[int, Field(description="all that wait; `waiting` may be cut")]
    waiting_mine: NotRequired[
        Annotated[int, Field(description="those of the departments that this operator serves, where there are any")]
    ]
    operators: Annotated[list[BoardOperator], Field(description="those on shift, 200 at most")]
    lines: NotRequired[Annotated[list[BoardLine], Field(description="the departments, where there are any")]]


class IceServers(TypedDict):
    """Fresh time-limited TURN credentials."""

    type: Literal["ice:servers"]
    ice_servers: list[IceServer]
    ice_policy: IcePolicy


class CallEnded(TypedDict):
    """The conversation is over. Numbered."""

    type: Literal["call:ended"]
    conversation: str
    seq: int
    reason: str
    by: Literal["customer", "operator", "system", "ops"]


class PeerPresence(TypedDict):
    """What the peer's connection does. `left`: it ended the call or did not come back in time; `call:ended` follows."""

    type: Literal["peer:presence"]
    conversation: str
    state: Literal["connected", "away", "left"]
    grace_s: NotRequired[Annotated[int, Field(description="away: the call is held this long")]]


class SessionValid(TypedDict):
    """The token is good; a full `welcome` follows."""

    type: Literal["admin:session:valid"]
    admin_id: str
    name: str
    expires_at: Milliseconds


class SessionInvalid(TypedDict):
    """The token is not, or no longer, good; close code 4401 follows."""

    type: Literal["admin:session:invalid"]


class PingReply(TypedDict):
    """Every `heartbeat_s`; answer with `pong` or any other frame. 60 s of silence close with 4408."""

    type: Literal["ping"]
    t: Milliseconds


class PongReply(TypedDict):
    """The answer to `ping`."""

    type: Literal["pong"]
    t: Any


class Maintenance(TypedDict):
    """The queue was closed to new customers, or opened again; or its message or end changed."""

    type: Literal["maintenance"]
    on: bool
    message: NotRequired[Annotated[str, Field(description="for customers to read, as people set it")]]
    until: NotRequired[Annotated[int, Field(description="planned end (ms since 1970); nothing ends by itself")]]


class FileChanged(TypedDict):
    """A file that waited for the scanner is ready or refused, or one was deleted: what is known now. Numbered."""

    type: Literal["chat:file"]
    conversation: str
    seq: int
    file: FileCard


class Error(TypedDict):
    """One answer to one bad frame, or the reason of the close that follows."""

    type: Literal["error"]
    code: str
    message: str
    retryable: bool
    retry_after: NotRequired[Annotated[float, Field(description="seconds; clients add jitter")]]
    ref: NotRequired[Annotated[int | str, Field(description="the `id` or type it answers")]]
    fields: NotRequired[Annotated[dict[str, str], Field(description="field → what is wrong with it")]]
