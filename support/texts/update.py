"""Brings catalogues to what the code and the pages name: new texts are added empty, dead ones go."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import django
import polib
from django.conf.locale import LANG_INFO

from infra.writing.catalogues import FILE, SOURCE
from support.launcher.messages import BROWSER, rule_of
from support.texts.collect import Key, Text

HEADER = {
    "Project-Id-Version": "Adminara",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
}
ADMIN = Path(django.__file__).parent / "contrib" / "admin" / "locale"


def update(folder: Path, texts: dict[Key, Text], *, new: str = "") -> dict[str, tuple[int, int, int]]:
    """Rewrites every catalogue in `folder`, and makes one for the language `new` (`pt_BR`). `texts` are those of the
    server; those of the pages are what the English catalogue holds, and only a hand takes one out.

    Returns, by language, how many texts were added, taken out, and have no translation yet.
    """
    english = polib.pofile(str(folder / SOURCE / FILE))
    pages: dict[Key, Text] = {
        (BROWSER, entry.msgid): Text(entry.msgid, entry.msgid_plural or None, BROWSER)
        for entry in english
        if entry.msgctxt == BROWSER
    }
    # What Django's admin says itself it also translates itself.
    theirs = {(entry.msgctxt, entry.msgid) for entry in polib.pofile(str(ADMIN / SOURCE / FILE))}
    done = {}
    for name in sorted({path.parent.parent.name for path in folder.glob(f"*/{FILE}")} | ({new} if new else set())):
        path = folder / name / FILE
        file = polib.pofile(str(path)) if path.exists() else _fresh(name)
        wanted = pages if name == SOURCE else texts | pages
        done[name] = _rewrite(file, path, wanted, theirs)
    return done


def _rewrite(file: Any, path: Path, wanted: dict[Key, Text], theirs: set[Key]) -> tuple[int, int, int]:
    has = {(entry.msgctxt, entry.msgid): entry for entry in file if not entry.obsolete}
    added = [key for key in wanted if key not in has and key not in theirs]
    dead = [key for key in has if key not in wanted]
    forms = sorted({rule_of(file)(n) for n in range(1000)})
    kept = {key: has[key] if key in has else _empty(wanted[key], forms) for key in wanted if key in has or key in added}
    whole = polib.POFile(wrapwidth=0)
    whole.header, whole.metadata = file.header, file.metadata
    whole.extend(in_order(kept.values()))
    path.parent.mkdir(parents=True, exist_ok=True)
    whole.save(str(path))
    return len(added), len(dead), len(whole.untranslated_entries()) + len(whole.fuzzy_entries())


def in_order(entries: Iterable[Any]) -> list[Any]:
    """As catalogues hold them: the server's, then each context's, by message. Two people's additions seldom meet."""
    return sorted(entries, key=lambda entry: (entry.msgctxt or "", entry.msgid))


def _empty(text: Text, forms: list[int]) -> Any:
    entry = polib.POEntry(msgid=text.message, msgid_plural=text.plural or "", msgctxt=text.context)
    if text.plural:
        entry.msgstr_plural = dict.fromkeys(forms, "")
    if text.context != BROWSER and "%" in text.message:
        entry.flags = ["python-format"]
    return entry


def _fresh(name: str) -> Any:
    """A catalogue of a language without any texts yet; what Django knows of it is taken over."""
    code = name.replace("_", "-").lower()
    file = polib.POFile(wrapwidth=0)
    plural = "nplurals=2; plural=(n != 1);"
    theirs = Path(django.__file__).parent / "conf" / "locale" / name / FILE
    if theirs.exists():
        plural = polib.pofile(str(theirs)).metadata.get("Plural-Forms", plural)
    own_name = str(LANG_INFO.get(code, {}).get("name_local", code))
    file.metadata = {**HEADER, "Language": name, "Plural-Forms": plural, "X-Language-Name": own_name}
    return file
