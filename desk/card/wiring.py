"""Says to conversations what this package shows of them."""

from __future__ import annotations

from desk.card import admin, figures
from queueing.admin import extensions as pages
from queueing.reports import extensions as reports


def connect() -> None:
    pages.add(pages.PageExtension(section=admin.section))
    reports.add(figures.EXTENSION)
