"""Content on its way into the storage: what it is, pictures drawn anew, the virus scanner asked."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from typing import IO, Protocol, TypeVar

from django.utils.translation import gettext as _

from desk.files import kinds, names, scanner, storage
from desk.files.models import thumb_of
from desk.files.scanner import Verdict
from infra import pictures
from infra.errors import DomainError
from queueing.file_kinds import PICTURES

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Judged:
    """What is kept. `width`, `height`: of a picture, which has a thumbnail. `waits`: the scanner has not answered."""

    content: IO[bytes]
    name: str
    mime: str
    size: int
    thumb: bytes = b""
    width: int | None = None
    height: int | None = None
    waits: bool = False


def judge(upload: IO[bytes], claimed_name: str, size: int) -> Judged:
    """`size`: of the upload, bytes. Raises DomainError with a code of docs/protocol.md's table."""
    mime = kinds.kind_of(upload)
    name = names.clean(claimed_name, mime)
    if mime not in PICTURES:
        return scanned(Judged(upload, name, mime, size))
    picture = pictures.redraw(upload, mime)
    size, drawn = len(picture.content), BytesIO(picture.content)
    return scanned(Judged(drawn, name, mime, size, picture.thumb, picture.width, picture.height))


def scanned(judged: Judged) -> Judged:
    """With the scanner's answer. Raises DomainError file_infected."""
    verdict = scanner.scan(judged.content)
    if verdict.clean is False:
        logger.warning("file refused by the virus scanner", extra={"found": verdict.found})
        raise DomainError("file_infected", _("The virus scanner refused this file. It was not sent."))
    return replace(judged, waits=not verdict.clean)


def keep(stored: str, judged: Judged) -> None:
    """Under this name in the storage, its thumbnail beside it. Raises DomainError storage_full, storage_unavailable."""
    if judged.thumb:
        storage.save(thumb_of(stored), BytesIO(judged.thumb))
    storage.save(stored, judged.content)


def discard(stored: str) -> bool:
    """Whether all of it is gone."""
    return storage.discard(thumb_of(stored), stored)


class Kept(Protocol):
    """A row of content under the name `stored`."""

    stored: str


Row = TypeVar("Row", bound=Kept)


def verdicts(rows: Iterable[Row]) -> Iterator[tuple[Row, Verdict]]:
    """The scanner's answers for content that waits for them, until it is silent or the storage is out."""
    for row in rows:
        try:
            with storage.fetch(row.stored) as content:
                verdict = scanner.scan(content)
        except FileNotFoundError:
            verdict = Verdict(False, "its content is gone")
        except DomainError:
            return
        if verdict.clean is None:
            return
        yield row, verdict
