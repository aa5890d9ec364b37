"""Heads of an MP4 file (ISO/IEC 14496-12), as recorders of Safari and newer Chromium write it: whole or in fragments.

One walk goes over the boxes in their order, into those that only hold others, and past all content. Nothing is decoded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from messages_left.attachments.media import PIECES_MOST, Media, Unreadable

MAGIC = b"ftyp"
HOLDERS = frozenset((b"moov", b"trak", b"mdia", b"minf", b"stbl", b"mvex", b"moof", b"traf"))
SOUNDS = frozenset((b"mp4a", b"Opus"))
PICTURES = frozenset((b"avc1", b"avc3", b"hvc1", b"hev1", b"vp08", b"vp09", b"av01"))
HEAD_MOST = 1024 * 1024
"""Of what is read as a whole: a table of two minutes' samples has a tenth of it."""
TRACKS_MOST = 4
"""A recording has two. Each fragment looks for its own among them."""
FOUR = 4


@dataclass
class _Track:
    """Times in its own scale, a second. `usual`: how long a sample of a fragment lasts that does not say so."""

    number: int = 0
    scale: int = 0
    handler: bytes = b""
    coded: bytes = b""
    usual: int = 0
    begins: int | None = None
    ends: int = 0
    samples: int = 0


def read(content: IO[bytes], size: int) -> Media:
    """Raises Unreadable: it is broken, or holds what browsers do not play."""
    reading = _Reading()
    for name, at, length in _walk(content, size):
        if act := ACTS.get(name):
            if length > HEAD_MOST:
                raise Unreadable("a head that is no head")
            content.seek(at)
            act(reading, content.read(length))
        elif name == b"trak":
            if len(reading.tracks) == TRACKS_MOST:
                raise Unreadable("too many tracks")
            reading.tracks.append(_Track())
    return reading.media()


class _Reading:
    def __init__(self) -> None:
        self.tracks: list[_Track] = []
        self._fragment = _Track()
        self._time = 0

    def media(self) -> Media:
        media = Media()
        for track in self.tracks:
            if track.handler == b"soun" and track.coded in SOUNDS:
                media.sounds.append(track.coded.decode())
            elif track.handler == b"vide" and track.coded in PICTURES:
                media.pictures.append(track.coded.decode())
            else:
                raise Unreadable("a track that browsers do not play")
            if not track.scale:
                raise Unreadable("a track without a clock")
            media.seconds = max(media.seconds, (track.ends - (track.begins or 0)) / track.scale)
            media.pieces += track.samples
        return media

    @property
    def _track(self) -> _Track:
        if not self.tracks:
            raise Unreadable("a box outside of any track")
        return self.tracks[-1]

    def tkhd(self, body: bytes) -> None:
        self._track.number = _uint(body, 20 if body[:1] == b"\1" else 12)

    def mdhd(self, body: bytes) -> None:
        long = body[:1] == b"\1"
        self._track.scale = _uint(body, 20 if long else 12)

    def hdlr(self, body: bytes) -> None:
        self._track.handler = body[8:12]

    def stsd(self, body: bytes) -> None:
        if _uint(body, 4) != 1:
            raise Unreadable("a track in several codecs")
        self._track.coded = body[12:16]

    def stts(self, body: bytes) -> None:
        """Runs of samples that last the same."""
        for at in range(8, 8 + 8 * _bounded(_uint(body, 4), len(body) - 8, 8), 8):
            count = _uint(body, at)
            self._track.samples += count
            self._track.ends += count * _uint(body, at + FOUR)

    def trex(self, body: bytes) -> None:
        for track in self.tracks:
            if track.number == _uint(body, 4):
                track.usual = _uint(body, 12)

    def tfhd(self, body: bytes) -> None:
        number, flags = _uint(body, 4), _flags(body)
        found = next((track for track in self.tracks if track.number == number), None)
        if found is None:
            raise Unreadable("a fragment of no track")
        at = 8 + (8 if flags & 0x1 else 0) + (FOUR if flags & 0x2 else 0)
        if flags & 0x8:
            found.usual = _uint(body, at)
        self._fragment, self._time = found, found.ends

    def tfdt(self, body: bytes) -> None:
        self._time = _uint(body, 4, 8 if body[:1] == b"\1" else FOUR)
        if self._fragment.begins is None:
            self._fragment.begins = self._time

    def trun(self, body: bytes) -> None:
        flags, count, track = _flags(body), _uint(body, 4), self._fragment
        at = 8 + (FOUR if flags & 0x1 else 0) + (FOUR if flags & 0x4 else 0)
        each = FOUR * sum(bool(flags & bit) for bit in (0x100, 0x200, 0x400, 0x800))
        if each:
            _bounded(count, len(body) - at, each)
        if flags & 0x100:
            self._time += sum(_uint(body, at + each * n) for n in range(count))
        else:
            self._time += count * track.usual
        track.samples += count
        track.ends = max(track.ends, self._time)


NAMES = ("tkhd", "mdhd", "hdlr", "stsd", "stts", "trex", "tfhd", "tfdt", "trun")
ACTS = {name.encode(): getattr(_Reading, name) for name in NAMES}


def _walk(content: IO[bytes], size: int) -> Iterator[tuple[bytes, int, int]]:
    """(name, where its content begins, bytes of it); of holders their content comes next."""
    at = 0
    for _number_of in range(PIECES_MOST):
        if at == size:
            return
        content.seek(at)
        head = content.read(16)
        if len(head) < 8:
            raise Unreadable("no box")
        length, name, used = _uint(head, 0), head[4:8], 8
        if length == 1:
            length, used = _uint(head, 8, 8), 16
        elif length == 0:
            length = size - at
        if length < used or at + length > size:
            raise Unreadable("a box goes past the end")
        yield name, at + used, length - used
        at += used if name in HOLDERS else length
    raise Unreadable("too many boxes")


def _bounded(count: int, room: int, each: int) -> int:
    if count > PIECES_MOST or count * each > room:
        raise Unreadable("more samples than there is room for")
    return count


def _flags(body: bytes) -> int:
    return _uint(body, 0) & 0xFFFFFF


def _uint(body: bytes, at: int, width: int = FOUR) -> int:
    if at + width > len(body):
        raise Unreadable("a box that is too short")
    return int.from_bytes(body[at : at + width], "big")
