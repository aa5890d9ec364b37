"""`python -m support.launcher.messages`: compiles the catalogues, in Python alone: a bare machine has no gettext.

Each `django.po` becomes `django.mo` for Django and `browser.json` for the pages. What a language lacks stands there in
English: Django itself would fall back to LANGUAGE_CODE, and a German page would speak Turkish here and there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from gettext import c2py
from pathlib import Path
from typing import Any

import polib

from infra.writing.catalogues import FILE, SOURCE
from support.config import environment

BROWSER = "browser"
"""The context (msgctxt) of the texts that pages say themselves; their msgid is a key, such as `customer.title`."""
TABLE = 200
"""The form of a number is told for all below; beyond, the last hundred repeat: no language looks further."""

Key = tuple[str | None, str]


def compile_messages(folder: Path | None = None) -> list[Path]:
    """Compiles all when one is newer than what was made of it. Returns what was written."""
    folder = folder or environment.examine()[0].LOCALE_DIR
    sources = sorted(folder.glob(f"*/{FILE}"))
    made = [target for source in sources for target in _targets(source)]
    newest = max((source.stat().st_mtime for source in sources), default=0)
    if all(target.exists() and target.stat().st_mtime >= newest for target in made):
        return []
    catalogues = {source: polib.pofile(str(source), wrapwidth=0) for source in sources}
    wanted = _wanted(catalogues, folder / SOURCE / FILE)
    for source, file in catalogues.items():
        whole = _completed(file, wanted)
        for target, content in zip(_targets(source), (whole.to_binary(), _for_pages(whole)), strict=True):
            draft = target.with_suffix(f".{os.getpid()}.new")
            draft.write_bytes(content)
            draft.replace(target)
    return made


def _targets(source: Path) -> tuple[Path, Path]:
    return source.with_suffix(".mo"), source.with_name("browser.json")


def _wanted(catalogues: dict[Path, Any], english: Path) -> dict[Key, Any]:
    """The texts of pages that the English catalogue holds, and the texts of the server that any holds."""
    entries = [
        entry
        for path, file in catalogues.items()
        for entry in file
        if not entry.obsolete and (path == english or entry.msgctxt != BROWSER)
    ]
    return {(entry.msgctxt, entry.msgid): entry for entry in entries}


def _completed(file: Any, wanted: dict[Key, Any]) -> Any:
    """A catalogue of all texts; those that this one lacks, or is not sure of, are English."""
    form_of = rule_of(file)
    forms = [form_of(n) for n in range(TABLE)]
    own = {(entry.msgctxt, entry.msgid): entry for entry in file if entry.translated()}
    whole = polib.POFile()
    whole.metadata = file.metadata
    for key, source in wanted.items():
        entry = own.get(key)
        if entry is None:
            entry = polib.POEntry(msgctxt=source.msgctxt, msgid=source.msgid, msgid_plural=source.msgid_plural)
            one, other = _english(source)
            if source.msgid_plural:
                entry.msgstr_plural = {form: one if form == forms[1] else other for form in sorted(set(forms))}
            else:
                entry.msgstr = one
        whole.append(entry)
    return whole


def _english(entry: Any) -> tuple[str, str]:
    """For one, and for any other number: of the pages' texts the English catalogue's, of the others they themselves."""
    if entry.msgctxt != BROWSER:
        return entry.msgid, entry.msgid_plural
    forms = _forms(entry) or [entry.msgstr]
    return forms[0], forms[-1]


def _for_pages(file: Any) -> bytes:
    """`{"forms": "1011…", "texts": {key: text or [forms]}}`: one digit for each number below TABLE."""
    form_of = rule_of(file)
    pages = [entry for entry in file if entry.msgctxt == BROWSER]
    texts = {entry.msgid: _forms(entry) if entry.msgid_plural else entry.msgstr for entry in pages}
    whole = {"forms": "".join(str(form_of(n)) for n in range(TABLE)), "texts": dict(sorted(texts.items()))}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def _forms(entry: Any) -> list[str]:
    return [text for _form, text in sorted(entry.msgstr_plural.items())]


def rule_of(file: Any) -> Callable[[int], int]:
    """The header's `Plural-Forms`, as Python's gettext reads it; English's where there is none. Raises ValueError."""
    parts = dict(part.strip().split("=", 1) for part in file.metadata.get("Plural-Forms", "").split(";") if "=" in part)
    try:
        rule: Callable[[int], int] = c2py(parts.get("plural", "n != 1"))
    except ValueError as error:
        raise ValueError(f"{file.fpath}: Plural-Forms cannot be read: {error}") from None
    return rule


if __name__ == "__main__":
    for path in compile_messages():
        print(path)
