"""Colours: how they are written, told apart, and the nearest that can be."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from infra import colours
from support.config.schema import BASE_DIR

hexes = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("#0E5F57", "#0e5f57"),
        (" 0e5f57 ", "#0e5f57"),
        ("#fc0", "#ffcc00"),
        ("", None),
        ("#", None),
        ("#ff", None),
        ("#ffcc0g", None),
        ("#ffcc001", None),
        ("red", None),
        ("#ffcc00;}", None),
        ("\u0665\u0665\u0665", None),  # digits, but none of ours
        ("url(#fff)", None),
    ],
)
def test_what_people_write(written: str, meant: str | None) -> None:
    assert colours.parse(written) == meant


@given(st.text(max_size=30))
def test_whatever_is_read_is_six_digits(text: str) -> None:
    found = colours.parse(text)
    assert found is None or (len(found) == 7 and found[0] == "#" and set(found[1:]) <= set("0123456789abcdef"))


def test_contrasts_are_those_of_the_guidelines() -> None:
    assert colours.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert colours.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert colours.contrast("#ff0000", "#ffffff") == pytest.approx(4.0, abs=0.01)
    assert colours.contrast("#123456", "#123456") == 1


@given(hexes, hexes, st.floats(0, 1))
def test_a_mixture_lies_between(one: str, other: str, share: float) -> None:
    mixture = colours.mixed(one, other, share)
    least, most = sorted((colours.luminance(one), colours.luminance(other)))
    assert colours.parse(mixture) == mixture
    if share in (0, 1):
        assert mixture == (one if share else other)
    if one == other:
        assert mixture == one
    # Channel by channel, as screens do it.
    for begin in (1, 3, 5):
        channels = sorted((int(one[begin : begin + 2], 16), int(other[begin : begin + 2], 16)))
        assert channels[0] <= int(mixture[begin : begin + 2], 16) <= channels[1]
    assert least >= 0
    assert most <= 1


@given(hexes)
def test_a_colour_as_light_as_itself_is_itself(colour: str) -> None:
    again = colours.with_lightness(colour, colours.lightness(colour))
    for begin in (1, 3, 5):
        assert abs(int(colour[begin : begin + 2], 16) - int(again[begin : begin + 2], 16)) <= 1


@given(hexes, st.floats(-1, 2))
@example("#000000", 0.0533)
def test_it_becomes_as_light_as_wanted(colour: str, wanted: float) -> None:
    found = colours.with_lightness(colour, wanted)
    assert colours.parse(found) == found
    # Beside black half a step of a channel is as large: (0.5 / 255 / 12.92) ** (1 / 3).
    assert colours.lightness(found) == pytest.approx(min(1, max(0, wanted)), abs=0.0534)


@given(hexes, hexes, st.floats(2, 4.5))
def test_the_nearest_can_be_told_from_the_ground_and_nothing_nearer_can(colour: str, ground: str, least: float) -> None:
    def fits(other: str) -> bool:
        return colours.contrast(other, ground) >= least

    found = colours.nearest(colour, fits)
    assert fits(found)
    if fits(colour):
        assert found == colour
        return
    away = abs(colours.lightness(found) - colours.lightness(colour))
    for step in range(1, 20):
        for wanted in (-1, 1):
            nearer = colours.lightness(colour) + wanted * away * step / 20
            if away * step / 20 < away - 3 / colours.STEPS and 0 <= nearer <= 1:
                assert not fits(colours.with_lightness(colour, nearer))


def test_where_none_fits_it_stays() -> None:
    assert colours.nearest("#123456", lambda _other: False) == "#123456"


def test_what_stands_small_in_a_bubble_can_be_read() -> None:
    tokens = (BASE_DIR / "static/css/tokens.css").read_text()
    light, automatic, chosen = (
        dict(re.findall(r"--ad-([\w-]+):\s*(#\w{6});", tokens[tokens.index(f"{selector} {{") :].partition("}")[0]))
        for selector in (":root", ':root:not([data-theme="light"])', ':root[data-theme="dark"]')
    )
    for theme in (light, light | automatic, light | chosen):
        assert colours.contrast(theme["on-bubble-own-muted"], theme["bubble-own"]) >= 4.5
        assert colours.contrast(theme["text-muted"], theme["bubble-peer"]) >= 4.5
