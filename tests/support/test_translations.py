"""Every text that people read exists in Turkish."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import django
import polib
import pytest

from support.schema import BASE_DIR
from tests.support.test_contract import product_files

CALLS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
TAG = re.compile(r"""{%\s*(?:translate|trans)\s+(?:"([^"]+)"|'([^']+)')""")
CATALOGUES = sorted(BASE_DIR.glob("*/locale/tr/LC_MESSAGES/django.po"))
DJANGO = sorted(Path(django.__file__).parent.rglob("locale/tr/LC_MESSAGES/django.po"))


def texts_of(file: Path) -> Iterator[str]:
    """The literal texts that a module hands to gettext."""
    for node in ast.walk(ast.parse(file.read_text())):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name in CALLS and node.args:
            text = node.args[1 if name.startswith("pgettext") else 0]
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                yield text.value


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.parts[-5])
def test_a_catalogue_is_complete(catalogue: Path) -> None:
    entries = polib.pofile(str(catalogue))
    assert [entry.msgid for entry in entries.untranslated_entries() + entries.fuzzy_entries()] == []


def test_every_text_has_its_turkish() -> None:
    known = {entry.msgid for catalogue in CATALOGUES + DJANGO for entry in polib.pofile(str(catalogue))}
    texts = {text: file for file in product_files() for text in texts_of(file)}
    for page in (BASE_DIR / "templates").rglob("*.html"):
        texts |= {first or second: page for first, second in TAG.findall(page.read_text())}
    missing = {text: str(file.relative_to(BASE_DIR)) for text, file in texts.items() if text not in known}
    assert missing == {}
