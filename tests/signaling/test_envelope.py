"""The text of a frame, and what it means, whatever the order of its members."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.wire.envelope import ENDED, OTHER, READY, Envelope, kind_of

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KINDS = {"queue:ready": READY, "call:ended": ENDED, "queue:left": ENDED, "chat:message": OTHER, "queue:position": OTHER}


@st.composite
def frames(draw: st.DrawFn) -> dict[str, Any]:
    """A type among other members, in any order; a value may look like another frame."""
    members = draw(st.dictionaries(st.text(max_size=9), VALUES, max_size=4))
    lookalike = st.sampled_from(['{"type":"queue:ready"', '"type":"call:ended"', {"type": "queue:left"}])
    members["text"] = draw(lookalike)
    members["type"] = draw(st.sampled_from(sorted(KINDS)))
    return dict(draw(st.permutations(list(members.items()))))


@given(frames())
def test_the_kind_is_that_of_the_type_and_of_nothing_else(frame: dict[str, Any]) -> None:
    assert kind_of(json.dumps(frame).encode()) == KINDS[frame["type"]]


@given(frames(), st.integers(0, 2**53))
def test_the_text_is_the_frame_with_its_routing(frame: dict[str, Any], seq: int) -> None:
    for name in ("conversation", "seq"):
        frame.pop(name, None)
    envelope = Envelope(seq, b"7", "cid", OTHER, json.dumps(frame).encode())
    routing = {"conversation": "cid", "seq": seq} if seq else {"conversation": "cid"}
    assert json.loads(envelope.addressed()) == {**routing, **frame}
    assert json.loads(envelope.with_members(b'"more":[1]').addressed()) == {**routing, **frame, "more": [1]}


@pytest.mark.parametrize("frame", [b'{"t":1}', b'{"type":null}', b'{"type":7}'])
def test_a_frame_without_a_known_type_only_passes_through(frame: bytes) -> None:
    assert kind_of(frame) == OTHER
