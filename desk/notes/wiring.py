"""Says to conversations what this package keeps of them."""

from __future__ import annotations

from desk.notes import admin, figures, keeping
from desk.notes.models import Note
from queueing.admin import extensions as pages
from queueing.history.privacy import extensions as history
from queueing.reports import extensions as reports


def connect() -> None:
    history.forgotten_by(keeping.forget, keeping.forget_person)
    history.exported_by(keeping.exported, Note)
    pages.add(pages.PageExtension(section=admin.section, exported=keeping.as_json))
    reports.add(figures.EXTENSION)
