"""The places in a canned reply that the console fills in (static/js/ui/console/chat/reply-text.js does it)."""

from __future__ import annotations

import re

KNOWN = ("customer.name", "customer.topic", "operator.name")
# Also in capitals, with blanks, or without a name: the console would leave it, and the customer would read it.
_PLACE = re.compile(r"\{(\s*(?:customer|operator)\s*(?:\.[^{}|]*)?)(?:\|[^{}]*)?\}", re.IGNORECASE)


def unknown_in(text: str) -> list[str]:
    """Places that look like ours and are not, each once, as they were written; other braces are plain text."""
    return list(dict.fromkeys(f"{{{found[1]}}}" for found in _PLACE.finditer(text) if found[1] not in KNOWN))
