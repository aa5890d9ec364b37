"""What a site asks before a conversation, and what its owner may ask: plain values, bounded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from infra.writing import language

KEY_FORM = r"[a-z][a-z0-9_]{0,31}"
OWN_MOST = 10
"""Questions of a site's own."""
LABEL_MOST, CHOICE_MOST, CHOICES_MOST, LINK_MOST = 120, 80, 20, 300
NAME_MOST, TOPIC_MOST = 80, 200
"""As the wire has them (signaling/wire/inbound.py); tests/sites/test_questions.py compares."""

Words = Mapping[str, str]
"""Language → text."""


class Kind(TextChoices):
    NAME = "name", _("name")
    EMAIL = "email", _("e-mail")
    PHONE = "phone", _("phone")
    TOPIC = "topic", _("topic")
    TEXT = "text", _("text")
    CHOICE = "choice", _("one of a list")
    CONSENT = "consent", _("a box to tick")


MOST: Mapping[Kind, int] = {
    Kind.NAME: NAME_MOST,
    Kind.EMAIL: 254,
    Kind.PHONE: 32,
    Kind.TOPIC: TOPIC_MOST,
    Kind.TEXT: 200,
    Kind.CHOICE: CHOICE_MOST,
}
"""Characters of an answer."""
OWN = (Kind.TEXT, Kind.CHOICE, Kind.CONSENT)
STANDARD = (Kind.NAME, Kind.EMAIL, Kind.PHONE, Kind.TOPIC)
"""Each has its kind for a key, and its words in every language."""


class Ask(TextChoices):
    REQUIRED = "required", _("required")
    OPTIONAL = "optional", _("if they like")
    REQUIRED_UNSIGNED = "required-unsigned", _("required, but not of whom the page has signed")
    OPTIONAL_UNSIGNED = "optional-unsigned", _("if they like, but not of whom the page has signed")
    NEVER = "never", _("not asked")


@dataclass(frozen=True)
class Question:
    """`key` names the answer on the wire and for the page around the widget. `choices`: with any, the answer is one of
    them; a standard question has no labels. `link`: of a box, where one can read what is agreed to.
    """

    key: str
    kind: Kind
    ask: Ask
    labels: Words = field(default_factory=dict)
    choices: tuple[Words, ...] = ()
    link: str = ""

    @property
    def is_asked(self) -> bool:
        return self.ask != Ask.NEVER

    @property
    def is_required(self) -> bool:
        return self.ask in (Ask.REQUIRED, Ask.REQUIRED_UNSIGNED)

    @property
    def spares_signed(self) -> bool:
        """Whom the page has signed is not asked."""
        return self.ask in (Ask.REQUIRED_UNSIGNED, Ask.OPTIONAL_UNSIGNED)

    def values(self, first: str) -> list[str]:
        """Of its choices, as they are sent and kept, whatever language they were shown in."""
        return [in_language(choice, first) for choice in self.choices]


def in_language(words: Words, *languages: str) -> str:
    """In the first of these languages that there is something in, else in any."""
    return next((words[code] for code in languages if words.get(code)), next(filter(None, words.values()), ""))


AS_EVER = (
    Question(Kind.NAME, Kind.NAME, Ask.REQUIRED),
    Question(Kind.EMAIL, Kind.EMAIL, Ask.NEVER),
    Question(Kind.PHONE, Kind.PHONE, Ask.NEVER),
    Question(Kind.TOPIC, Kind.TOPIC, Ask.OPTIONAL),
)
"""Where a site says nothing else."""


def words_of(value: Any, most: int) -> dict[str, str]:
    """Language → text of what a row holds, whatever that is."""
    if not isinstance(value, dict):
        return {}
    return {
        code: text[:most] for code, text in value.items() if isinstance(code, str) and isinstance(text, str) and text
    }


def choices_of(value: Any) -> tuple[dict[str, str], ...]:
    """Of a row that has language → lines: the lines that stand beside each other are one choice. A language that has
    not as many as the installation's own, or else the first, is passed over."""
    if not isinstance(value, dict):
        return ()
    lists = {code: _lines(lines) for code, lines in value.items() if isinstance(code, str)}
    lists = {code: lines for code, lines in lists.items() if lines}
    count = len(lists.get(language.default()) or next(iter(lists.values()), ()))
    return tuple(
        {code: lines[number] for code, lines in lists.items() if len(lines) == count} for number in range(count)
    )


def _lines(value: Any) -> list[str]:
    if not isinstance(value, list):
        return []
    return [line[:CHOICE_MOST] for line in value[:CHOICES_MOST] if isinstance(line, str) and line]


def shown_to(questions: Sequence[Question], *, signed: bool) -> list[Question]:
    return [one for one in questions if one.is_asked and not (signed and one.spares_signed)]
