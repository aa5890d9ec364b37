"""The form before the queue, as the page has it: what a site asks, in the page's language, and its own words in all of
the languages that it offers, so that the page can change its language without asking us.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from infra.writing import language
from sites.profile import Profile
from sites.questions import MOST, STANDARD, Kind, Question, in_language

OWN_TEXTS = {
    "title": "customer.welcome.title",
    "lead": "customer.welcome.lead",
    "wait": "site.wait",
    "end": "customer.ended.thanks",
}
"""Of a site → the text of ours that it stands for; ours says nothing else while one waits."""
AUTOCOMPLETE = {Kind.NAME: "given-name", Kind.EMAIL: "email", Kind.PHONE: "tel"}
TYPES = {Kind.EMAIL: "email", Kind.PHONE: "tel"}


@dataclass(frozen=True)
class AskedField:
    """One question for templates/customer/field.html. `label` and `choices` are keys of texts, ours or the site's."""

    question: Question
    id: str
    label: str
    choices: list[tuple[str, str]] = field(default_factory=list)
    """(value, key of its text)"""

    @property
    def kind(self) -> str:
        return "choice" if self.choices else str(self.question.kind)

    @property
    def type(self) -> str:
        return TYPES.get(self.question.kind, "text")

    @property
    def autocomplete(self) -> str:
        return AUTOCOMPLETE.get(self.question.kind, "off")


def fields(site: Profile) -> list[AskedField]:
    return [_field(one) for one in site.questions if one.is_asked]


def _field(question: Question) -> AskedField:
    standard = question.kind in STANDARD
    values = question.values(language.default())
    return AskedField(
        question,
        f"ad-{question.key}" if standard else f"ad-own-{question.key}",
        f"customer.welcome.{question.key}" if standard else f"asked.{question.key}",
        [(value, f"asked.{question.key}.{number}") for number, value in enumerate(values)],
    )


def checked_by_page(site: Profile) -> list[dict[str, Any]]:
    """What the page says before we would have to: `{key, kind, required?, most?, spares?}`, spares: whom the page
    around it has signed."""
    return [
        {
            "key": one.key,
            "kind": str(one.kind),
            **({"required": True} if one.is_required else {}),
            **({"most": MOST[one.kind]} if one.kind in MOST else {}),
            **({"spares": True} if one.spares_signed else {}),
        }
        for one in site.questions
        if one.is_asked
    ]


def own_words(site: Profile, offered: Sequence[str]) -> dict[str, dict[str, str]]:
    """Language → key → text, of all that is the site's own; a language in which nothing is said has another's words
    for what nobody but the site can say."""
    words = {code: dict(_words(site, code)) for code in offered}
    return {code: texts for code, texts in words.items() if texts}


def _words(site: Profile, code: str) -> Iterable[tuple[str, str]]:
    texts = site.texts.get(code, {})
    yield from ((key, texts[name]) for name, key in OWN_TEXTS.items() if name in texts)
    if "wait" not in texts and (wait := in_language({one: said.get("wait", "") for one, said in site.texts.items()})):
        yield OWN_TEXTS["wait"], wait
    for question in site.questions:
        if question.is_asked and question.labels:
            yield f"asked.{question.key}", in_language(question.labels, code, language.default())
        for number, choice in enumerate(question.choices if question.is_asked else ()):
            yield f"asked.{question.key}.{number}", in_language(choice, code, language.default())
