"""The parts that the customer's page fetches, as static files among the others: hashed, kept and compressed like them.

They are made of the sources when somebody asks for them, into DATA_DIR/parts, and anew when a source is newer: so the
default run needs no build, and a release makes them with `collectstatic`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

from support.config.schema import BASE_DIR
from support.parts import join

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
    "css/customer/said.css",
    "css/customer/widget.css",
)

Make = Callable[[join.Source], str]
PARTS: dict[str, Make] = {
    "js/first.part.js": partial(join.whole, "js/first.js"),
    "js/customer.part.js": partial(join.module, "js/customer.js"),
    "css/customer.part.css": partial(join.sheet, SHEETS),
}
"""Static path → how it is made. Sheets stand in the folder of tokens.css, so that its addresses of fonts hold."""


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


_newest: dict[Path, int] = {}
_lock = Lock()


def made(path: str) -> Path:
    """Where the part stands, made of today's sources."""
    target = folder() / path
    with _lock:
        newest = max(entry.stat().st_mtime_ns for kind in ("js", "css") for entry in (STATIC / kind).rglob("*.*s"))
        if _newest.get(target) != newest or not target.exists():
            _write(target, PARTS[path](source))
            _newest[target] = newest
    return target


def _write(target: Path, text: str) -> None:
    """Whole or not at all, as several processes may do it at once; left alone when it says that already."""
    if target.exists() and target.read_text(encoding="utf-8") == text:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f"{target.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    draft.replace(target)
