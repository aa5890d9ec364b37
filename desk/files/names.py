"""What a file may be called: a name that shows what it is, on every system, and leads nowhere."""

from __future__ import annotations

import re

from desk.files.models import NAME_MAX
from infra.writing.text import clean_line, is_visible
from queueing.file_kinds import ENDINGS

BYTES_MOST = 200
"""Of its UTF-8: file systems take 255, and browsers add a number."""
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)


def clean(name: str, mime: str) -> str:
    """One line without a path, controls or direction overrides, that ends as its type does: `a.html` of plain text
    becomes `a.html.txt`, since whoever opens it is asked by its ending."""
    last = re.split(r"[/\\]", name)[-1]
    line = _FORBIDDEN.sub("_", clean_line(last)).strip(" .")
    if not is_visible(line):
        line = "file"
    if _RESERVED.match(line):
        line = f"_{line}"
    stem, dot, ending = line.rpartition(".")
    if not (dot and stem.strip() and ending.lower() in ENDINGS[mime]):
        stem, ending = line, ENDINGS[mime][0]
    return f"{_cut(stem, NAME_MAX - len(ending) - 1, BYTES_MOST - len(ending) - 1)}.{ending}"


def _cut(text: str, characters: int, size: int) -> str:
    return text[:characters].encode()[:size].decode(errors="ignore").rstrip(" .") or "file"
