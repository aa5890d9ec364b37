"""What a customer answers, held against what a site asks."""

from __future__ import annotations

from typing import Any
from unicodedata import category

import pytest
from django.utils import translation
from hypothesis import example, given
from hypothesis import strategies as st

from infra.errors import DomainError
from infra.writing.text import clean_line, is_visible
from sites.answers import Given, check
from sites.profile import Profile
from sites.questions import AS_EVER, MOST, Ask, Kind, Question
from tests.sites.test_lookup import HOSTILE

ORDER = Question("order", Kind.TEXT, Ask.REQUIRED, {"tr": "Sipariş", "en": "Order"})
REASON = Question(
    "reason",
    Kind.CHOICE,
    Ask.OPTIONAL,
    {"tr": "Neden"},
    ({"tr": "İade", "en": "Return"}, {"tr": "Kargo", "en": "Parcel"}),
)
TERMS = Question(
    "terms", Kind.CONSENT, Ask.REQUIRED, {"tr": "Onay", "en": "I agree"}, link="https://shop.example/terms"
)
EMAIL = Question("email", Kind.EMAIL, Ask.REQUIRED_UNSIGNED)
PHONE = Question("phone", Kind.PHONE, Ask.OPTIONAL)
ALL = Profile(questions=(*AS_EVER[:1], EMAIL, PHONE, AS_EVER[3], ORDER, REASON, TERMS))
GOOD = {"email": "ada@example.org", "order": "A-1", "terms": True}


def answer(
    site: Profile = ALL, *, signed: str | None = None, name: str = "Ada", topic: str = "", **answers: Any
) -> Given:
    with translation.override("en"):
        return check(site, name=name, topic=topic, answers=answers, spoken="en", signed_name=signed)


def faults(**given: Any) -> dict[str, str]:
    with pytest.raises(DomainError) as refused:
        answer(**given)
    assert refused.value.code == "answers_refused"
    assert not refused.value.retryable
    assert refused.value.fields
    return refused.value.fields


def test_what_is_asked_is_kept_in_its_order() -> None:
    given = answer(**{**GOOD, "phone": "+90 (212) 555-01 01", "reason": "Kargo"})
    assert (given.name, given.topic, given.dropped) == ("Ada", "", 0)
    assert given.answers == [
        {"key": "email", "kind": "email", "value": "ada@example.org"},
        {"key": "phone", "kind": "phone", "value": "+90 (212) 555-01 01"},
        {"key": "order", "kind": "text", "value": "A-1", "label": "Sipariş"},
        {"key": "reason", "kind": "choice", "value": "Kargo", "label": "Neden"},
        # What was agreed to: in the words that were read.
        {"key": "terms", "kind": "consent", "value": True, "label": "I agree", "link": "https://shop.example/terms"},
    ]


def test_each_fault_is_named_by_its_question() -> None:
    assert set(faults(name="")) == {"name", "answers.email", "answers.order", "answers.terms"}
    assert "Order" in faults(**{**GOOD, "order": " \u200b"})["answers.order"]
    assert "I agree" in faults(**{**GOOD, "terms": False})["answers.terms"]
    assert "I agree" in faults(**{**GOOD, "terms": "yes"})["answers.terms"]
    assert "200" in faults(**{**GOOD, "order": "x" * 201})["answers.order"]
    assert set(faults(**{**GOOD, "reason": "Parcel"})) == {"answers.reason"}  # the page sends it as it is kept
    for wrong in ("ada", "ada@", "a b@example.org", "ada@example.org\nBcc: x@example.org", "@"):
        assert set(faults(**{**GOOD, "email": wrong})) == {"answers.email"}
    for wrong in ("12", "call me", "+++++", "0212x5550101", "javascript:1"):
        assert set(faults(**{**GOOD, "phone": wrong})) == {"answers.phone"}


def test_whom_the_page_has_signed_is_spared() -> None:
    rest = {"order": "A-1", "terms": True}
    assert [one["key"] for one in answer(signed="", **rest).answers] == ["order", "terms"]
    spared = Profile(questions=(Question("name", Kind.NAME, Ask.REQUIRED_UNSIGNED),))
    assert answer(spared, signed="Ada Lovelace", name="").name == "Ada Lovelace"
    assert answer(spared, signed="", name="Ada").name == "Ada"
    assert "name" in faults(site=spared, name="")


def test_who_is_not_asked_has_a_name_all_the_same() -> None:
    silent = Profile(questions=(Question("name", Kind.NAME, Ask.NEVER),))
    assert answer(silent, name="").name == "Ziyaretçi"
    # What the page around knows is better.
    assert answer(silent, name=" Ada ", topic=" bill ") == Given("Ada", "bill", [], 0)


def test_a_topic_of_a_list_is_of_the_list() -> None:
    listed = Profile(questions=(AS_EVER[0], Question("topic", Kind.TOPIC, Ask.OPTIONAL, choices=({"tr": "Fatura"},))))
    assert answer(listed, topic="Fatura").topic == "Fatura"
    assert answer(listed).topic == ""
    assert "topic" in faults(site=listed, topic="anything")


def test_what_nobody_has_asked_is_dropped_and_counted() -> None:
    said = {**GOOD, "name": "Eve", "topic": "x"}
    assert check(Profile(), name="Ada", topic="", answers=said, spoken="en", signed_name=None) == Given(
        "Ada", "", [], 3
    )


hostile = st.one_of(st.text(max_size=300), st.booleans(), st.none(), st.sampled_from([word[:1000] for word in HOSTILE]))


@given(
    st.dictionaries(st.one_of(st.sampled_from([*GOOD, "phone", "reason"]), st.text(max_size=8)), hostile),
    st.text(max_size=90), st.text(max_size=250), st.booleans(), st.text(max_size=5),
)  # fmt: skip
@example({**GOOD, "order": "\U00018d09"}, "\U00018d09", "", False, "")
@example({**GOOD, "order": "👩\u200d💻\u2028\x00"}, "Ada", "", True, "tr")
def test_whatever_is_answered_fits_or_is_refused(
    answers: dict[str, Any], name: str, topic: str, signed: bool, spoken: str
) -> None:
    signed_name = "Ada" if signed else None
    found = refused = None
    try:
        found = check(ALL, name=name, topic=topic, answers=answers, spoken=spoken, signed_name=signed_name)
    except DomainError as error:
        refused = error
    if refused is not None:
        assert refused.code == "answers_refused"
        assert set(refused.fields or {}) <= {"name", "topic", *(f"answers.{one.key}" for one in ALL.questions)}
    else:
        assert found is not None
        fits(found, signed=signed)


def fits(found: Given, *, signed: bool) -> None:
    assert is_visible(found.name)
    assert len(found.name) <= MOST[Kind.NAME]
    assert len(found.answers) <= len(ALL.questions)
    for one in found.answers:
        value = one["value"]
        # Of characters that Python's Unicode does not know yet `isprintable` says no, and of a family's joiners.
        assert value is True or (is_visible(value) and len(value) <= 254 and clean_line(value) == value)
        assert value is True or not {category(character) for character in value} & {"Cc", "Cs", "Zl", "Zp"}
    kept = {one["key"] for one in found.answers}
    assert {"order", "terms"} <= kept
    assert signed or "email" in kept
