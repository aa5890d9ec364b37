"""Says to conversations what this package keeps of them."""

from __future__ import annotations

from desk.replies import figures
from queueing.admin import extensions as pages
from queueing.reports import extensions as reports


def connect() -> None:
    pages.add(pages.PageExtension(exported=figures.as_json))
    reports.add(figures.EXTENSION)
