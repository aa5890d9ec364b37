"""What a file is, by its content: neither its name nor what the browser says of it counts.

Only the few kinds of `queueing.file_kinds` are known here, so what they begin with is said here too, instead of asking
a library that knows a thousand. What a container holds is what tells a letter from an archive, and that is looked at
with bounds: nothing is unpacked, and only so many entries are read.
"""

from __future__ import annotations

import codecs
import zipfile
from typing import IO, Any

from django.utils.translation import gettext as _

from infra.errors import DomainError
from queueing.file_kinds import OFFICE, OPEN, TEXT

HEAD_BYTES = 1024
ENTRIES_MOST = 5_000
"""Of a zip; a presentation with a thousand pictures has less."""
UNPACKED_MOST = 500 * 1024 * 1024
"""What it says that it would become; an office program of the receiver would believe it."""
CHUNK = 64 * 1024

PICTURES = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))
GIFS = (b"GIF87a", b"GIF89a")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OLE_STREAMS = {
    "WordDocument": "application/msword",
    "Workbook": "application/vnd.ms-excel",
    "Book": "application/vnd.ms-excel",
    "PowerPoint Document": "application/vnd.ms-powerpoint",
}
OFFICE_PARTS = {
    "word/document.xml": f"{OFFICE}wordprocessingml.document",
    "xl/workbook.xml": f"{OFFICE}spreadsheetml.sheet",
    "ppt/presentation.xml": f"{OFFICE}presentationml.presentation",
}
OPEN_KINDS = (f"{OPEN}text", f"{OPEN}spreadsheet", f"{OPEN}presentation")
MARKUP = (b"<!doctype", b"<html", b"<svg", b"<?xml", b"<script", b"<head", b"<body", b"<!--", b"<?php")
BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
ALLOWED_CONTROLS = frozenset(b"\t\n\r\f\x1b")


def refused() -> DomainError:
    return DomainError(
        "file_type_refused",
        _("Files of this kind cannot be sent. Pictures, PDF, plain text and office documents can."),
    )


def unsafe() -> DomainError:
    return DomainError(
        "file_unsafe",
        _("This document holds macros, or would become far too large when it is opened. Send it as a PDF."),
    )


def kind_of(content: IO[bytes]) -> str:
    """The media type, one of `queueing.file_kinds.ENDINGS`. Raises DomainError file_type_refused, file_unsafe.

    Of pictures only the beginning is looked at: whether it is one shows when it is drawn anew (infra/pictures.py).
    """
    content.seek(0)
    head = content.read(HEAD_BYTES)
    for magic, mime in PICTURES:
        if head.startswith(magic):
            return mime
    if head.startswith(GIFS):
        return "image/gif"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    if head.startswith(b"PK\x03\x04"):
        return _of_zip(content)
    if head.startswith(OLE):
        return _of_ole(content)
    if _is_text(content):
        return TEXT
    raise refused()


def _of_zip(content: IO[bytes]) -> str:
    content.seek(0)
    # A directory of a million names is a few megabytes here, and hundreds as objects.
    if content.read().count(b"PK\x01\x02") > ENTRIES_MOST:
        raise unsafe()
    content.seek(0)
    try:
        with zipfile.ZipFile(content) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
            if sum(entry.file_size for entry in entries) > UNPACKED_MOST:
                raise unsafe()
            kind = _open_document(archive, entries) or _office(names)
    except (
        zipfile.BadZipFile,
        OSError,
        ValueError,
        EOFError,
        NotImplementedError,
        RuntimeError,
        # An entry that lies farther away than can be sought.
        OverflowError,
    ) as error:
        raise refused() from error
    if kind is None:
        raise refused()
    if any(name.lower().endswith("vbaproject.bin") or name.startswith("Basic/") for name in names):
        raise unsafe()
    return kind


def _office(names: set[str]) -> str | None:
    if "[Content_Types].xml" not in names:
        return None
    return next((mime for part, mime in OFFICE_PARTS.items() if part in names), None)


def _open_document(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> str | None:
    """Its first entry is its type, not compressed."""
    first = entries[0] if entries else None
    if first is None or first.filename != "mimetype" or first.compress_type != zipfile.ZIP_STORED:
        return None
    with archive.open(first) as told:
        mime = told.read(100).decode("ascii", errors="replace").strip()
    return mime if mime in OPEN_KINDS else None


def _of_ole(content: IO[bytes]) -> str:
    """By the names of its streams, as the directory has them."""
    content.seek(0)
    whole = content.read()
    if "_VBA_PROJECT".encode("utf-16-le") in whole:
        raise unsafe()
    for stream, mime in OLE_STREAMS.items():
        if f"{stream}\0".encode("utf-16-le") in whole:
            return mime
    raise refused()


def _is_text(content: IO[bytes]) -> bool:
    """Whether people can read it: no control characters but those of lines, and no page or picture in disguise."""
    content.seek(0)
    head = content.read(HEAD_BYTES)
    coding = next((name for bom, name in BOMS if head.startswith(bom)), None)
    plain = head.decode(coding, errors="replace").lstrip("\ufeff \t\r\n").lower().encode() if coding else head
    if plain.lstrip().lower().startswith(MARKUP):
        return False
    content.seek(0)
    if coding is not None:
        return _decodes(content, coding)
    # In whatever one-byte code it is, these stand in no text.
    while chunk := content.read(CHUNK):
        if any(byte < 0x20 and byte not in ALLOWED_CONTROLS for byte in set(chunk)) or b"\x7f" in chunk:
            return False
    return True


def _decodes(content: IO[bytes], coding: str) -> bool:
    decoder: Any = codecs.getincrementaldecoder(coding)()
    try:
        while chunk := content.read(CHUNK):
            if any(ord(letter) < 0x20 and ord(letter) not in ALLOWED_CONTROLS for letter in set(decoder.decode(chunk))):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
