"""Limits of the wire, and the types of fields that many frames share."""

from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field

from infra.writing.text import clean_line, clean_text, is_visible

FRAME_BYTES = 64 * 1024
SDP_BYTES = 32 * 1024
CANDIDATE_BYTES = 2 * 1024
CHAT_CHARACTERS = 4_000
PREVIEW_CHARACTERS = 500
ANSWERS_MOST, ANSWER_MOST = 32, 1_000
"""More than a site can ask, and longer than an answer may be: what is wrong with one is said by its question."""
JSON_DEPTH = 32
JSON_BRACKETS = 1000
"""Brackets of one frame outside its strings, both kinds and both sides; the largest of ours has 36."""
SAFE_INTEGER = 2**53 - 1

STRICT = ConfigDict(strict=True, extra="ignore", allow_inf_nan=False)


def _at_most(limit: int, text: str) -> str:
    # ASCII is the common case and needs no encoding to be measured.
    if len(text) > limit or (not text.isascii() and len(text.encode()) > limit):
        raise ValueError(f"must be at most {limit} bytes")
    return text


def sdp_size(text: str) -> str:
    return _at_most(SDP_BYTES, text)


def candidate_size(text: str) -> str:
    return _at_most(CANDIDATE_BYTES, text)


def one_line(text: str) -> str:
    """A name as others may see it; see `infra.writing.text`."""
    line = clean_line(text)
    if not is_visible(line):
        raise ValueError("must have something to see in it")
    return line


def has_text(text: str) -> str:
    """A line of chat; its line breaks stay."""
    text = clean_text(text)
    if not is_visible(text):
        raise ValueError("must have something to see in it")
    return text


def no_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("must not contain NUL")
    return text


Id = Annotated[int, Field(ge=1, le=SAFE_INTEGER, description="sender's own counter, unique in the conversation")]
Seq = Annotated[int, Field(ge=0, le=SAFE_INTEGER)]
Ack = Annotated[int, Field(ge=0, le=SAFE_INTEGER, description="piggybacked: everything up to this `seq` has arrived")]
Gen = Annotated[
    int,
    Field(
        ge=0, le=2**31 - 1, description="generation; rises with every ICE restart or rebuild, older ones are dropped"
    ),
]
Word = Annotated[str, Field(max_length=64), AfterValidator(no_nul)]
Conversation = Annotated[
    str, Field(min_length=1, max_length=64, description="the conversation meant; absent: the current one")
]
Milliseconds = Annotated[float, Field(ge=0, le=3_600_000)]
Kbps = Annotated[float, Field(ge=0, le=10_000_000)]
# What every JSON reader and Lua hold exactly, and any double that is a number.
WholeFact = Annotated[int, Field(ge=-SAFE_INTEGER, le=SAFE_INTEGER)]
Fact = Annotated[float, Field(ge=-1e15, le=1e15)]
Quality = Annotated[float, Field(ge=0, le=5, description="a mean opinion score, or a word")]
Flag = bool | Word | None
Name = Annotated[str, Field(max_length=80, description="shown to the operator; one line"), AfterValidator(one_line)]
Attribute = Annotated[str, Field(max_length=256), AfterValidator(clean_text)] | WholeFact | Fact | bool | None
Invitation = Annotated[
    int, Field(ge=1, le=2**31 - 1, description="number of the invitation, as `call:invite` of the server gave it")
]
Reason = Annotated[
    Word,
    Field(description="`left`, `hangup`, `customer`, `operator` or `connection`; any other is recorded as `other`"),
]
Attempts = Annotated[int, Field(ge=0, le=100_000, description="restarts and rebuilds since media last flowed")]
Locale = Annotated[str, Field(max_length=35, pattern=r"^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*$")]
JoinKey = Annotated[
    str,
    Field(min_length=8, max_length=128, description="random, kept by the client: the same key gives the same place"),
]
Handle = Annotated[
    str,
    Field(
        min_length=1,
        max_length=4096,
        description="customer, instead of `token`: what `resume:handle` gave to an earlier page of the site `origin`",
    ),
]
Origin = Annotated[
    str,
    Field(max_length=300, pattern=r"^https?://[!-~]+$", description="origin of the page that frames the widget"),
]
LineKey = Annotated[
    str,
    Field(
        max_length=32, pattern=r"^[a-z0-9-]*$", description="key of a department; one that there is not is the site's"
    ),
]
SiteKey = Annotated[
    str,
    Field(
        max_length=32,
        pattern=r"^[A-Za-z0-9]*$",
        description="key of the site whose page it is; without one that there is, the default site",
    ),
]
AnswerKey = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
FileId = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9_-]{22}$", description="of a file that the sender has shared in this conversation"),
]
EarlierToken = Annotated[
    str,
    Field(
        max_length=2048,
        description="token of the conversation before, which the network ended: back to the head of the queue",
    ),
]
