"""One range of bytes of a request (RFC 9110, 14): players ask for one to seek, and Safari plays nothing without."""

from __future__ import annotations

import re

# What asks for several, or in another unit, is answered with the whole, which the RFC allows.
_ONE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class Unsatisfiable(ValueError):
    """Nothing of the content is in the range: 416."""


def asked(header: str, size: int) -> tuple[int, int] | None:
    """(first byte, how many) of content of `size` bytes; None: all of it is meant. Raises Unsatisfiable."""
    found = _ONE.fullmatch(header.strip())
    if found is None or found.group() == "bytes=-":
        return None
    first, last = found[1], found[2]
    if not first:
        length = min(int(last), size)
        if not length:
            raise Unsatisfiable
        return size - length, length
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise Unsatisfiable
    return int(first), min(int(last) if last else size - 1, size - 1) - int(first) + 1
