"""Heads of a WebM file (https://www.webmproject.org/docs/container/), as recorders of Chromium and Firefox write it.

They write live: neither the whole nor its clusters say how long they are. So one walk goes over the elements in their
order, into those that only hold others, and past all content. Nothing is decoded.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from messages_left.attachments.media import PIECES_MOST, Media, Unreadable

MAGIC = b"\x1a\x45\xdf\xa3"
EBML, SEGMENT, CLUSTER, BLOCK_GROUP = 0x1A45DFA3, 0x18538067, 0x1F43B675, 0xA0
INFO, TRACKS, TRACK, TIMECODE, SIMPLE_BLOCK, BLOCK = 0x1549A966, 0x1654AE6B, 0xAE, 0xE7, 0xA3, 0xA1
DOC_TYPE, SCALE, TRACK_TYPE, CODEC = 0x4282, 0x2AD7B1, 0x83, 0x86
HOLDERS = frozenset((SEGMENT, CLUSTER, BLOCK_GROUP))
SOUNDS = frozenset((b"A_OPUS", b"A_VORBIS"))
PICTURES = frozenset((b"V_VP8", b"V_VP9", b"V_AV1"))
SCALE_USUAL = 1_000_000
NANOSECONDS = 1e9
HEAD_MOST = 64 * 1024
"""Of what is read as a whole: information and tracks."""


def read(content: IO[bytes], size: int) -> Media:
    """Raises Unreadable: it is broken, or holds what browsers do not play."""
    media, scale, cluster = Media(), SCALE_USUAL, 0
    times: list[int] = []
    for element, at, length in _walk(content, size):
        if element in (SIMPLE_BLOCK, BLOCK):
            times.append(cluster + _relative(content, at, length))
        elif element == TIMECODE:
            cluster = _number(_whole(content, at, length))
        elif element == TRACKS:
            _note_tracks(_whole(content, at, length), media)
        elif element == INFO:
            scale = _number(_child(_whole(content, at, length), SCALE)) or SCALE_USUAL
        elif element == EBML and _child(_whole(content, at, length), DOC_TYPE).rstrip(b"\0") != b"webm":
            raise Unreadable("another kind of EBML")
    media.pieces = len(times)
    media.seconds = (max(times) - min(times)) * scale / NANOSECONDS if times else 0.0
    return media


def _walk(content: IO[bytes], size: int) -> Iterator[tuple[int, int, int]]:
    """(id, where its content begins, bytes of it), of all but holders."""
    at = 0
    for _number_of in range(PIECES_MOST):
        if at == size:
            return
        content.seek(at)
        head = content.read(12)
        element, used = _id(head)
        length, more = _length(head[used:])
        at += used + more
        if element in HOLDERS:
            continue
        if length is None or at + length > size:
            raise Unreadable("an element goes past the end")
        yield element, at, length
        at += length
    raise Unreadable("too many elements")


def _note_tracks(body: bytes, media: Media) -> None:
    for element, track in _children(body):
        if element != TRACK:
            continue
        kind, codec = _number(_child(track, TRACK_TYPE)), _child(track, CODEC).rstrip(b"\0")
        if kind == 1 and codec in PICTURES:
            media.pictures.append(codec.decode())
        elif kind == 2 and codec in SOUNDS:
            media.sounds.append(codec.decode())
        else:
            raise Unreadable("a track that browsers do not play")


def _relative(content: IO[bytes], at: int, length: int) -> int:
    """Of a block, against its cluster's time."""
    content.seek(at)
    head = content.read(min(length, 12))
    _track, used = _length(head)
    if len(head) < used + 3:
        raise Unreadable("a block without a head")
    return int.from_bytes(head[used : used + 2], "big", signed=True)


def _whole(content: IO[bytes], at: int, length: int) -> bytes:
    if length > HEAD_MOST:
        raise Unreadable("a head that is no head")
    content.seek(at)
    return content.read(length)


def _children(body: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(body):
        element, used = _id(body[at : at + 4])
        at += used
        length, more = _length(body[at : at + 8])
        at += more
        if length is None or at + length > len(body):
            raise Unreadable("an element goes past the end")
        yield element, body[at : at + length]
        at += length


def _child(body: bytes, wanted: int) -> bytes:
    """Empty where there is none."""
    return next((found for element, found in _children(body) if element == wanted), b"")


def _number(value: bytes) -> int:
    if len(value) > 8:
        raise Unreadable("a number that is none")
    return int.from_bytes(value, "big")


def _id(head: bytes) -> tuple[int, int]:
    """(id, bytes of it): its first bit that is set says how long it is."""
    used = _width(head)
    if used > 4 or len(head) < used:
        raise Unreadable("no element")
    return int.from_bytes(head[:used], "big"), used


def _length(head: bytes) -> tuple[int | None, int]:
    """(length, bytes of it). None: it does not say."""
    used = _width(head)
    if used > 8 or len(head) < used:
        raise Unreadable("no length")
    most = (1 << 7 * used) - 1
    length = int.from_bytes(head[:used], "big") & most
    return (None if length == most else length), used


def _width(head: bytes) -> int:
    return 9 - head[0].bit_length() if head else 9
