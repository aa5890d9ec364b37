"""Content of every kind that is taken, as small as it can be, and what hostile hands make of it."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import Any

from PIL import Image

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), mode: str = "RGB", **options: Any) -> bytes:
    out = BytesIO()
    Image.new(mode, size, "red").save(out, kind, **options)
    return out.getvalue()


def photo(*, orientation: int = 1) -> bytes:
    """A JPEG as a phone takes it: with its maker, and where it was."""
    exif = Image.Exif()
    exif[0x0110] = "Secret phone"
    exif[0x0112] = orientation
    exif.get_ifd(0x8825).update({1: "N", 2: (41.0, 0.0, 29.0), 3: "E", 4: (28.0, 58.0, 42.0)})
    return picture("JPEG", (60, 20), exif=exif, comment=b"at home")


def moving(kind: str = "GIF", frames: int = 3) -> bytes:
    out = BytesIO()
    first, *rest = [Image.new("RGB", (20, 20), (number * 40 % 256, 0, 0)) for number in range(frames)]
    first.save(out, kind, save_all=True, append_images=rest, duration=80)
    return out.getvalue()


def archive(entries: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", compression) as made:
        for name, content in entries.items():
            made.writestr(name, content)
    return out.getvalue()


def office(part: str, **more: bytes) -> bytes:
    return archive({"[Content_Types].xml": b"<Types/>", part: b"<x/>", **more})


def open_document(kind: str) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        mime = f"application/vnd.oasis.opendocument.{kind}"
        made.writestr("mimetype", mime, compress_type=zipfile.ZIP_STORED)
        made.writestr("content.xml", "<x/>")
    return out.getvalue()


def ole(*streams: str) -> bytes:
    return OLE + b"".join(f"{stream}\0".encode("utf-16-le") for stream in streams)
