"""The loader that a site owner pastes: static/embed.js with its texts and its sheet in it, one request for all."""

from __future__ import annotations

import json
import re

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from sites import colours
from support.parts import shrink
from support.parts.finder import source
from support.texts.pages import bundle

TEXTS, STYLE = "/* texts */ {}", '/* style */ ""'
"""Where in static/embed.js they go."""
USED_TOKEN = re.compile(r"var\(--ad-([\w-]+)\)")


def loader(first: str) -> str:
    """With its texts of all languages in it, those of `first` in front."""
    codes = sorted(dict(settings.LANGUAGES), key=lambda code: code != first)
    texts = {
        code: {key.removeprefix("embed."): text for key, text in bundle("embed", code).texts.items()} for code in codes
    }
    script = source("embed.js")
    for place, value in ((TEXTS, texts), (STYLE, style())):
        if place not in script:
            raise ImproperlyConfigured(f"embed.js has no place for this: {place}")
        script = script.replace(place, json.dumps(value, ensure_ascii=False, separators=(",", ":")), 1)
    return shrink.script(shrink.casts(script))


def style() -> str:
    """launcher.css with the values of the light theme: the pages of others do not have tokens.css."""
    light = colours.tokens(source("css/tokens.css"))
    return shrink.sheet(USED_TOKEN.sub(lambda found: light[found[1]], source("css/launcher.css")))
