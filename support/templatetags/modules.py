"""`{% module_graph "js/site-form.js" %}`: tells the browser of every module that an entry needs, in the page's head.

Without it a browser learns of a module only when the one that imports it has come: as many round trips as the graph is
deep, and a reloaded page of a running call waits for them in silence.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from support.parts import join

register = template.Library()


@register.simple_tag
def module_graph(entry: str) -> SafeString:
    """A `modulepreload` link for each module `entry` (a static path) imports, directly or not; not for itself. Our own
    origin is allowed for scripts, so the links need no nonce.
    """
    names = graph(entry) if settings.DEBUG else _remembered(entry)
    return format_html_join("\n", '<link rel="modulepreload" href="{}">', ((static(name),) for name in names))


def graph(entry: str) -> tuple[str, ...]:
    """Static paths in the order in which they are found. Raises FileNotFoundError for one that does not exist."""
    return join.graph(entry, _source)


_remembered = lru_cache(maxsize=16)(graph)


def _source(name: str) -> str:
    path = finders.find(name)
    if path is None:
        raise FileNotFoundError(f"static file {name} does not exist")
    return Path(path).read_text()
