"""The colours of a site: one for the light theme, one for the dark one, and all that the widget paints with them.

Whatever is derived here can be read (WCAG 2.2 AA): text has 4.5:1 to what it stands on, parts of the page that have to
be seen 3:1. What a site was given itself is held to the same when it is saved (sites/admin/form.py).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from django.contrib.staticfiles import finders

from infra.colours import contrast, lightness, mixed, nearest, parse, with_lightness

TEXT, PART = 4.5, 3.0
"""The least contrast of text, and of what is no text and has to be seen."""
WHITE, INK = "#ffffff", "#0d1514"
"""What stands on a site's colour."""
HOVER = 0.05
LIT = 0.76
"""As light a colour becomes for the dark theme where the site names none for it."""

TOKEN = re.compile(r"--ad-([\w-]+):\s*([^;]+);")
LIGHT, DARK = ":root", ':root[data-theme="dark"]'
"""Where the themes stand in tokens.css."""
AUTOMATIC = ':root:not([data-theme="light"])'

# As a bubble of the customer's own, since a bright one would glare in the dark. Its buttons take what they are painted
# with from the tokens, which mean something else there.
HEAD = (
    ".ad-page .ad-head{background:var(--ad-bubble-own);color:var(--ad-on-bubble-own);--ad-text:var(--ad-on-bubble-own);"
    "--ad-text-muted:var(--ad-on-bubble-own);--ad-surface-3:var(--ad-bubble-hover);--ad-focus:currentcolor;--ad-logo-ground:#fff}"
    ".ad-page .ad-head option{background:canvas;color:canvastext}"
)


@dataclass(frozen=True)
class Theme:
    """What a site's colour stands on and beside, of tokens.css."""

    ground: str
    surface: str
    raised: str
    muted: str
    dark: bool

    @property
    def surfaces(self) -> tuple[str, ...]:
        return self.ground, self.surface, self.raised


@cache
def themes() -> tuple[Theme, Theme]:
    """The light and the dark one. Raises FileNotFoundError without tokens.css."""
    path = finders.find("css/tokens.css")
    if not isinstance(path, str):
        raise FileNotFoundError("static file css/tokens.css does not exist")
    sheet = Path(path).read_text(encoding="utf-8")
    return _theme(tokens(sheet, LIGHT), dark=False), _theme(tokens(sheet, DARK), dark=True)


def tokens(sheet: str, theme: str = LIGHT) -> dict[str, str]:
    """What tokens.css, given as `sheet`, says in a theme: name without `--ad-` → value as it is written there."""
    return dict(TOKEN.findall(sheet.split(f"{theme} {{", 1)[1].split("}", 1)[0]))


def _theme(given: dict[str, str], *, dark: bool) -> Theme:
    return Theme(given["bg"], given["surface"], given["surface-2"], given["text-muted"], dark)


def ink_on(colour: str) -> str:
    """White or the dark of a text, whichever can be read better there."""
    return max((WHITE, INK), key=lambda ink: contrast(ink, colour))


def least_contrast(colour: str, theme: Theme) -> tuple[float, float]:
    """(of text on the colour, of the colour on what it stands on), each at worst."""
    return contrast(ink_on(colour), colour), min(contrast(colour, surface) for surface in theme.surfaces)


def fits(colour: str, theme: Theme) -> bool:
    text, part = least_contrast(colour, theme)
    return text >= TEXT and part >= PART


def nearest_fitting(colour: str, theme: Theme) -> str:
    return nearest(colour, lambda other: fits(other, theme))


def for_the_dark(light: str) -> str:
    """What the dark theme gets where a site names a colour for the light one alone."""
    _light, dark = themes()
    return nearest_fitting(with_lightness(light, max(lightness(light), LIT)), dark)


@dataclass(frozen=True)
class Colours:
    """Of a site, `#rrggbb`; empty: as everywhere. `head`: the head of the widget is painted in it."""

    light: str = ""
    dark: str = ""
    head: bool = False

    def settled(self) -> Painted | None:
        """Whatever was written: colours that fit, the dark one named; None where nothing was chosen."""
        light, dark = parse(self.light), parse(self.dark)
        if light is None:
            return None
        day, night = themes()
        return Painted(
            nearest_fitting(light, day), nearest_fitting(dark, night) if dark else for_the_dark(light), self.head
        )


@dataclass(frozen=True)
class Painted:
    """Both colours as `#rrggbb`."""

    light: str
    dark: str
    head: bool = False


AS_EVERYWHERE = Colours()


@lru_cache(maxsize=256)
def launcher(light: str) -> dict[str, str]:
    """The button on the site's pages, of a colour that fits: what it is, under a pointer, and what is drawn on it."""
    day, _night = themes()
    return {"primary": light, "primaryHover": _under_pointer(light, day), "onPrimary": ink_on(light)}


@lru_cache(maxsize=256)
def sheet(painted: Painted) -> str:
    """CSS that lays a site's colours over tokens.css; those that do not fit are made to."""
    day, night = themes()
    of_day = _rule(LIGHT, palette(nearest_fitting(painted.light, day), day))
    of_night = palette(nearest_fitting(painted.dark, night), night)
    automatic = f"@media (prefers-color-scheme:dark){{{_rule(AUTOMATIC, of_night)}}}"
    return f"{of_day}{automatic}{_rule(DARK, of_night)}{HEAD if painted.head else ''}\n"


def version(painted: Painted) -> str:
    """Of its sheet: another text has another one."""
    return hashlib.sha256(sheet(painted).encode()).hexdigest()[:8]


def _rule(selector: str, painted: dict[str, str]) -> str:
    return f"{selector}{{{';'.join(f'--ad-{name}:{colour}' for name, colour in painted.items())}}}"


def palette(colour: str, theme: Theme) -> dict[str, str]:
    """Token → colour, of one that fits the theme."""
    soft = _washed(colour, theme.surface, 0.24 if theme.dark else 0.14, theme)
    grounds = (*theme.surfaces, soft)
    text = nearest(colour, lambda other: min(contrast(other, ground) for ground in grounds) >= TEXT)
    # A bubble is large: a bright one would glare in the dark.
    bubble = (
        nearest(with_lightness(colour, 0.47), lambda other: contrast(WHITE, other) >= TEXT) if theme.dark else colour
    )
    return {
        "bg-tint": _washed(colour, theme.ground, 0.16 if theme.dark else 0.1, theme),
        "primary": colour,
        "primary-hover": _under_pointer(colour, theme),
        "on-primary": ink_on(colour),
        "primary-soft": soft,
        "primary-text": text,
        "bubble-own": bubble,
        "on-bubble-own": ink_on(bubble),
        "bubble-hover": _away_from(ink_on(bubble), bubble),
    }


def _under_pointer(colour: str, theme: Theme) -> str:
    """A step away from what is drawn on it; the other way where that would no longer be told from the page."""
    ink, own = ink_on(colour), lightness(colour)
    for other in (_away_from(ink, colour), with_lightness(colour, own + HOVER), with_lightness(colour, own - HOVER)):
        if contrast(ink, other) >= TEXT and fits(other, theme):
            return other
    return colour


def _away_from(ink: str, colour: str) -> str:
    """A step, on which the ink can be read even better."""
    return with_lightness(colour, lightness(colour) + (HOVER if ink == INK else -HOVER))


def _washed(colour: str, ground: str, share: float, theme: Theme) -> str:
    """A breath of the colour over a ground, on which even muted text can be read."""
    while share > 0:
        found = mixed(colour, ground, share)
        if contrast(theme.muted, found) >= TEXT:
            return found
        share = round(share - 0.02, 2)
    return ground
