"""`python -m support.launcher.messages`: compiles the translations."""

from pathlib import Path

import polib

from support.schema import BASE_DIR


def compile_messages(root: Path = BASE_DIR) -> list[Path]:
    """Every `.po` newer than its `.mo`, in Python alone: a bare machine has no gettext. Returns what was
    written.
    """
    written = []
    for source in sorted(root.glob("*/locale/*/LC_MESSAGES/django.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        draft = target.with_suffix(".mo.new")
        polib.pofile(str(source)).save_as_mofile(str(draft))
        draft.replace(target)
        written.append(target)
    return written


if __name__ == "__main__":
    for path in compile_messages():
        print(path.relative_to(BASE_DIR))
