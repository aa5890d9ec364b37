"""Sources without comments and blanks, private names shortened. Other names stay, to be read beside the source."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import count, product
from string import ascii_lowercase

import rcssmin
import rjsmin

PRIVATE_USE = re.compile(r"\.#([A-Za-z_]\w*)")
# Strings are passed over: a selector may look like a private name.
STRING_OR_PRIVATE = re.compile(r'"(?:[^"\\\n]|\\.)*"|#([A-Za-z_]\w*)')

script: Callable[[str], str] = rjsmin.jsmin
sheet: Callable[[str], str] = rcssmin.cssmin


def private_names(module: str) -> str:
    """The module with `#a`, `#b` … for the private names of its classes, which the language lets nobody else see."""
    letters = ("".join(word) for length in count(1) for word in product(ascii_lowercase, repeat=length))
    short = dict(zip(dict.fromkeys(PRIVATE_USE.findall(module)), letters, strict=False))
    return STRING_OR_PRIVATE.sub(lambda found: f"#{short[found[1]]}" if found[1] in short else found[0], module)
