"""Service workers: their source with the server's facts, one version for each set of them."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.http import Http404, HttpResponse
from django.templatetags.static import static

from infra.writing import language
from support.parts.finder import source
from support.parts.join import Script

FACTS = "/* facts */ {}"
"""Stands in static/js/worker/standing-in.js where the server's facts go."""
SHEETS = ("css/tokens.css", "css/base.css", "css/error.css")
"""Of the page that stands in without a network."""
ICON = "img/icon-192.png"


def script(name: str, offline: str, *scripts: str) -> HttpResponse:
    """`js/worker/<name>-worker.js`; `offline`: the page that stands in for those that it serves, with its
    `scripts`.

    A new version when its source, the offline page's files or the language of that page change; browsers ask for it
    with each visit, past their caches. Raises Http404.
    """
    page = f"{offline}?locale={language.in_force()}"
    files = [static(path) for path in (*SHEETS, *scripts)]
    facts = {"offline": page, "files": files, "icon": static(ICON)}
    try:
        version = hashlib.sha256(_joined(name, facts).encode()).hexdigest()[:16]
    except FileNotFoundError as error:
        raise Http404 from error
    told = _joined(name, {"cache": f"adminara-{name}-{version}", **facts})
    response = HttpResponse(told, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


def _joined(name: str, facts: dict[str, Any]) -> str:
    """One script of all its modules: not every browser lets a worker import."""

    def told(module: str) -> str:
        return source(module).replace(FACTS, json.dumps(facts), 1)

    return Script(f"js/worker/{name}-worker.js", told).whole()
