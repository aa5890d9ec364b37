"""`{% module_graph "js/customer.js" %}`: tells the browser of every module that an entry needs, in the page's head.

Without it a browser learns of a module only when the one that imports it has come: as many round trips as the graph is
deep, and a reloaded page of a running call waits for them in silence.
"""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from pathlib import Path

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

register = template.Library()

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# As tests/js/layers.test.js holds every import to be written.
IMPORT = re.compile(r"""^\s*(?:import|export)\s(?:[^"'`;]*?from\s*)?["']([^"']+)["'];""", re.MULTILINE)


@register.simple_tag
def module_graph(entry: str) -> SafeString:
    """A `modulepreload` link for each module `entry` (a static path) imports, directly or not; not for itself. Our own
    origin is allowed for scripts, so the links need no nonce.
    """
    names = graph(entry) if settings.DEBUG else _remembered(entry)
    return format_html_join("\n", '<link rel="modulepreload" href="{}">', ((static(name),) for name in names))


def graph(entry: str) -> tuple[str, ...]:
    """Static paths in the order in which they are found. Raises FileNotFoundError for one that does not exist."""
    found: dict[str, None] = {entry: None}
    waiting = [entry]
    while waiting:
        name = waiting.pop(0)
        for given in IMPORT.findall(COMMENT.sub("", _source(name))):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), given))
            if target not in found:
                found[target] = None
                waiting.append(target)
    return tuple(found)[1:]


_remembered = lru_cache(maxsize=16)(graph)


def _source(name: str) -> str:
    path = finders.find(name)
    if path is None:
        raise FileNotFoundError(f"static file {name} does not exist")
    return Path(path).read_text()
