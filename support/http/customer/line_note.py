"""What the form before the queue says of departments that nobody serves now: before the join, not after it."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from queueing import staffing
from sites import lookup
from sites.lines import DEFAULT_LINE
from sites.profile import Profile
from sites.questions import Ask

KEY = "line.unserved"
"""Of the text, among the site's own words."""


def words(site: Profile, named: str, offered: Sequence[str]) -> dict[str, str]:
    """Language → sentence; nothing where there is nothing to say. `named`: the department that the page's tag names.

    Asks Redis once, and only where there are departments.
    """
    lines = lookup.current().lines
    if not lines.several:
        return {}
    own = lines.find(named, site.line)
    asked = [key for key in lines.lines if key] if site.asks_line != Ask.NEVER and not named else [own.key]
    gone = staffing.unserved(asked)
    if not gone:
        return {}
    found = {}
    for code in offered:
        with override(code):
            found[code] = _sentence([lines.find(key).name(code) for key in gone if key != DEFAULT_LINE])
    return found


def _sentence(names: list[str]) -> str:
    if not names:
        return _("Nobody is here at the moment. You can wait all the same.")
    text = ngettext(
        "Nobody is in this department at the moment: %(names)s. You can wait there all the same.",
        "Nobody is in these departments at the moment: %(names)s. You can wait there all the same.",
        len(names),
    )
    return text % {"names": ", ".join(names)}
