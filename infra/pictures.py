"""Pictures drawn anew: what comes out was written by us, so nothing that was hidden in the file or told where it was
taken goes on to the other side.

How large a picture becomes is judged before it is unpacked. One is worked on at a time: each may take a hundred
megabytes for a moment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from threading import BoundedSemaphore
from typing import IO, TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from infra.errors import DomainError

if TYPE_CHECKING:
    from PIL.Image import Image

PIXELS_MOST = 32_000_000
"""Of what is unpacked: a screen of 8K is one more than that. A JPEG is unpacked smaller when it has more."""
JPEG_PIXELS_MOST = 170_000_000
SIDE_MOST = 4096
"""Of what is sent on."""
FRAMES_MOST = 300
THUMB_SIDE = 480
WAIT_SECS = 20.0

FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP", "image/gif": "GIF"}
WRITTEN: dict[str, dict[str, Any]] = {
    "PNG": {"compress_level": 6},
    "JPEG": {"quality": 88, "progressive": True, "optimize": False},
    "WEBP": {"quality": 88, "method": 3},
    "GIF": {"disposal": 2},
}
_one_at_a_time = BoundedSemaphore(1)


@dataclass(frozen=True)
class Picture:
    """`thumb` is WebP and fits THUMB_SIDE; an emblem has none."""

    content: bytes
    thumb: bytes
    width: int
    height: int


def redraw(content: IO[bytes], mime: str) -> Picture:
    """The picture upright and without anything but its pixels. Raises DomainError picture_unreadable,
    picture_too_large, uploads_busy."""
    if not _one_at_a_time.acquire(timeout=WAIT_SECS):
        raise busy()
    try:
        return _redraw(content, FORMATS[mime])
    finally:
        _one_at_a_time.release()


def emblem(content: IO[bytes], box: tuple[int, int]) -> Picture:
    """The first frame of a picture of any of FORMATS, made to fit the box, as WebP. Raises the same."""
    if not _one_at_a_time.acquire(timeout=WAIT_SECS):
        raise busy()
    try:
        return _drawn(content, list(FORMATS.values()), lambda picture, _kind: _emblem(picture, box))
    finally:
        _one_at_a_time.release()


def _redraw(content: IO[bytes], kind: str) -> Picture:
    def drawn(picture: Image, kind: str) -> Picture:
        frames, durations = _frames(picture, kind)
        return _written(frames, durations, kind)

    return _drawn(content, [kind], drawn)


def _drawn(content: IO[bytes], kinds: list[str], draw: Callable[[Image, str], Picture]) -> Picture:
    # Here and not at the top: only a process that gets a picture needs it.
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = JPEG_PIXELS_MOST
    content.seek(0)
    try:
        # No other format is even tried.
        with Image.open(content, formats=kinds) as picture:
            kind = str(picture.format)
            _bound(picture, kind)
            return draw(picture, kind)
    except DomainError:
        raise
    except Image.DecompressionBombError as error:
        raise _too_large() from error
    # Whatever a decoder makes of hostile bytes is the same to us.
    except Exception as error:
        raise _unreadable() from error


def _bound(picture: Image, kind: str) -> None:
    width, height = picture.size
    if width < 1 or height < 1:
        raise _unreadable()
    if width * height > (JPEG_PIXELS_MOST if kind == "JPEG" else PIXELS_MOST):
        raise _too_large()
    if kind == "JPEG" and width * height > PIXELS_MOST:
        # Halves, quarters or eighths come out of the file without unpacking the rest.
        picture.draft("RGB", (SIDE_MOST // 2, SIDE_MOST // 2))
        if picture.size[0] * picture.size[1] > PIXELS_MOST:
            raise _too_large()


def _frames(picture: Image, kind: str) -> tuple[list[Image], list[int]]:
    """The frames, upright and no larger than is sent on, with how long each is shown (ms)."""
    from PIL import ImageOps

    moves = kind in ("GIF", "WEBP") and getattr(picture, "is_animated", False)
    count = getattr(picture, "n_frames", 1) if moves else 1
    if count > FRAMES_MOST or count * picture.size[0] * picture.size[1] > PIXELS_MOST * (2 if count > 1 else 1):
        raise _too_large()
    frames, durations = [], []
    for number in range(count):
        if moves:
            picture.seek(number)
        frame = ImageOps.exif_transpose(picture)
        frame = frame.convert(_mode(frame, kind))
        frame.thumbnail((SIDE_MOST, SIDE_MOST))
        frames.append(frame)
        durations.append(min(10_000, max(20, int(picture.info.get("duration") or 100))))
    return frames, durations


def _emblem(picture: Image, box: tuple[int, int]) -> Picture:
    from PIL import ImageOps

    frame = ImageOps.exif_transpose(picture)
    frame = frame.convert("RGBA" if frame.has_transparency_data else "RGB")
    frame.thumbnail(box)
    frame.info.clear()
    out = BytesIO()
    # Logos have few colours and sharp edges.
    frame.save(out, "WEBP", lossless=True, method=6)
    return Picture(out.getvalue(), b"", frame.width, frame.height)


def _mode(frame: Image, kind: str) -> str:
    if kind == "JPEG":
        return "L" if frame.mode == "L" else "RGB"
    return "RGBA" if frame.has_transparency_data else "RGB"


def _written(frames: list[Image], durations: list[int], kind: str) -> Picture:
    first, out, small = frames[0], BytesIO(), BytesIO()
    for frame in frames:
        frame.info.clear()
    more = {"save_all": True, "append_images": frames[1:], "duration": durations, "loop": 0} if len(frames) > 1 else {}
    first.save(out, kind, **WRITTEN[kind], **more)
    thumb = first.copy()
    thumb.thumbnail((THUMB_SIDE, THUMB_SIDE))
    thumb.save(small, "WEBP", quality=75, method=3)
    return Picture(out.getvalue(), small.getvalue(), first.width, first.height)


def busy() -> DomainError:
    text = _("Too much is being sent just now. Please try again.")
    return DomainError("uploads_busy", text, retryable=True, retry_after=5.0)


def _too_large() -> DomainError:
    return DomainError(
        "picture_too_large", _("This picture has too many pixels. Make it smaller, or send a part of it.")
    )


def _unreadable() -> DomainError:
    return DomainError("picture_unreadable", _("This picture cannot be read. Open it on your device and save it anew."))
