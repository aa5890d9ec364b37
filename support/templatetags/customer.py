"""What the customer's page has in its HTML, of the same sources as its scripts: texts of the catalogue, icons."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from support.parts.finder import source
from support.texts.pages import bundle

register = template.Library()

ICON = re.compile(r'^  "?([\w-]+)"?:\s+"([^"]+)",$', re.MULTILINE)


@register.simple_tag(takes_context=True)
def said(context: dict[str, Any], key: str) -> str:
    """A text that the page says itself, or its site does, in the page's language; escaped as any other. Raises KeyError
    for an unknown one.
    """
    config = context["adminara_config"]
    own: dict[str, str] = config.get("words", {}).get(config["locale"], {})
    if key in own:
        return own[key]
    text = bundle("customer", config["locale"]).texts[key]
    assert isinstance(text, str)  # one without a number in it
    return text


@register.simple_tag
def icon(name: str) -> SafeString:
    """As ui/shared/icons.js draws it. Raises KeyError for an unknown one."""
    return format_html(
        '<svg viewBox="0 0 24 24" class="ad-icon" aria-hidden="true" focusable="false"><path d="{}"/></svg>',
        _paths()[name],
    )


@lru_cache(maxsize=1)
def _paths() -> dict[str, str]:
    return dict(ICON.findall(source("js/ui/shared/icons.js")))
