"""Every code that an `error` frame or a close may carry: the reference of docs/protocol.md, and labels of counters."""

from typing import NamedTuple


class ErrorCode(NamedTuple):
    """`retryable` says whether the same frame can succeed later; `closes` is the close code that follows, if any."""

    meaning: str
    retryable: bool = False
    closes: int | None = None


ERRORS: dict[str, ErrorCode] = {
    "bad_json": ErrorCode("not a JSON object with a `type`, or not a text frame"),
    "too_deep": ErrorCode("nested deeper than 32"),
    "unknown_type": ErrorCode("no such type"),
    "not_allowed": ErrorCode("a type of the other role"),
    "bad_frame": ErrorCode("does not fit its schema; `fields` says where"),
    "bad_subprotocol": ErrorCode("`adminara.v1` was not offered", closes=4400),
    "hello_first": ErrorCode("another frame came before `hello` (4400), or none within 5 s (4408)", closes=4400),
    "already_greeted": ErrorCode("a second `hello`"),
    "already_joined": ErrorCode("in the queue or in a call, and the join key is another one"),
    "not_attached": ErrorCode("no conversation (customer) or no session (operator) on this socket yet"),
    "not_in_call": ErrorCode("nobody to send to: still waiting, or over"),
    "wrong_conversation": ErrorCode("the frame names a conversation that is not the current one; nothing was sent"),
    "file_unknown": ErrorCode("the sender has shared no file of that id in this conversation; nothing was sent"),
    "video_off": ErrorCode("nobody is seen here (`ENABLE_VIDEO`): ask for voice or the chat"),
    "calls_off": ErrorCode("no chat becomes a call here (`CALLS_FROM_CHAT`)"),
    "call_running": ErrorCode("the conversation is a call already"),
    "invitation_over": ErrorCode("that invitation is not open (any more), or it is the sender's own"),
    "invited_lately": ErrorCode("the peer has declined less than 20 s ago; invite again later"),
    "invited_often": ErrorCode("the sender has invited 10 times in this conversation"),
    "transfer_off": ErrorCode("nobody is passed on here (`TRANSFER_HOLD_SECS` is 0)"),
    "transfer_self": ErrorCode("passed on to oneself"),
    "transfer_offline": ErrorCode("that colleague takes no customers now"),
    "line_offline": ErrorCode("nobody else of that department takes customers now"),
    "line_unknown": ErrorCode("`to_line` names no department"),
    "transfer_taken": ErrorCode("somebody waits for that colleague already"),
    "bad_ack": ErrorCode("acknowledges a `seq` that was never sent"),
    "token_invalid": ErrorCode("not a token of this installation; a fresh `welcome` follows"),
    "token_expired": ErrorCode("the conversation is over or no longer kept; a fresh `welcome` follows"),
    "identity_invalid": ErrorCode("the signed identity is not valid"),
    "answers_refused": ErrorCode(
        "a question of the site is not answered, or not so that it can be read; `fields` says which"
    ),
    "session_over": ErrorCode("the operator's session was revoked or has expired", closes=4401),
    "frame_too_large": ErrorCode("more than 64 KiB", closes=4413),
    "rate_limited": ErrorCode(
        "too many frames, joins or sockets; after 100 bad frames in a minute the socket is closed", retryable=True
    ),
    "restarting": ErrorCode(
        "this process ends: come back after `retry_after`, another one takes over; the place is kept",
        retryable=True,
        closes=1012,
    ),
    "store_unavailable": ErrorCode("Redis does not answer", retryable=True),
    "internal": ErrorCode("a fault of ours; it is logged", retryable=True),
}

CLOSES: dict[int, str] = {
    1009: "a frame over 128 KiB, refused by the server before the application sees it; equals 4413",
    1012: "this process cannot go on with the socket (restart, lost lease, unrepairable gap): reconnect, at once or "
    "after the `retry_after` of an `error` that comes first",
    4400: "bad subprotocol or bad `hello`",
    4401: "no session, or it has ended: sign in again",
    4403: "origin refused; most servers answer the handshake with HTTP 403 instead",
    4408: "no `hello` within 5 s, or 60 s of silence",
    4409: "replaced by a newer socket; terminal, never reconnect by yourself",
    4413: "a frame over 64 KiB",
    4429: "too many sockets of one address, or too many bad frames; an `error` with `retry_after` comes first",
    4503: "Redis is out; an `error` with `retry_after` comes first",
}
