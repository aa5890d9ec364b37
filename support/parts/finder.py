"""The parts that the customer's page and the console fetch, as static files among the others: hashed, kept and
compressed like them.

They are made of the sources when somebody asks for them, into DATA_DIR/parts, and anew when a source is newer: so the
default run needs no build, and a release makes them with `collectstatic`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

from support.config.schema import BASE_DIR
from support.parts import join, shrink

STATIC = BASE_DIR / "static"

SHEETS = (
    "css/tokens.css",
    "css/base.css",
    "css/shared/stage.css",
    "css/shared/chat.css",
    "css/shared/devices.css",
    "css/shared/reconnect.css",
    "css/customer/page.css",
    "css/customer/form.css",
    "css/customer/waiting.css",
    "css/customer/check.css",
    "css/customer/call.css",
    "css/customer/chat.css",
    "css/customer/widget.css",
)

CONSOLE_SHEETS = (
    "css/shared/stage.css",
    "css/shared/chat.css",
    "css/shared/files.css",
    "css/shared/devices.css",
    "css/shared/reconnect.css",
    "css/console/page.css",
    "css/console/parts.css",
    "css/console/bar.css",
    "css/console/board.css",
    "css/console/stage.css",
    "css/console/idle.css",
    "css/console/call.css",
    "css/console/diagnostics.css",
    "css/console/chat.css",
    "css/console/dossier.css",
    "css/console/card.css",
    "css/console/narrow.css",
)
"""After tokens, base and the admin's own, which every page of the admin has."""


@dataclass(frozen=True)
class Later:
    """What the customer's page fetches when it is needed: a module with what only it imports, and sheets that hold for
    nothing else. Its texts are those of LATER in support/texts/pages.py.
    """

    entry: str
    sheets: tuple[str, ...]


LATER = {
    "end": Later(
        "js/app/customer/end.js", ("css/customer/said.css", "css/customer/rating.css", "css/customer/place.css")
    ),
    "invite": Later("js/app/customer/chat/invite.js", ("css/customer/invite.css",)),
    "message": Later("js/app/customer/message/message.js", ("css/customer/message.css",)),
    "callback": Later("js/app/customer/callback.js", ("css/customer/callback.css",)),
    "chat": Later("js/app/customer/chat/chat.js", ("css/shared/files.css",)),
}
"""Name → part; what is named here the modules may `import()` (static/js/core/later.js)."""

Make = Callable[[join.Source], str]


def page_sheet(source: join.Source) -> str:
    """Without the tokens that neither it nor a sheet that comes later uses: they are the console's and the admin's."""
    later = "".join(source(path) for one in LATER.values() for path in one.sheets)
    return shrink.tokens(join.sheet(SHEETS, source), later)


def script(entry: str, source: join.Source) -> join.Script:
    return join.Script(entry, source, {name: one.entry for name, one in LATER.items()})


PARTS: dict[str, Make] = {
    "js/first.part.js": lambda source: script("js/first.js", source).whole(),
    "js/customer.part.js": lambda source: script("js/customer.js", source).module(),
    "css/customer.part.css": page_sheet,
    "js/console.part.js": lambda source: join.Script("js/console.js", source).module(),
    "css/console.part.css": partial(join.sheet, CONSOLE_SHEETS),
}
"""Static path → how it is made. Sheets stand in the folder of tokens.css, so that its addresses of fonts hold."""


def script_of(later: str) -> str:
    return f"js/customer-{later}.part.js"


def sheet_of(later: str) -> str:
    return f"css/customer-{later}.part.css"


def _part(name: str, source: join.Source) -> str:
    return script("js/customer.js", source).part(name)


for _name, _one in LATER.items():
    PARTS[script_of(_name)] = partial(_part, _name)
    PARTS[sheet_of(_name)] = partial(join.sheet, _one.sheets)


def source(name: str) -> str:
    """Raises FileNotFoundError for one that does not exist."""
    path = STATIC / name
    if not path.exists():
        raise FileNotFoundError(f"static file {name} does not exist")
    return path.read_text(encoding="utf-8")


class PartsFinder(BaseFinder):
    def find(self, path: str, find_all: bool = False, **_: Any) -> Any:
        if path not in PARTS:
            return []  # as Django's own finders say it
        found = str(made(path))
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        storage = FileSystemStorage(location=folder())
        for path in PARTS:
            made(path)
            yield path, storage

    def check(self, **_: Any) -> Any:
        return []


def folder() -> Path:
    return Path(settings.DATA_DIR) / "parts"


_stamps: dict[Path, dict[str, int]] = {}
"""What each part was made of: name of a source → when it was last written, as it was read."""
_lock = Lock()


def made(path: str) -> Path:
    """Where the part stands, made of today's sources. Only its own are looked at: this is asked for every request."""
    target = folder() / path
    with _lock:
        known = _stamps.get(target)
        if known is None or not target.exists() or any(_stamp(name) != stamp for name, stamp in known.items()):
            read: dict[str, int] = {}

            def noted(name: str) -> str:
                read[name] = _stamp(name)
                return source(name)

            _write(target, PARTS[path](noted))
            _stamps[target] = read
    return target


def _stamp(name: str) -> int:
    """When the source was last written; 0 for one that does not exist."""
    try:
        return (STATIC / name).stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _write(target: Path, text: str) -> None:
    """Whole or not at all, as several processes may do it at once; left alone when it says that already."""
    if target.exists() and target.read_text(encoding="utf-8") == text:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f"{target.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    draft.replace(target)
