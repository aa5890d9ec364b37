"""The texts that pages say themselves: one JSON for a page's part in one language, kept by browsers for ever.

Its address bears a hash of its content. A page of an earlier version that asks with another hash gets today's texts.
"""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import condition, require_safe

from infra.writing.catalogues import Language, languages
from support.launcher.messages import compile_messages

log = logging.getLogger(__name__)

PARTS = {
    "customer": ("common.", "customer."),
    "customer-end": (
        *("customer.ended.", "customer.said.", "customer.mail.", "customer.rating."),
        *("customer.refused.", "customer.replaced.", "customer.place."),
        *("common.offer.", "common.output.offer", "common.output.default", "common.output.none"),
        *("common.output.prompt", "common.output.single"),
        *("customer.waiting.closing.", "customer.waiting.closed."),
    ),
    "customer-invite": ("customer.invite.",),
    "customer-chat": ("common.files.",),
    "customer-message": ("customer.message.",),
    "customer-callback": ("customer.callback.",),
    "console": ("common.", "console."),
    "embed": ("embed.",),
}
"""Which texts belong to which page, by the beginnings of their keys."""
LATER = {
    "customer": {
        "end": "customer-end",
        "invite": "customer-invite",
        "chat": "customer-chat",
        "message": "customer-message",
        "callback": "customer-callback",
    }
}
"""Page → what of its texts comes with a later part (support/parts/finder.py), and not with it."""


@dataclass(frozen=True)
class Bundle:
    """`content` is what a page downloads: browser.json (support/launcher/messages.py) with the part's texts alone."""

    texts: dict[str, str | list[str]]
    content: bytes
    digest: str


@cache
def known() -> dict[str, Language]:
    """Code → language. Compiles first where that has not been done: a page without texts is none."""
    try:
        compile_messages(settings.LOCALE_DIR)
    except OSError:
        # Perhaps not ours to write; then what is there is shown.
        log.warning("translations not compiled", exc_info=True)
    return {language.code: language for language in languages(settings.LOCALE_DIR)}


@cache
def bundle(part: str, code: str) -> Bundle:
    """Raises KeyError for a part or a language that there is not."""
    beginnings, language = PARTS[part], known()[code]
    later = tuple(one for name in LATER.get(part, {}).values() for one in PARTS[name])
    whole = json.loads(language.file.with_name("browser.json").read_bytes())
    texts = {
        key: text for key, text in whole["texts"].items() if key.startswith(beginnings) and not key.startswith(later)
    }
    said = {key: _shortest(text) for key, text in texts.items()}
    content = json.dumps({**whole, "texts": said}, ensure_ascii=False, separators=(",", ":")).encode()
    return Bundle(texts, content, hashlib.sha256(content).hexdigest()[:8])


def _shortest(text: str | list[str]) -> str | list[str]:
    """Of forms that do not differ one."""
    return text[0] if isinstance(text, list) and len(set(text)) == 1 else text


def spoken(part: str) -> list[dict[str, Any]]:
    """What a page is told of the languages: `{code, name, dir, texts: address, later: {part: address}}` each, in our
    order.
    """
    return [
        {
            "code": code,
            "name": language.name,
            "dir": language.direction,
            "texts": _address(part, code),
            "later": {name: _address(texts, code) for name, texts in LATER.get(part, {}).items()},
        }
        for code, language in known().items()
    ]


def _address(part: str, code: str) -> str:
    return reverse("texts", args=(part, code, bundle(part, code).digest))


def _tag(request: HttpRequest, part: str, code: str, digest: str) -> str | None:
    return f'"{bundle(part, code).digest}"' if part in PARTS and code in known() else None


@require_safe
@condition(etag_func=_tag)
def texts(request: HttpRequest, part: str, code: str, digest: str) -> HttpResponse:
    """One bundle. For ever under its own hash, else for now."""
    if part not in PARTS or code not in known():
        raise Http404
    found = bundle(part, code)
    response = HttpResponse(found.content, content_type="application/json")
    response["Content-Language"] = code
    response["Cache-Control"] = "public, max-age=31536000, immutable" if digest == found.digest else "no-cache"
    return response
