"""Colours as people write them (`#0e5f57`), how well two can be told apart (WCAG 2.2), and the nearest that can be.

Lightness and hue are those of Oklab (https://bottosson.github.io/posts/oklab/): a colour that is made lighter or darker
there looks like the same one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import lru_cache

HEX = re.compile(r"#?([0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
STEPS = 200
"""Of lightness, when a colour is looked for: finer than eyes tell apart."""
HALVINGS = 7
"""When the strongest is looked for that a screen can show."""

SLACK = 0.0001
"""Of a channel beyond what a screen shows: less than a step of it, and more than the error of computing."""

Numbers = tuple[float, float, float]


def parse(text: str) -> str | None:
    """`#rrggbb` in small letters, of that with or without `#`, or of its short form; None for anything else."""
    found = HEX.fullmatch(text.strip())
    if found is None:
        return None
    digits = found[1].lower()
    return "#" + ("".join(digit * 2 for digit in digits) if len(digits) == 3 else digits)


def contrast(one: str, other: str) -> float:
    """1 (the same) to 21 (black on white)."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@lru_cache(maxsize=4096)
def luminance(colour: str) -> float:
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def mixed(colour: str, ground: str, share: float) -> str:
    """`colour` laid over `ground`; `share` 1 is nothing but `colour`."""
    pairs = zip(_channels(colour), _channels(ground), strict=True)
    return _hex(tuple(round(above * share + below * (1 - share)) for above, below in pairs))


def lightness(colour: str) -> float:
    """0 (black) to 1 (white), as eyes see it."""
    return _to_oklab(colour)[0]


def with_lightness(colour: str, wanted: float) -> str:
    """The same hue as light as that, and as strong as a screen can show it there."""
    _own, a, b = _to_oklab(colour)
    wanted = min(1.0, max(0.0, wanted))
    found = _from_oklab((wanted, a, b))
    if found is not None:
        return found
    found, least, most = "#000000" if wanted < 0.5 else "#ffffff", 0.0, 1.0
    for _halving in range(HALVINGS):
        strength = (least + most) / 2
        shown = _from_oklab((wanted, a * strength, b * strength))
        if shown is None:
            most = strength
        else:
            found, least = shown, strength
    return found


def nearest(colour: str, fits: Callable[[str], bool]) -> str:
    """The colour of this hue that `fits`, and is least lighter or darker. Itself when it fits, or when none does."""
    if fits(colour):
        return colour
    own = lightness(colour)
    for step in range(1, STEPS + 1):
        for wanted in (own - step / STEPS, own + step / STEPS):
            if 0 <= wanted <= 1 and fits(found := with_lightness(colour, wanted)):
                return found
    return next((grey for grey in ("#000000", "#ffffff") if fits(grey)), colour)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _hex(channels: tuple[int, ...]) -> str:
    return "#" + "".join(f"{channel:02x}" for channel in channels)


def _linear(colour: str) -> Numbers:
    red, green, blue = (_light(channel / 255) for channel in _channels(colour))
    return red, green, blue


def _light(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _sign(value: float) -> float:
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055


@lru_cache(maxsize=1024)
def _to_oklab(colour: str) -> Numbers:
    r, g, b = _linear(colour)
    long = math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
    middle = math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
    short = math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def _from_oklab(lab: Numbers) -> str | None:
    """None for a colour that no screen shows."""
    lightness, a, b = lab
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
    if any(value < -SLACK or value > 1 + SLACK for value in linear):
        return None
    return _hex(tuple(round(255 * _sign(min(1.0, max(0.0, value)))) for value in linear))
