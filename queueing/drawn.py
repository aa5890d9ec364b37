"""A link as a QR code, for who reads it from one device into another."""

from __future__ import annotations

BORDER = 4
"""Modules of quiet around the code, as readers want them."""


def code(link: str) -> str:
    """An SVG in a `data:` address."""
    import segno  # few ask for one: no process loads it before

    return segno.make_qr(link, error="l", boost_error=False).svg_data_uri(border=BORDER, light="white")
