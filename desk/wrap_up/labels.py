"""Names in every language of the installation, as outcomes and tags have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from infra.writing import language
from infra.writing.folding import fold
from infra.writing.text import clean_line, is_visible

NAME_MAX = 60


def name_in(names: Mapping[str, Any], code: str) -> str:
    """The name in that language; else in the installation's own, else any that there is."""
    order = (code, str(settings.LANGUAGE_CODE), *names)
    return next((str(names[each]) for each in order if names.get(each)), "")


def shown(names: Mapping[str, Any]) -> str:
    """In the reader's language."""
    return name_in(names, language.in_force())


def cleaned(names: Mapping[str, str]) -> dict[str, str]:
    """Those that there is something to see of."""
    lines = {code: clean_line(name)[:NAME_MAX].strip() for code, name in names.items()}
    return {code: name for code, name in lines.items() if is_visible(name)}


def clash(names: Mapping[str, str], others: Mapping[str, Any]) -> str:
    """The name that both have in one language, as a reader compares them; empty where there is none."""
    return next((name for code, name in names.items() if fold(name) == fold(str(others.get(code, "")))), "")
