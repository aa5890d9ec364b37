"""Every refusal of a frame that can be read says which frame it answers: a page can only mend what it can name."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signaling.wire.error_codes import ERRORS
from signaling.wire.parse import FrameError, encode, parse

ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=40)
HALVES = st.sampled_from(["\ud83d", "Ay\udc4d", "\udc4d\ud83d"])
VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT | HALVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT | HALVES, inner, max_size=3),
    max_leaves=8,
)
TYPES = st.sampled_from(
    ["chat:message", "queue:join", "call:stats", "rtc:description", "operator:available", "no:such"]
)


def deep(levels: int) -> Any:
    value: Any = 0
    for _ in range(levels):
        value = [value]
    return value


def refusal(text: str) -> FrameError | None:
    try:
        parse("customer", text)
    except FrameError as error:
        return error
    return None


@settings(max_examples=150, deadline=None)
@given(
    TYPES | ANY_TEXT | HALVES,
    st.dictionaries(
        st.sampled_from(["id", "name", "text", "media", "t", "gen", "topic"]) | ANY_TEXT, VALUES, max_size=6
    ),
    st.sampled_from([None, 31, 32, 40, 900]),
)
def test_whatever_stands_in_a_frame_its_refusal_names_it(kind: str, fields: dict[str, Any], levels: int | None) -> None:
    frame = {**fields, "type": kind}
    if levels is not None:
        frame["x"] = deep(levels)
    error = refusal(json.dumps(frame))
    if error is None:
        return
    identifier = frame.get("id")
    usable = type(identifier) is int and 0 < identifier < 2**53
    assert error.ref == (identifier if usable else kind[:64].encode(errors="replace").decode())
    assert json.loads(encode({"ref": error.ref, **error.as_dict()}))["ref"] == error.ref


@pytest.mark.parametrize(
    ("text", "code", "ref"),
    [
        ('{"type":"chat:message","id":7,"text":"\\ud83d"}', "bad_json", 7),
        ('{"type":"queue:join","name":"Ay\\ud83d","media":"chat"}', "bad_json", "queue:join"),
        ('{"type":"\\ud83d","id":"x"}', "bad_json", "?"),
        ('{"type":"queue:join","name":"A","media":"chat","attributes":{"\\ud83d":1}}', "bad_json", "queue:join"),
        ('{"type":"call:stats","rtt_ms":NaN}', "bad_frame", "call:stats"),
        ('{"type":"ping","t":' + "[" * 33 + "]" * 33 + "}", "too_deep", "ping"),
    ],
)
def test_what_only_a_lenient_reader_understands(text: str, code: str, ref: Any) -> None:
    with pytest.raises(FrameError) as caught:
        parse("customer", text)
    assert (caught.value.code, caught.value.ref) == (code, ref)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "5", '"x"', "{}", '{"type":5}', '{"type":', "[" * 60_000, '{"a":' * 10_000]
)
def test_what_names_nothing_has_no_reference(text: str) -> None:
    with pytest.raises(FrameError) as caught:
        parse("customer", text)
    assert caught.value.ref is None
    assert caught.value.code in ERRORS
