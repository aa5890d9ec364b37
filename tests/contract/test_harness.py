"""What tests and benches share stands below both: the harness imports neither, and the benches not the tests."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.contract.packages import ROOT


def imported(source: str) -> Iterator[str]:
    """The packages that a module names in any import."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]
        elif isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)


@pytest.mark.parametrize(("package", "above"), [("harness", {"bench", "tests"}), ("bench", {"tests"})])
def test_imports_point_down_here_too(package: str, above: set[str]) -> None:
    modules = list((ROOT / package).rglob("*.py"))
    assert modules
    wrong = {str(path.relative_to(ROOT)) for path in modules if above & set(imported(path.read_text()))}
    assert wrong == set()


def test_an_import_is_seen_wherever_it_stands() -> None:
    assert set(imported("def later():\n    import tests.x as t\nfrom bench import y\n")) == {"tests", "bench"}
