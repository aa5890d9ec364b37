"""What the packages below ask of files without knowing of them."""

from desk.files import admin, keeping, sweep
from desk.files.models import File
from queueing.admin import extensions as pages
from queueing.history.privacy import extensions as history


def connect() -> None:
    """Called once, when Django starts."""
    history.forgotten_by(sweep.forget)
    history.discarded_by(keeping.discard)
    history.exported_by(keeping.exported, File)
    pages.add(pages.PageExtension(exported=admin.exported, lines=admin.lines))
