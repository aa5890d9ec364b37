"""A folder is read as a list of its modules: one that is longer than a glance is cut by idea."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import PurePath

from tests.contract.packages import PACKAGES, ROOT

MODULES_MOST = 20
OF_THE_FRAMEWORK = "migrations"
"""Django numbers them: they are a history, and nobody cuts it."""


def sizes(paths: Iterable[PurePath]) -> Counter[str]:
    """How many modules lie flat in each folder, `__init__` left out."""
    return Counter(
        path.parent.as_posix() for path in paths if path.name != "__init__.py" and path.parent.name != OF_THE_FRAMEWORK
    )


def test_modules_are_counted_where_they_lie() -> None:
    paths = ["a/__init__.py", "a/x.py", "a/y.py", "a/b/__init__.py", "a/b/z.py", "a/migrations/0001_initial.py"]
    assert sizes(PurePath(path) for path in paths) == {"a": 2, "a/b": 1}


def test_no_folder_is_a_long_list() -> None:
    kinds = [*((package, "*.py") for package in PACKAGES), ("static/js", "*.js")]
    found = sizes(path.relative_to(ROOT) for folder, kind in kinds for path in (ROOT / folder).rglob(kind))
    assert {folder for folder, _ in kinds} <= set(found)
    long = {name: count for name, count in found.items() if count > MODULES_MOST}
    assert long == {}, "cut these by idea into folders of their own"
