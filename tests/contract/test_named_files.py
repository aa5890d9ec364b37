"""Documents name files that are there, and the walks of docs/architecture.md stay short."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.contract.packages import PACKAGES, ROOT

DOCUMENTS = sorted([*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md"])
IN_BACKTICKS = re.compile(r"`([^`\s]+)`")
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
PATH = re.compile(r"(?:\.?\w[\w.-]*/)+(?:\.?\w[\w.@-]*)?")
HERE_ONLY = ("var", "node_modules", ".venv")
"""Folders that a run makes."""
OF_THE_FRAMEWORK = {"management", "migrations", "templatetags"}


def tops() -> set[str]:
    """The folders at the top of the repository, by which a word is known as a path in it."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return {line.split("/")[0] for line in tracked.stdout.splitlines() if "/" in line}


def paths_in(text: str, folders: set[str]) -> set[str]:
    """What stands in backticks and begins like a path of the repository."""
    words = (word for word in IN_BACKTICKS.findall(text) if PATH.fullmatch(word))
    return {word for word in words if word.split("/")[0] in folders}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_path_that_is_named_is_there(document: Path) -> None:
    named = paths_in(document.read_text(), tops() - set(HERE_ONLY))
    assert {name for name in named if not (ROOT / name).exists()} == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_to_a_file(document: Path) -> None:
    links = {link for link in LINK.findall(document.read_text()) if ":" not in link}
    assert {link for link in links if not (document.parent / link).exists()} == set()


def test_paths_are_told_from_other_words() -> None:
    text = "`docs/x.md`, `docs/`, `docs/adr/`, `application/json`, `/ws/customer/`, `manage.py otp x/y`, `docs/*.md`"
    assert paths_in(text, {"docs"}) == {"docs/x.md", "docs/", "docs/adr/"}


@pytest.mark.parametrize(
    ("title", "most"), [("A chat line, from browser to browser", 20), ("A join, from browser to Telegram", 25)]
)
def test_a_walk_passes_few_files(title: str, most: int) -> None:
    text = (ROOT / "docs/architecture.md").read_text()
    walk = text.split(f"## {title}\n")[1].split("\n## ")[0]
    steps = re.findall(r"^\| `([^`]+)` \|", walk, re.MULTILINE)
    assert len(steps) == len(set(steps))
    assert 0 < len(steps) <= most
    assert [name for name in steps if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_the_map_names_every_package(package: str) -> None:
    rooms = (ROOT / "docs/architecture.md").read_text().split("## Rooms\n")[1].split("\n## ")[0]
    inner = {path.parent.name for path in (ROOT / package).glob("*/__init__.py")} - OF_THE_FRAMEWORK
    assert [name for name in ("", *(f"{name}/" for name in inner)) if f"`{package}/{name}`" not in rooms] == []
