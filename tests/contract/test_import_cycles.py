"""No package of ours imports itself in a circle: read from the source, so that imports for types and within functions
count too."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.contract.packages import PACKAGES, ROOT


def modules() -> dict[str, Path]:
    """Every module of ours by its dotted name."""
    found = {}
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(name: str, source: str, is_package: bool, known: set[str]) -> Iterator[str]:
    """The modules of ours that a module names in any import."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = name.split(".")[: len(name.split(".")) - node.level + is_package]
                base = ".".join([*above, *([base] if base else [])])
            names = {f"{base}.{alias.name}" for alias in node.names} & known
            yield from names
            # Only names that are no modules come from the package itself.
            if base in known and len(names) < len(node.names):
                yield base


def circles(graph: dict[str, set[str]]) -> set[frozenset[str]]:
    """Groups of modules that reach each other (Tarjan's strongly connected components of more than one)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: set[frozenset[str]] = set()

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in graph[name]:
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            group = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(group) > 1 or name in graph[name]:
                found.add(frozenset(group))

    for name in graph:
        if name not in index:
            visit(name)
    return found


def graph_of(sources: dict[str, tuple[str, bool]]) -> dict[str, set[str]]:
    known = set(sources)
    return {name: set(imported(name, text, is_package, known)) for name, (text, is_package) in sources.items()}


def test_a_circle_is_found_whichever_way_it_is_written() -> None:
    ways = {
        "a": ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from p.b import X", False),
        "p": ("", True),
        "p.b": ("def later():\n    import p.c", False),
        "p.c": ("from . import d", False),
        "p.d": ("from a import thing", False),
        "p.alone": ("from p import d, c", False),
    }
    assert circles(graph_of(ways)) == {frozenset({"a", "p.b", "p.c", "p.d"})}


def test_no_module_imports_itself_in_a_circle() -> None:
    sources = {name: (path.read_text(), path.name == "__init__.py") for name, path in modules().items()}
    assert circles(graph_of(sources)) == set(), "mend these: a protocol, an argument, or one more module below both"
