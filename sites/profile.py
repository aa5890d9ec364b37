"""What pages and joins need to know of a site: plain values that no request changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from hours.schedule import Schedule
from sites.colours import AS_EVERYWHERE, Colours
from sites.lines import Lines
from sites.questions import AS_EVER, Ask, Question, Words

DEFAULT_KEY = ""
"""Of the site that is always there and needs no key."""
KEY_MAX = 32
TEXTS = {"title": 80, "lead": 300, "wait": 500, "end": 500}
"""What a site may say in its own words, and in how many characters: over the form, while one waits, at the end."""


@dataclass(frozen=True)
class Emblem:
    """A site's logo: WebP, at the address that `digest` (of its content) is part of; sides in pixels."""

    digest: str
    width: int
    height: int


@dataclass(frozen=True)
class Profile:
    """`origins`: pages that may show the widget, in their one spelling; without any, all that `ALLOWED_ORIGINS` names.
    `languages`: codes, first the one where nobody chose; without any, all that there are. `brand`: what the head of the
    widget says instead of our name. `questions`: in the order in which they are asked. `texts`: language → one of TEXTS
    → what is said instead of our own words. `typing_preview`: operators see what a customer is writing, and customers
    are told. `hours`: None where it is always open."""

    key: str = DEFAULT_KEY
    name: str = ""
    origins: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    colours: Colours = AS_EVERYWHERE
    brand: str = ""
    logo: Emblem | None = None
    typing_preview: bool = False
    questions: tuple[Question, ...] = AS_EVER
    texts: Mapping[str, Words] = field(default_factory=dict)
    hours: Schedule | None = None
    line: str = ""
    """Key of the line of those who have chosen none."""
    asks_line: Ask = Ask.NEVER

    def offered(self, known: Sequence[str]) -> list[str]:
        """Of the languages that there are, those that this site offers, in its order; all where that leaves none."""
        return [code for code in self.languages if code in known] or list(known)


@dataclass(frozen=True)
class Found:
    """`known`: there is a site of that key; otherwise `site` is the default one."""

    site: Profile
    known: bool


@dataclass(frozen=True)
class Snapshot:
    """All sites at one moment. There are few of them, so a key that there is not costs a look into a dictionary."""

    sites: Mapping[str, Profile] = field(default_factory=lambda: MappingProxyType({}))
    lines: Lines = field(default_factory=Lines)

    @property
    def default(self) -> Profile:
        return self.sites.get(DEFAULT_KEY) or Profile()

    @property
    def several(self) -> bool:
        """Whether there is any but the default one: only then pages speak of sites."""
        return bool(self.sites.keys() - {DEFAULT_KEY})

    def closed(self, moment: int) -> int:
        """How many of them take no customers at this moment (ms since 1970) by their hours."""
        return sum(site.hours is not None and not site.hours.at(moment).takes for site in self.sites.values())

    def find(self, key: str) -> Found:
        """Whatever somebody wrote into a tag, an address or a frame."""
        site = self.default if key == DEFAULT_KEY else self.sites.get(key)
        return Found(site or self.default, site is not None)

    def name_of(self, key: str) -> str:
        """For people to read: the name, else the key of a site that is gone."""
        return self.find(key).site.name if self.find(key).known else key
