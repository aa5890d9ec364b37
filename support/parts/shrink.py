"""Sources without comments and blanks, private names shortened. Other names stay, to be read beside the source."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from itertools import count, product
from string import ascii_lowercase

import rcssmin
import rjsmin

PRIVATE_USE = re.compile(r"\.#([A-Za-z_]\w*)")
# Strings are passed over: a selector may look like a private name.
STRING_OR_PRIVATE = re.compile(r'"(?:[^"\\\n]|\\.)*"|#([A-Za-z_]\w*)')

# Of one name or member alone: without the brackets it means the same wherever it stands.
CAST = re.compile(r"/\*\* @type \{[^*]*\} \*/ \(([A-Za-z_$][\w$.#]*)\)")
TOKEN = re.compile(r"(?<=[{;])(--[\w-]+):[^;{}]*;?")
USED_TOKEN = re.compile(r"var\(\s*(--[\w-]+)")

script: Callable[[str], str] = rjsmin.jsmin
sheet: Callable[[str], str] = rcssmin.cssmin


def private_names(module: str) -> str:
    """The module with `#a`, `#b` … for the private names of its classes, which the language lets nobody else see: the
    more often one stands there, the earlier its letter, so that modules resemble each other, which compresses better.
    """
    letters = ("".join(word) for length in count(1) for word in product(ascii_lowercase, repeat=length))
    often = [name for name, _times in Counter(PRIVATE_USE.findall(module)).most_common()]
    short = dict(zip(often, letters, strict=False))
    return STRING_OR_PRIVATE.sub(lambda found: f"#{short[found[1]]}" if found[1] in short else found[0], module)


def casts(module: str) -> str:
    """The module without the brackets that JSDoc wants around a name whose type it says."""
    return CAST.sub(r"\1", module)


def tokens(sheet: str, *others: str) -> str:
    """The short sheet without the custom properties that no `var()` asks for, in it or in the `others`."""
    used = {name for text in (sheet, *others) for name in USED_TOKEN.findall(text)}
    return TOKEN.sub(lambda found: found[0] if found[1] in used else "", sheet)
