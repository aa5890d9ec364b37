"""What pages need to know goes to the browser as one JSON block; no page has inline code without a nonce."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse

from infra.writing import language
from support.texts import pages


def config_of(socket_path: str, part: str, offered: Sequence[str] = ()) -> dict[str, Any]:
    """`offered`: languages, if not all, in their order; the one in force is among them."""
    languages = pages.spoken(part)
    if offered:
        by_code = {one["code"]: one for one in languages}
        languages = [by_code[code] for code in offered]
    return {
        "wsUrl": socket_path,
        "locale": language.in_force(),
        "languages": languages,
        "features": {
            "queue": settings.ENABLE_QUEUE,
            "turn": bool(settings.TURN_SERVERS),
            "calls": settings.CALLS_FROM_CHAT,
            "video": settings.ENABLE_VIDEO,
        },
        "filesUrl": reverse("files"),
    }


def texts_url(config: dict[str, Any]) -> str:
    """Where the texts are that the page will most likely show."""
    return next(str(known["texts"]) for known in config["languages"] if known["code"] == config["locale"])
