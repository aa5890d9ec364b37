"""The page of an error for a request that no view sees: too many of them, a body that is too large or does not come.

Made once for each language and wait, so that who asks a thousand times costs hardly more than a line of JSON.
"""

from __future__ import annotations

from functools import lru_cache
from types import SimpleNamespace

from django.template.loader import render_to_string
from django.utils import translation

from infra.writing import language
from support.http.errors import POLICY, error_for_status

HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
}
"""What no middleware adds to it."""


def reads_pages(accept: str | None) -> bool:
    """Whether this `Accept` is a browser's that shows what it gets."""
    return "text/html" in (accept or "")


def bare_page(status: int, accept_language: str | None, retry_after: int | None = None) -> bytes:
    """The page in the reader's language. `retry_after`: whole seconds."""
    return _made(status, language.of_header(accept_language), retry_after)


@lru_cache(maxsize=512)
def _made(status: int, code: str, retry_after: int | None) -> bytes:
    with translation.override(code):
        said = SimpleNamespace(message=error_for_status(status).message, retry_after=retry_after)
        return render_to_string("error.html", {"error": said, "status": status, "home": "/"}).encode()
