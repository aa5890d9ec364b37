"""Which of our languages a client is spoken to in, where nobody has chosen one."""

from collections.abc import Sequence

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation.trans_real import parse_accept_lang_header

from infra.writing.catalogues import SOURCE

ELSEWHERE = SOURCE
"""For whoever named languages and none of ours: more people read it than the product's own."""


def of_header(accepted: str | None) -> str:
    """The best of an `Accept-Language` header; `LANGUAGE_CODE` where it names none."""
    wishes = [wish for wish, _quality in parse_accept_lang_header((accepted or "").lower()) if wish != "*"]
    for wish in wishes:
        if language := of_page(wish):
            return language
    return ELSEWHERE if wishes else str(settings.LANGUAGE_CODE)


def of_page(locale: str | None, offered: Sequence[str] = ()) -> str | None:
    """What a page (or Telegram) says of somebody's language, if it is one of ours (or of those `offered`): that very
    one, else its like (`en` for `en-GB`, `pt-br` for `pt`)."""
    wish = (locale or "").replace("_", "-").lower()
    base = wish.partition("-")[0]
    ours = offered or [code for code, _name in settings.LANGUAGES]
    alike = [code for code in ours if code.partition("-")[0] == base]
    return next((code for code in (wish, base, *alike) if code in ours), None)


def in_force() -> str:
    """The language that texts come in now."""
    return of_page(get_language()) or str(settings.LANGUAGE_CODE)


def name_of(spoken: str) -> str:
    """What the language of a page calls itself, for people to read: `English`, and `English (en-GB)` for what is only
    like one of ours; another one as the page said it."""
    ours = of_page(spoken)
    if ours is None:
        return spoken
    name = str(dict(settings.LANGUAGES)[ours])
    return name if ours == spoken.replace("_", "-").lower() else f"{name} ({spoken})"


def choices() -> list[tuple[str, str]]:
    """Of a form or a column. Named, not listed, in migrations: a catalogue is added without one."""
    return list(settings.LANGUAGES)


def default() -> str:
    """Where nobody chose one."""
    return str(settings.LANGUAGE_CODE)
