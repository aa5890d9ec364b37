"""Lines (departments): who serves them, and what the queue needs to know of them. Plain values that no request changes.

The default line is called ''. It needs no row: whoever is a member of no line serves it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sites.questions import Ask, Kind, Question, Words, in_language

DEFAULT_LINE = ""
LINE_KEY_FORM = r"[a-z0-9][a-z0-9-]{0,31}"
LINES_MOST = 50
LEVELS = (1, 2, 3)
"""Of a member: the best is first."""
PRIORITY_MAX = 3
QUESTION_KEY = "line"
"""Of the question before a conversation that asks for the line."""


@dataclass(frozen=True)
class LineProfile:
    """`names`: language → what customers read. `priority`: 0 to PRIORITY_MAX, the highest first. `wrap_up_s`: None: as
    everywhere. `members`: adminId → level."""

    key: str = DEFAULT_LINE
    names: Words = field(default_factory=dict)
    priority: int = 0
    wrap_up_s: int | None = None
    members: Mapping[str, int] = field(default_factory=dict)

    def name(self, *languages: str) -> str:
        return in_language(self.names, *languages) or self.key

    def of_record(self, first: str) -> dict[str, Any]:
        """What the record of a conversation has of it; `first`: the language of the installation."""
        if self.key == DEFAULT_LINE and self.wrap_up_s is None:
            return {}
        named = {"line": self.key, "line_name": self.name(first)} if self.key else {}
        own = {} if self.wrap_up_s is None else {"wrap_up": self.wrap_up_s * 1000}
        return {**named, **own}


@dataclass(frozen=True)
class Lines:
    """All lines at one moment, by key; in the order in which customers read them."""

    lines: Mapping[str, LineProfile] = field(default_factory=dict)

    @property
    def several(self) -> bool:
        """Whether there is any but the default one: only then pages speak of lines."""
        return bool(self.lines.keys() - {DEFAULT_LINE})

    def find(self, *keys: str) -> LineProfile:
        """The first of these that there is, else the default one."""
        return next((self.lines[key] for key in keys if key and key in self.lines), self.default)

    @property
    def default(self) -> LineProfile:
        return self.lines.get(DEFAULT_LINE) or LineProfile()

    def served_by(self, admin_id: str) -> str:
        """As the live state has it: "<line>=<level> …"."""
        levels = {key: line.members[admin_id] for key, line in self.lines.items() if admin_id in line.members}
        return " ".join(f"{key}={level}" for key, level in levels.items()) or f"{DEFAULT_LINE}=1"

    def keys_of(self, admin_id: str) -> list[str]:
        """The keys of those lines."""
        return [word.partition("=")[0] for word in self.served_by(admin_id).split(" ")]

    @property
    def served(self) -> dict[str, str]:
        """The same of all who serve any."""
        members = {admin_id for line in self.lines.values() for admin_id in line.members}
        return {admin_id: self.served_by(admin_id) for admin_id in members}

    def named(self, value: str, first: str) -> str:
        """The key of the line with this name in the installation's language; empty where there is none."""
        return next((key for key, line in self.lines.items() if key and line.name(first) == value), "")

    def question(self, ask: Ask, labels: Words) -> Question:
        choices = tuple(line.names for key, line in self.lines.items() if key)
        return Question(QUESTION_KEY, Kind.CHOICE, ask, labels, choices)


def with_question(questions: Sequence[Question], lines: Lines, ask: Ask, labels: Words) -> tuple[Question, ...]:
    """The questions of a site, and for the line where the site asks that and there are several."""
    if ask == Ask.NEVER or not lines.several:
        return tuple(questions)
    return (*questions, lines.question(ask, labels))
