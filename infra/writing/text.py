"""What people type, made fit to be shown to others: one function for names, topics, attributes and lines of chat.

Nobody can see what a control character, a direction override or a filler does to a name, so they go. What emoji and
scripts need stays: a joiner inside a family or after an Arabic or Indic letter, a variation selector after its base,
the tags of a flag. Marks that pile up on one letter are cut at MARKS_MOST.
"""

from __future__ import annotations

import re
from unicodedata import bidirectional, category

MARKS_MOST = 8
"""Combining marks on one letter. Hebrew with cantillation, Tibetan and Burmese need five at most."""

ZWNJ, ZWJ = "\u200c", "\u200d"
DIRECTION_MARKS = frozenset("\u200e\u200f\u061c")
"""They order what stands beside them and hide nothing; a line of chat may need them, a name does not."""

PREPENDED = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
"""Signs that Unicode counts among the formats although they are visible."""

FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u034f\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\ufff9\ufffa\ufffb\ufffc")
"""Invisible although they count as letters, marks or signs. Mongolian's selectors only choose among shapes."""

BLANKS = frozenset("\u2800")
"""Signs that look like a space."""

BLACK_FLAG = "\U0001f3f4"
FIRST_TAG, LAST_TAG = "\U000e0020", "\U000e007f"


def _marks() -> str:
    """Ranges of all combining marks of the basic plane, as a character class."""
    ranges: list[list[int]] = []
    for code in range(0x300, 0xFFFF):
        if category(chr(code)) in ("Mn", "Me"):
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"\\u{first:04x}-\\u{last:04x}" for first, last in ranges)


_MARK_CLASS = _marks()
# Text without any of these is fine as it is; `isprintable` has told of all controls, formats and separators before.
_ODD = re.compile(
    f"[{''.join(FILLERS | BLANKS)}\ufe00-\ufe0f\U000e0100-\U000e01ef]|[{_MARK_CLASS}]{{{MARKS_MOST + 1}}}"
)
_LEADING_MARK = re.compile(f"(?:^|\\s)[{_MARK_CLASS}]")


def clean_line(text: str) -> str:
    """One line: control characters and line breaks become spaces, spaces are collapsed. May be empty."""
    if not _is_plain(text):
        text = "".join(_kept(text, one_line=True))
    return " ".join(text.split())


def clean_text(text: str) -> str:
    r"""The same for text of several lines: `\n` and tabs stay, spaces too."""
    if _is_plain(text):
        return text
    return "".join(_kept(text.replace("\r\n", "\n"), one_line=False))


def isolate(text: str) -> str:
    """For the middle of a sentence: text that runs from right to left must not turn what stands around it."""
    return f"\u2068{text}\u2069" if any(bidirectional(c) in ("R", "AL", "AN") for c in text) else text


def isolate_lines(text: str) -> str:
    """The same for text of several lines: an isolate ends with its line."""
    return "\n".join(isolate(line) for line in text.split("\n"))


def is_visible(text: str) -> bool:
    """Whether there is anything to see in a cleaned text: more than spaces, joiners and marks on nothing."""
    if text.isascii():
        return text.strip() != ""
    return any(_shows(character) for character in text)


def _shows(character: str) -> bool:
    kind = category(character)
    return kind[0] in "LNPS" or kind in ("Co", "Cn") or character in PREPENDED


def _is_plain(text: str) -> bool:
    if not text.isprintable():
        return False
    return text.isascii() or not (_ODD.search(text) or _LEADING_MARK.search(text))


def _kept(text: str, *, one_line: bool) -> list[str]:
    """The characters that stay, looking at each with what was kept before it and what follows."""
    kept: list[str] = []
    marks = 0
    for index, character in enumerate(text):
        before = kept[-1] if kept else " "
        after = text[index + 1] if index + 1 < len(text) else " "
        kind = category(character)
        is_mark = kind in ("Mn", "Me") and not _is_selector(character)
        if is_mark:
            stays = marks < MARKS_MOST and character not in FILLERS and not before.isspace()
        elif character in BLANKS or character in "\n\t" or kind in ("Cc", "Zl", "Zp"):
            character = _space(character, kind, one_line=one_line)
            stays = character != ""
        else:
            stays = _is_shown(character, kind, before, after, one_line=one_line)
        if stays:
            kept.append(character)
            # Selectors and joiners between marks do not make a new letter.
            marks = marks + 1 if is_mark else marks if _is_selector(character) or character in (ZWNJ, ZWJ) else 0
    return kept


def _space(character: str, kind: str, *, one_line: bool) -> str:
    if one_line or character in BLANKS:
        return " "
    if character in "\n\t":
        return character
    return "\n" if character in "\r\x85" or kind in ("Zl", "Zp") else ""


def _is_shown(character: str, kind: str, before: str, after: str, *, one_line: bool) -> bool:
    if character in FILLERS or kind == "Cs":
        return False
    if _is_selector(character):
        return not (before.isspace() or _is_selector(before) or before in (ZWNJ, ZWJ))
    if kind != "Cf":
        return True
    if character in (ZWNJ, ZWJ):
        return _joins(character, before, after)
    if FIRST_TAG <= character <= LAST_TAG:
        return before == BLACK_FLAG or FIRST_TAG <= before < LAST_TAG
    return character in PREPENDED or (character in DIRECTION_MARKS and not one_line)


def _joins(joiner: str, before: str, after: str) -> bool:
    """Whether a joiner has something to join: pictures on both sides, or a letter of a script that needs it before."""
    if before >= "\u0590" and category(before)[0] in "LM" and not _is_selector(before):
        return True
    return joiner == ZWJ and (_is_picture(before) or _is_selector(before)) and _is_picture(after)


def _is_picture(character: str) -> bool:
    # Emoji newer than this Python's Unicode tables count as unassigned there.
    kind = category(character)
    return (kind in ("So", "Sk", "Sm") and character not in FILLERS | BLANKS) or (
        kind == "Cn" and character >= "\U0001f000"
    )


def _is_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
