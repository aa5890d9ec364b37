"""Names and lines keep what people need to write their language, and lose what only hides or turns."""

from __future__ import annotations

from unicodedata import category

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.writing.text import MARKS_MOST, clean_line, clean_text, is_visible, isolate

ANYTHING = st.text(st.characters(codec=None, categories=None), max_size=60)
NASTY = st.text(
    st.sampled_from("aş \n\t\r\x00\u200b\u200c\u200d\u202e\u2066\u2069\u200e\ufeff\u00ad\u0301\ufe0f\u3164\u2800\u034f")
    | st.sampled_from("👨👩🏴\U000e0067\U000e007f\u0645क्\U000e0101\u2028\ud83d"),
    max_size=40,
)
DIRECTION = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

REAL = [
    "Ayşe Yılmaz",
    "José",
    "Jose\u0301",
    "می\u200cخواهم",
    "نه\u200c",
    "क्\u200dष",
    "ශ්\u200dරී",
    "محمد علی",
    "יוסף",
    "שָׁל֥וֹם",
    "👨\u200d👩\u200d👧",
    "👩🏽\u200d💻",
    "❤\ufe0f\u200d🔥",
    "🙂\u200d↔\ufe0f",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "1\ufe0f\u20e3",
    "🇹🇷",
    "葛\U000e0100城",
    "ဖြစ်ပါသည်",
    "ཧཱུྃ",
    "Nguyễn",
    "O’Brien-Şahin",
    "\u06dd",
]


@pytest.mark.parametrize("text", REAL)
def test_what_people_are_called_stays_as_it_is(text: str) -> None:
    assert clean_line(text) == text
    assert clean_text(text) == text
    assert is_visible(text)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Ay\u202eeşN", "AyeşN"),
        ("A\u2066b\u2069\u200ec", "Abc"),
        ("A\u200bd\ufeffa\u2060", "Ada"),
        ("Ada\u200d", "Ada"),
        ("A\u200cd", "Ad"),
        ("👨\u200d", "👨"),
        ("x\ufe0f\ufe0f\ufe0f", "x\ufe0f"),
        (" \ufe0fAda", "Ada"),
        ("A\x00d\x07a\x85b\u2028c", "A d a b c"),
        ("soft\u00adhyphen", "softhyphen"),
        ("\U000e0067\U000e0062Ada", "Ada"),
        ("Z" + "\u0335" * 50, "Z" + "\u0335" * MARKS_MOST),
        ("\u2800Ada\u2800", "Ada"),
        ("half \ud83d emoji", "half emoji"),
    ],
)
def test_what_hides_or_turns_goes(text: str, line: str) -> None:
    assert clean_line(text) == line


@pytest.mark.parametrize(
    "text", ["\u3164", "\u200b\u200d", "\u2800 \u2800", "\u202e", "\u0301", " \n\t", "\u115f\u1160", "", "\u00ad"]
)
def test_what_nobody_can_see_is_not_visible(text: str) -> None:
    assert not is_visible(clean_line(text))
    assert not is_visible(clean_text(text))


def test_only_what_runs_from_right_to_left_is_isolated() -> None:
    assert isolate("Ayşe 👨\u200d👩\u200d👧") == "Ayşe 👨\u200d👩\u200d👧"
    assert isolate("محمد 12") == "\u2068محمد 12\u2069"
    assert isolate("a שלום") == "\u2068a שלום\u2069"


def test_lines_of_chat_keep_their_breaks_and_their_direction_marks() -> None:
    assert clean_text("a\r\nb\n\n\tc  d\u200f!") == "a\nb\n\n\tc  d\u200f!"


@settings(max_examples=400, deadline=None)
@given(ANYTHING | NASTY)
def test_whatever_comes_is_harmless_and_settled_afterwards(text: str) -> None:
    for clean in (clean_line, clean_text):
        result = clean(text)
        assert clean(result) == result
        assert len(result) <= len(text)
        assert not DIRECTION & set(result)
        result.encode()
        marks = 0
        for character in result:
            kind = category(character)
            assert kind not in ("Cs", "Zl", "Zp")
            assert kind != "Cc" or (clean is clean_text and character in "\n\t")
            if kind not in ("Mn", "Me") and character not in "\u200c\u200d":
                marks = 0
            elif kind in ("Mn", "Me") and not "\ufe00" <= character <= "\ufe0f" and character < "\U000e0100":
                marks += 1
            assert marks <= MARKS_MOST
    assert "\n" not in clean_line(text)


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=40))
def test_letters_digits_and_signs_are_never_touched(text: str) -> None:
    plain = "".join(c for c in text if c not in "\u115f\u1160\u3164\uffa0\u2800\ufffc")
    assert clean_text(plain) == plain
