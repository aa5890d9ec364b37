"""Which of our languages a client is spoken to in, where nobody has chosen one."""

from django.conf import settings
from django.utils.translation.trans_real import parse_accept_lang_header

ELSEWHERE = "en"
"""For whoever named languages and none of ours: more people read it than the product's own."""


def of_header(accepted: str | None) -> str:
    """The best of an `Accept-Language` header; `LANGUAGE_CODE` where it names none."""
    wishes = [wish for wish, _quality in parse_accept_lang_header((accepted or "").lower()) if wish != "*"]
    ours = dict(settings.LANGUAGES)
    for wish in wishes:
        if (language := wish.partition("-")[0]) in ours:
            return language
    return ELSEWHERE if wishes else str(settings.LANGUAGE_CODE)


def of_page(locale: str | None) -> str | None:
    """What a page says of its own language, if it is one of ours."""
    language = (locale or "").replace("_", "-").partition("-")[0].lower()
    return language if language in dict(settings.LANGUAGES) else None
