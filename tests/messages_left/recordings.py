"""Recordings as browsers' recorders write them, of the smallest pieces: a frame of silence each."""

from __future__ import annotations

SILENCE = b"\xfc\xff\xfe"
"""A frame of Opus."""


def element(name: int, body: bytes, *, open_ended: bool = False) -> bytes:
    """Of EBML. `open_ended`: as whoever writes live cannot know how long it becomes."""
    head = name.to_bytes((name.bit_length() + 7) // 8, "big")
    return head + (b"\x01" + b"\xff" * 7 if open_ended else (len(body) | 1 << 56).to_bytes(8, "big")) + body


def number(name: int, value: int) -> bytes:
    return element(name, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))


def webm(
    seconds: float = 3.0,
    codecs: tuple[tuple[int, bytes], ...] = ((2, b"A_OPUS"),),
    *,
    doc_type: bytes = b"webm",
    step_ms: int = 60,
    cluster_ms: int = 1000,
    scale: int = 1_000_000,
) -> bytes:
    """As Chromium writes it: nothing says how long the whole or a cluster is. `codecs`: (type, name) of each track."""
    tracks = b"".join(
        element(0xAE, number(0xD7, index) + number(0x83, kind) + element(0x86, name))
        for index, (kind, name) in enumerate(codecs, 1)
    )
    out = element(0x1A45DFA3, element(0x4282, doc_type))
    out += element(0x18538067, b"", open_ended=True)
    out += element(0x1549A966, number(0x2AD7B1, scale)) + element(0x1654AE6B, tracks)
    last = round(seconds * 1000)
    for begins in range(0, last + 1, cluster_ms):
        out += element(0x1F43B675, b"", open_ended=True) + number(0xE7, begins)
        ends = min(begins + cluster_ms, last + 1)
        for at in range(begins, ends, step_ms):
            out += b"".join(
                element(0xA3, bytes((0x80 | track,)) + (at - begins).to_bytes(2, "big") + b"\x80" + SILENCE)
                for track in range(1, len(codecs) + 1)
            )
    return out


def box(name: bytes, *bodies: bytes) -> bytes:
    body = b"".join(bodies)
    return (len(body) + 8).to_bytes(4, "big") + name + body


def uints(*values: int) -> bytes:
    return b"".join(value.to_bytes(4, "big") for value in values)


def _trak(index: int, handler: bytes, codec: bytes, runs: list[tuple[int, int]], scale: int) -> bytes:
    lasts = sum(count * each for count, each in runs)
    stbl = box(
        b"stbl",
        box(b"stsd", uints(0, 1), box(codec, bytes(28))),
        box(b"stts", uints(0, len(runs)), *(uints(count, each) for count, each in runs)),
    )
    mdia = box(
        b"mdia",
        box(b"mdhd", uints(0, 0, 0, scale, lasts, 0)),
        box(b"hdlr", uints(0, 0), handler, bytes(13)),
        box(b"minf", stbl),
    )
    return box(b"trak", box(b"tkhd", uints(0, 0, 0, index, 0, lasts), bytes(60)), mdia)


def mp4(
    seconds: float = 3.0, codecs: tuple[tuple[bytes, bytes], ...] = ((b"soun", b"mp4a"),), *, scale: int = 48_000
) -> bytes:
    """As Safari writes it when it ends: one table for each track. `codecs`: (handler, name) of each."""
    samples = round(seconds * scale / 1024)
    traks = [_trak(n, handler, name, [(samples, 1024)], scale) for n, (handler, name) in enumerate(codecs, 1)]
    moov = box(b"moov", box(b"mvhd", uints(0, 0, 0, 1000, round(seconds * 1000)), bytes(80)), *traks)
    return box(b"ftyp", b"mp42", uints(0), b"mp42isom") + moov + box(b"mdat", SILENCE * samples)


def fragmented(seconds: float = 3.0, *, begins: int = 0, scale: int = 48_000, told: bool = True) -> bytes:
    """In fragments of a second. `begins`: time of the first; `told`: each sample says how long it lasts."""
    trex = box(b"trex", uints(0, 1, 1, 1024, 0, 0))
    moov = box(b"moov", _trak(1, b"soun", b"mp4a", [], scale), box(b"mvex", trex))
    out, at = box(b"ftyp", b"iso5", uints(0), b"iso5mp41") + moov, begins
    while at - begins < round(seconds * scale):
        count = min(scale, round(seconds * scale) - (at - begins)) // 1024 or 1
        run = (uints(0x000101, count, 0) + uints(1024) * count) if told else uints(0x000001, count, 0)
        traf = box(
            b"traf",
            box(b"tfhd", uints(0x020000, 1)),
            box(b"tfdt", uints(1 << 24), at.to_bytes(8, "big")),
            box(b"trun", run),
        )
        out += box(b"moof", box(b"mfhd", uints(0, 1)), traf) + box(b"mdat", SILENCE * count)
        at += count * 1024
    return out


PICTURE_AND_SOUND = ((1, b"V_VP8"), (2, b"A_OPUS"))
