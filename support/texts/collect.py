"""Which texts the code and the pages name: what a catalogue has to hold."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.template.base import Template
from django.template.engine import Engine
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

Key = tuple[str | None, str]
"""Context and message."""
GETTEXT = {"_": "m", "gettext": "m", "ngettext": "mp", "pgettext": "cm", "npgettext": "cmp"}
"""What each function is given first: context, message, plural."""


@dataclass(frozen=True)
class Text:
    """`context` and `plural` are None where there is none; a text is known by its context and message."""

    message: str
    plural: str | None = None
    context: str | None = None

    @property
    def key(self) -> Key:
        return self.context, self.message


def in_module(file: Path) -> Iterator[Text]:
    """The literal texts that a module hands to gettext."""
    for node in ast.walk(ast.parse(file.read_text())):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        order = GETTEXT.get(name.removesuffix("_lazy").removesuffix("_noop"), "")
        given = {part: _literal(argument) for part, argument in zip(order, node.args, strict=False)}
        if message := given.get("m"):
            yield Text(message, given.get("p"), given.get("c"))


def _literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def in_page(file: Path) -> Iterator[Text]:
    """The texts of a template's `translate` and `blocktranslate` tags."""
    page = Template(file.read_text(), engine=Engine.get_default())
    for node in page.nodelist.get_nodes_by_type(TranslateNode):
        assert isinstance(node, TranslateNode)
        if message := getattr(node.filter_expression.var, "literal", None):
            yield Text(message, None, _context(node))
    for node in page.nodelist.get_nodes_by_type(BlockTranslateNode):
        assert isinstance(node, BlockTranslateNode)
        plural = node.render_token_list(node.plural)[0] if node.plural else None
        yield Text(node.render_token_list(node.singular)[0], plural, _context(node))


def _context(node: TranslateNode | BlockTranslateNode) -> str | None:
    context = node.message_context.var if node.message_context else None
    return str(context) if isinstance(context, str) else None


def in_folder(root: Path, packages: tuple[str, ...]) -> dict[Key, Text]:
    """All texts of these packages of a project, and of its and their templates."""
    folders = [root / package for package in packages]
    texts = [text for folder in folders for file in sorted(folder.rglob("*.py")) for text in in_module(file)]
    for folder in (root / "templates", *folders):
        texts += [text for file in sorted(folder.rglob("*.html")) for text in in_page(file)]
    found: dict[Key, Text] = {}
    for text in texts:
        if text.plural or text.key not in found:
            found[text.key] = text
    return found
