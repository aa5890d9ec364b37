"""Text as people search it."""

from __future__ import annotations

import unicodedata

from infra.storable import storable

FOLDED_MAX = 8_000
"""Characters. A few letters fold to eighteen; nobody searches for the end of 4,000 of them."""


def fold(text: str) -> str:
    """How a text is compared in a search: no case, no marks, one kind of i.

    Databases cannot be asked to do it: SQLite folds ASCII alone, and PostgreSQL by the rules of one language, in which
    `I` and `ı` belong together or not. So `IŞIK`, `ışık` and `isik` are the same here, in every database.
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    # Twice: a compatibility character may decompose into capitals.
    letters = (letter for letter in plain.casefold() if not unicodedata.combining(letter))
    return storable("".join(letters).replace("ı", "i"))[:FOLDED_MAX]
