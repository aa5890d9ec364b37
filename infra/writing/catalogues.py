"""The languages there are: those with a catalogue, `<folder>/<language>/LC_MESSAGES/django.po`. There is no other list.

Django's settings are made of this, so it is free of Django. `docs/translations.md` says how to add one.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

OWN = "tr"
"""The product's own language, first in every list and the default of LANGUAGE_CODE."""
SOURCE = "en"
"""What texts are written in first; it stands in for what another catalogue lacks."""
CODE_MAX = 10
"""Columns that hold a language are as wide: `pt-br`, `zh-hans`."""

FILE = "LC_MESSAGES/django.po"
CODE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,6})?")
NAME = re.compile(r'^"X-Language-Name: (.+?)(?:\\n)?"$', re.MULTILINE)
HEADER_BYTES = 4096


@dataclass(frozen=True)
class Language:
    """`code` as HTML writes it (`pt-br`), `name` as the language calls itself."""

    code: str
    name: str
    file: Path = field(default=Path(), compare=False)

    @property
    def direction(self) -> Literal["ltr", "rtl"]:
        """Which way it is written: as the first letter of its own name is."""
        return "rtl" if unicodedata.bidirectional(self.name[:1]) in ("R", "AL") else "ltr"


def languages(folder: Path) -> tuple[Language, ...]:
    """Our own, the source, then the others by code. Folders whose name is no language's are left alone."""
    found = {_code(file.parent.parent): file for file in folder.glob(f"*/{FILE}")}
    known = [Language(code, _name(file) or code, file) for code, file in found.items() if CODE.fullmatch(code)]
    return tuple(sorted(known, key=lambda language: (language.code != OWN, language.code != SOURCE, language.code)))


def _code(folder: Path) -> str:
    """Of the name that gettext gives the folder: `pt_BR`."""
    return folder.name.replace("_", "-").lower()


def _name(file: Path) -> str:
    """What the header says; "" where it does not."""
    with file.open("rb") as stream:
        found = NAME.search(stream.read(HEADER_BYTES).decode(errors="replace"))
    return found[1].strip() if found else ""
