"""What a customer has answered, held against what the site asks: the one place that decides whether somebody may join
with it. A page says the same before (static/js/ui/customer/join-form.js).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import override

from infra.errors import DomainError
from infra.writing import language
from infra.writing.text import clean_line, is_visible
from sites.profile import Profile
from sites.questions import MOST, Kind, Question, in_language, shown_to

PHONE = re.compile(r"\+?[0-9 ()./-]+")
PHONE_DIGITS = 5

Answer = dict[str, Any]
"""{key, kind, value: text or true, label?: as its owner wrote it, link?}"""


@dataclass(frozen=True)
class Given:
    """`dropped`: how many answers were to what this site does not ask (any more)."""

    name: str
    topic: str
    answers: list[Answer]
    dropped: int


def check(
    site: Profile,
    *,
    name: str,
    topic: str,
    answers: Mapping[str, Any],
    spoken: str,
    signed_name: str | None,
) -> Given:
    """`spoken`: the customer's language. `signed_name`: what the page has signed of the name; None: nothing is signed.

    Raises DomainError answers_refused, with a sentence for each question in `fields`.
    """
    said: dict[str, Any] = {**answers, Kind.NAME: name, Kind.TOPIC: topic}
    asked = shown_to(site.questions, signed=signed_name is not None)
    faults: dict[str, str] = {}
    kept: dict[str, Answer] = {}
    first = language.default()
    for question in asked:
        value, fault = _value(question, said.get(question.key), question.values(first))
        if fault or (question.is_required and value is None):
            faults[_field(question)] = fault or _missing(question, spoken)
        elif value is not None:
            kept[question.key] = _answer(question, value, first, spoken)
    if faults:
        raise DomainError("answers_refused", " ".join(faults.values()), fields=faults)
    known = {question.key for question in site.questions if question.is_asked} | {Kind.NAME, Kind.TOPIC}
    named = kept.pop(Kind.NAME, None)
    about = kept.pop(Kind.TOPIC, None)
    # What the page says unasked is better than nothing.
    unasked = {kind: clean_line(text) for kind, text in ((Kind.NAME, name), (Kind.TOPIC, topic))}
    return Given(
        name=named["value"] if named else signed_name or unasked[Kind.NAME] or _visitor(),
        topic=about["value"] if about else unasked[Kind.TOPIC],
        answers=list(kept.values()),
        dropped=sum(key not in known for key in answers),
    )


def _visitor() -> str:
    """Of whom nobody has asked the name."""
    with override(language.default()):
        return _("Visitor")


def _field(question: Question) -> str:
    """As the frame has it."""
    return question.key if question.kind in (Kind.NAME, Kind.TOPIC) else f"answers.{question.key}"


def _missing(question: Question, spoken: str) -> str:
    label = in_language(question.labels, spoken)
    if question.kind == Kind.CONSENT:
        return _("Please agree to this first: %(question)s") % {"question": label}
    return _("Please answer this: %(question)s") % {"question": label or str(question.kind.label)}


def _value(question: Question, given: Any, choices: list[str]) -> tuple[Any, str]:
    """(value, what is wrong with it); None for no answer."""
    if question.kind == Kind.CONSENT:
        return (True, "") if given is True else (None, "")
    text = clean_line(given) if isinstance(given, str) else ""
    if not is_visible(text):
        return None, ""
    most = MOST[question.kind]
    if len(text) > most:
        return None, _("At most %(n)s characters.") % {"n": most}
    if choices and text not in choices:
        return None, _("Please choose one of the list.")
    if question.kind == Kind.EMAIL and not _is_email(text):
        return None, _("This is no e-mail address.")
    if question.kind == Kind.PHONE and not is_phone(text):
        return None, _("This is no phone number.")
    return text, ""


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def is_phone(text: str) -> bool:
    """Of one line."""
    return bool(PHONE.fullmatch(text)) and sum(map(str.isdigit, text)) >= PHONE_DIGITS


def _answer(question: Question, value: Any, first: str, spoken: str) -> Answer:
    answer: Answer = {"key": question.key, "kind": str(question.kind), "value": value}
    # Operators read it as the owner wrote it; what somebody agreed to stays in the words that they read.
    label = in_language(question.labels, spoken if question.kind == Kind.CONSENT else first)
    if label:
        answer["label"] = label
    if question.link:
        answer["link"] = question.link
    return answer
