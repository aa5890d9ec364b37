"""Whether bytes are a recording that browsers play, and how long it lasts: whatever they claim to be."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.errors import DomainError
from messages_left.attachments import recordings
from messages_left.attachments.media import Unreadable
from messages_left.attachments.models import Kind
from messages_left.attachments.mp4 import read as read_mp4
from tests.desk.files import samples
from tests.messages_left.recordings import PICTURE_AND_SOUND, box, element, fragmented, mp4, uints, webm

RECORDED = Path(__file__).with_name("recorded")
BOTH = ((b"vide", b"avc1"), (b"soun", b"mp4a"))


def judged(content: bytes, kind: Kind = Kind.VOICE) -> tuple[str, str, int]:
    found = recordings.judge(BytesIO(content), kind, len(content))
    return found.judged.mime, found.judged.name, found.seconds


def refusal(content: bytes, kind: Kind = Kind.VOICE) -> str:
    with pytest.raises(DomainError) as raised:
        recordings.judge(BytesIO(content), kind, len(content))
    return raised.value.code


def shown(value: object) -> str:
    return f"{len(value)}-bytes" if isinstance(value, bytes) else str(value)


@pytest.mark.parametrize(
    ("content", "kind", "told"),
    [
        (webm(3.2), Kind.VOICE, ("audio/webm", "voice.webm", 3)),
        (webm(2.6, scale=500_000, step_ms=120, cluster_ms=2000), Kind.VOICE, ("audio/webm", "voice.webm", 1)),
        (webm(119.9), Kind.VOICE, ("audio/webm", "voice.webm", 120)),
        (webm(61, PICTURE_AND_SOUND), Kind.VIDEO, ("video/webm", "video.webm", 61)),
        (webm(5, ((1, b"V_VP9"),)), Kind.VIDEO, ("video/webm", "video.webm", 5)),
        (mp4(4), Kind.VOICE, ("audio/mp4", "voice.m4a", 4)),
        (mp4(7, BOTH), Kind.VIDEO, ("video/mp4", "video.mp4", 7)),
        (fragmented(5), Kind.VOICE, ("audio/mp4", "voice.m4a", 5)),
        (fragmented(5, begins=48_000 * 90), Kind.VOICE, ("audio/mp4", "voice.m4a", 5)),
        (fragmented(9, told=False), Kind.VOICE, ("audio/mp4", "voice.m4a", 9)),
    ],
    ids=shown,
)
def test_what_recorders_write_is_taken_with_how_long_it_lasts(
    content: bytes, kind: Kind, told: tuple[str, str, int]
) -> None:
    assert judged(content, kind) == told


@pytest.mark.parametrize(
    ("file", "kind", "mime"),
    [
        ("voice.webm", Kind.VOICE, "audio/webm"),
        ("voice.m4a", Kind.VOICE, "audio/mp4"),
        ("video.webm", Kind.VIDEO, "video/webm"),
        ("video.mp4", Kind.VIDEO, "video/mp4"),
    ],
)
def test_what_a_browser_has_recorded_is_taken(file: str, kind: Kind, mime: str) -> None:
    """By Chromium's MediaRecorder, a second and a bit of its made-up devices."""
    assert judged((RECORDED / file).read_bytes(), kind) == (mime, file, 1)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", Kind.VOICE), (b"I am a voice.", Kind.VOICE), (samples.picture(), Kind.VOICE), (samples.PDF, Kind.VOICE),
        (b"RIFF\x24\x08\x00\x00WAVEfmt ", Kind.VOICE), (b"OggS" + bytes(60), Kind.VOICE),
        (b"ID3" + bytes(60), Kind.VOICE),
        # The other kind than it is sent as, or none.
        (webm(3, PICTURE_AND_SOUND), Kind.VOICE), (webm(3), Kind.VIDEO),
        (mp4(3, BOTH), Kind.VOICE), (mp4(3), Kind.VIDEO),
        (webm(3, ()), Kind.VOICE), (webm(3, ((2, b"A_OPUS"), (2, b"A_OPUS"))), Kind.VOICE), (mp4(3, ()), Kind.VOICE),
        # What browsers do not play, and what is not sound.
        (webm(3, ((2, b"A_PCM/INT/LIT"),)), Kind.VOICE), (webm(3, ((17, b"S_TEXT/UTF8"),)), Kind.VOICE),
        (webm(3, doc_type=b"matroska"), Kind.VOICE), (mp4(3, ((b"soun", b"lpcm"),)), Kind.VOICE),
        (mp4(3, ((b"soun", b"avc1"),)), Kind.VOICE), (mp4(3, ((b"text", b"tx3g"), (b"soun", b"mp4a"))), Kind.VOICE),
        # A head alone, or a piece of one.
        (webm(3)[:120], Kind.VOICE), (webm(3)[:-1], Kind.VOICE), (mp4(3)[:-1], Kind.VOICE), (mp4(0), Kind.VOICE),
        (box(b"ftyp", b"mp42"), Kind.VOICE),
    ],
    ids=shown,
)  # fmt: skip
def test_what_is_no_recording_of_its_kind_is_refused(content: bytes, kind: Kind) -> None:
    assert refusal(content, kind) == "recording_refused"


@pytest.mark.parametrize("content", [webm(126), mp4(126), fragmented(126), webm(40, scale=100_000_000)], ids=shown)
def test_what_lasts_too_long_is_refused(content: bytes) -> None:
    assert refusal(content) == "recording_too_long"


def test_counts_that_claim_more_than_there_is_cost_nothing() -> None:
    many = box(b"ftyp", b"mp42") + box(b"moov", box(b"trak", box(b"stts", uints(0, 0xFFFFFFFF))))
    assert refusal(many) == "recording_refused"
    assert refusal(element(0x1A45DFA3, element(0x4282, b"webm")) + element(0xEC, b"") * 60_000) == "recording_refused"
    assert refusal(box(b"ftyp") + box(b"free") * 60_000) == "recording_refused"


def test_tracks_are_few_before_anything_is_looked_for_among_them() -> None:
    """Each of these boxes would be held against each track."""
    heads = box(b"moov", box(b"trak") * 5_000 + box(b"trex", uints(0, 1, 1, 0, 0, 0)) * 5_000)
    with pytest.raises(Unreadable, match="too many tracks"):
        read_mp4(BytesIO(box(b"ftyp", b"mp42") + heads), len(box(b"ftyp", b"mp42")) + len(heads))


WHOLE = [webm(2), mp4(2), fragmented(2), webm(1, PICTURE_AND_SOUND)]


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(WHOLE),
    st.lists(st.tuples(st.integers(0, 900), st.binary(max_size=9), st.integers(0, 9)), max_size=6),
    st.sampled_from([Kind.VOICE, Kind.VIDEO]),
)
def test_whatever_is_done_to_the_bytes_it_is_judged(
    content: bytes, cuts: list[tuple[int, bytes, int]], kind: Kind
) -> None:
    """Some bytes out, others in, anywhere in the heads."""
    for at, given_bytes, out in cuts:
        content = content[:at] + given_bytes + content[at + out :]
    code = ""
    try:
        mime, _name, seconds = judged(content, kind)
        assert 1 <= seconds <= recordings.SECS_MOST
        assert mime.startswith("audio/" if kind == Kind.VOICE else "video/")
    except DomainError as error:
        code = error.code
    assert code in ("", "recording_refused", "recording_too_long")
