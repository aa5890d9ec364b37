"""Who begins at README.md finds everything that is written down, and no link leads nowhere."""

from __future__ import annotations

import re
from pathlib import Path

from support.config.schema import BASE_DIR

LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
FRONT = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
PICTURE_BYTES = 150_000


def links_of(document: Path) -> list[str]:
    return [link for link in LINK.findall(document.read_text()) if "://" not in link]


def documents() -> list[Path]:
    return [*(BASE_DIR / name for name in FRONT), *(BASE_DIR / "docs").rglob("*.md")]


def test_readme_links_every_document() -> None:
    """A folder that is linked shows its files by itself."""
    linked = {(BASE_DIR / link).resolve() for link in links_of(BASE_DIR / "README.md")}
    files = [file for file in (BASE_DIR / "docs").rglob("*") if file.is_file()]
    missing = [
        str(file.relative_to(BASE_DIR)) for file in files if file not in linked and linked.isdisjoint(file.parents)
    ]
    assert missing == [], "add it to the table of README.md"


def test_no_link_between_documents_leads_nowhere() -> None:
    dead = [
        f"{document.relative_to(BASE_DIR)}: {link}"
        for document in documents()
        for link in links_of(document)
        if not (document.parent / link).exists()
    ]
    assert dead == []


def test_pictures_are_light() -> None:
    pictures = [*(BASE_DIR / "docs" / "img").iterdir()]
    assert pictures
    assert {
        picture.name: picture.stat().st_size for picture in pictures if picture.stat().st_size > PICTURE_BYTES
    } == {}
