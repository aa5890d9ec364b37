"""docs/architecture.md names files that are there, and the way of a chat line stays short."""

import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
TEXT = (ROOT / "docs/architecture.md").read_text()
FILES_MOST = 20


def test_every_file_that_is_named_is_there() -> None:
    named = set(re.findall(r"`((?:\w[\w-]*/)+[\w.-]+\.(?:py|lua|js|md))`", TEXT))
    assert named
    for name in named:
        assert (ROOT / name).exists() or (ROOT / "docs" / name).exists(), name


def test_a_chat_line_passes_few_files() -> None:
    walk = TEXT.split("## A chat line, from browser to browser")[1].split("\n## ")[0]
    files = re.findall(r"`([\w/.-]+\.(?:py|lua|js))`", walk)
    assert len(files) == len(set(files))
    assert 0 < len(files) <= FILES_MOST
