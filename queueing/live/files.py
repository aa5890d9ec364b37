"""Files of a conversation as its two sides know them. What they are made of is kept elsewhere (desk/files)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from infra.redis.scripts import Command, load
from queueing import file_links

LUA = Path(__file__).parent / "lua"

State = Literal["ready", "waiting", "refused", "erased"]
"""waiting: the scanner has not looked at it yet; refused: it found something, and the content is gone; erased: an
operator has deleted it."""


@dataclass(frozen=True)
class FileInfo:
    """Facts of a file, all found out by us. `size` in bytes; `width` and `height` of pictures alone."""

    id: str
    name: str
    size: int
    mime: str
    state: State
    width: int | None = None
    height: int | None = None

    @property
    def is_picture(self) -> bool:
        return self.width is not None

    def shown(self) -> dict[str, Any]:
        """As both sides see it: with addresses that are good for an hour at least, once there is something to fetch."""
        info = {name: value for name, value in asdict(self).items() if value is not None}
        if self.state == "ready":
            info["url"] = file_links.FILES.address(self.id, file_links.CONTENT)
            if self.is_picture:
                info["thumb"] = file_links.FILES.address(self.id, file_links.THUMB)
            info["expires_at"] = file_links.ends_at() * 1000
        return info


def info_of(kept: dict[str, Any]) -> FileInfo:
    """From what the store keeps, addresses left out: they may have ended."""
    return FileInfo(**{name: kept[name] for name in FileInfo.__dataclass_fields__ if name in kept})


def may_share(party: str, conversation: str) -> Command[int]:
    """Whether a party may add to a conversation now. Errors: unknown, not_in_call; wrong_conversation (operators)."""
    return Command(load(LUA / "may_share.lua"), (party, conversation), int)


def keep(conversation: str, side: str, info: FileInfo) -> Command[bool]:
    """Makes a file of one side (`c` or `o`) known to a running conversation; False: it does not run (any more)."""
    return _put(conversation, side, info, "")


def tell(conversation: str, side: str, info: FileInfo) -> Command[bool]:
    """The file is no longer what it was: both sides hear it while the conversation runs, and see it later."""
    return _put(conversation, side, info, "1")


def _put(conversation: str, side: str, info: FileInfo, word: str) -> Command[bool]:
    text = json.dumps(info.shown(), ensure_ascii=False, separators=(",", ":"))
    return Command(load(LUA / "file.lua"), (conversation, side, info.id, text, word), bool)


def file_of(line: dict[str, Any], infos: dict[str, FileInfo]) -> FileInfo | None:
    """The file of a kept line as it is now; None for a line without one."""
    kept = line.get("file")
    if not isinstance(kept, dict):
        return None
    return infos.get(str(kept.get("id"))) or info_of(kept)


def infos_of(raw: Iterable[Any]) -> dict[str, FileInfo]:
    """By id, from the texts that a script answered with."""
    infos = (info_of(json.loads(text)) for text in raw if text)
    return {info.id: info for info in infos}
