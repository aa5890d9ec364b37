"""What one connection may make this process do, charged before anything is parsed.

A socket pays for each read, each byte and each frame (control frames, fragments and frames that will be refused too).
Who has spent everything is not read from until time has paid: TCP keeps the rest at the sender, nothing is lost, and
nobody else waits. The application's own limit of frames (`SOCKET_FRAME_RATE`) is half of this one, so that an honest
page that sends too fast reads why before it is slowed down.
"""

from __future__ import annotations

from django.conf import settings

FRAMES_OVER_LIMIT = 2
"""How many times the application's limit of frames is read at all."""
BYTES_A_FRAME = 2048
"""What a frame may weigh on average, for as long as a socket sends at its full rate."""
READS_A_FRAME = 4
"""So many reads cost as much as a frame: a frame may come in pieces, but not byte by byte."""
FRAMES_A_TURN = 64
"""Then the other connections have their turn."""
FRAGMENTS_MOST = 64
"""Pieces of one message. Browsers send whole frames up to 128 KiB."""


class Meter:
    """Debt of one connection in seconds: spending adds to it, time takes it away. Times are the event loop's."""

    __slots__ = ("_at", "_byte", "_debt", "_frame", "_most")

    def __init__(self, now: float) -> None:
        rate = settings.SOCKET_FRAME_RATE * FRAMES_OVER_LIMIT
        self._frame = 1.0 / rate
        self._byte = self._frame / BYTES_A_FRAME
        self._most: float = settings.SOCKET_FRAME_BURST * FRAMES_OVER_LIMIT / rate
        self._debt = 0.0
        self._at = now

    def read(self, size: int, now: float) -> None:
        """Charges a read of `size` bytes."""
        debt = self._debt - (now - self._at)
        self._at = now
        self._debt = (debt if debt > 0.0 else 0.0) + size * self._byte + self._frame / READS_A_FRAME

    def frame(self) -> None:
        """Charges a frame, whatever is in it."""
        self._debt += self._frame

    def wait(self, now: float) -> float:
        """Seconds until the next frame may be looked at; 0 or less: now."""
        return self._debt - (now - self._at) - self._most
