"""A frame on its way to a party, and its text on the wire. No JSON is parsed: routing fields are spliced in front."""

from __future__ import annotations

from typing import Final, NamedTuple

from pydantic_core import from_json

# The letters of infra/redis/lua/mailbox.lua.
READY: Final = b"r"
ENDED: Final = b"e"
RETURNED: Final = b"w"
CONTROL: Final = b"x"
OTHER: Final = b"o"


class Envelope(NamedTuple):
    """`seq` 0: not numbered. `epoch` is decimal. `frame` is its JSON without the routing fields.

    `kind` is READY (`queue:ready`, `call:accept`), ENDED (`call:ended`, `queue:left`), RETURNED (`queue:returned`),
    CONTROL (a word to the process, never sent on), or OTHER: it only passes through.
    """

    seq: int
    epoch: bytes
    conversation: str
    kind: bytes
    frame: bytes

    def addressed(self) -> bytes:
        """The text for the page."""
        conversation, members = self.conversation.encode(), self.frame[1:]
        if self.seq:
            return b'{"conversation":"%b","seq":%d,%b' % (conversation, self.seq, members)
        return b'{"conversation":"%b",%b' % (conversation, members) if conversation else self.frame

    def with_members(self, members: bytes) -> Envelope:
        """The same frame with more members at its end: `"name":value,…`."""
        return self._replace(frame=b"%b,%b}" % (self.frame[:-1], members))


_KINDS: Final = {
    **dict.fromkeys(("queue:ready", "call:accept"), READY),
    **dict.fromkeys(("call:ended", "queue:left"), ENDED),
    "queue:returned": RETURNED,
}


def kind_of(frame: bytes) -> bytes:
    """The kind of a frame that came without its letter: out of the store, where it is read for a replay or a repair."""
    return _KINDS.get(from_json(frame).get("type"), OTHER)
