"""A frame on its way to a party, and its text on the wire. No JSON is parsed: routing fields are spliced in front."""

from __future__ import annotations

from typing import Final, NamedTuple

READY: Final = b"r"
ENDED: Final = b"e"
CONTROL: Final = b"x"
OTHER: Final = b"o"


class Envelope(NamedTuple):
    """`seq` 0: not numbered. `epoch` is decimal. `frame` is its JSON without the routing fields.

    `kind` is READY (`queue:ready`), ENDED (`call:ended`, `queue:left`), CONTROL (a word to the process, never sent on),
    or OTHER: it only passes through.
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


def kind_of(frame: bytes) -> bytes:
    """What a stored frame means to the side that gets it."""
    if frame.startswith(b'{"type":"queue:ready"'):
        return READY
    return ENDED if frame.startswith((b'{"type":"call:ended"', b'{"type":"queue:left"')) else OTHER
