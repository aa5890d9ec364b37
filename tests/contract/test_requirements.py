"""What runs is declared, and what is declared runs or says why it is there."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

from support.config.schema import BASE_DIR
from tests.support.test_contract import PACKAGES, product_files

FILES = ("requirements.txt", "requirements-aws.txt", "requirements-dev.txt")
RUN_TIME = FILES[:2]
DOTTED = re.compile(r"[a-z_]+(\.\w+)*")
LINE = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[a-z,]+\])?==[^\s;#]+(?:; [^#]+)?(?:\s+# .+)?$")


@cache
def providers() -> Mapping[str, list[str]]:
    """Which distributions have which module; it takes a look into every file that is installed."""
    return packages_distributions()


def lines_of(name: str) -> list[str]:
    lines = (BASE_DIR / name).read_text().splitlines()
    return [line.rstrip() for line in lines if line and not line.startswith(("#", "-r "))]


def distribution(line: str) -> str:
    found = LINE.match(line)
    assert found, f"{line!r} is not NAME==VERSION, with a marker and a comment at most"
    return normal(found[1])


def version(line: str) -> str:
    return re.split(r"[\s;#]", line.partition("==")[2])[0]


def normal(name: str) -> str:
    """As PyPI compares names."""
    return re.sub(r"[-_.]+", "-", name).lower()


def imported(file: Path) -> Iterator[str]:
    """Top names of the modules that a file imports, or names in a text, as Django's settings do."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]
        elif file.name == "settings.py" and isinstance(node, ast.Constant) and DOTTED.fullmatch(str(node.value)):
            yield str(node.value).partition(".")[0]


@cache
def modules_in_use() -> dict[str, str]:
    """Third-party modules, each with a file that imports it."""
    files = {module: str(file.relative_to(BASE_DIR)) for file in product_files() for module in imported(file)}
    ours = {*PACKAGES, *sys.stdlib_module_names}
    return {module: file for module, file in files.items() if module not in ours and module in providers()}


def declared() -> set[str]:
    return {distribution(line) for name in RUN_TIME for line in lines_of(name)}


def test_every_import_at_run_time_is_declared() -> None:
    """A module that several distributions put files into belongs to any of them."""
    known = declared()
    missing = {
        module: file for module, file in modules_in_use().items() if known.isdisjoint(map(normal, providers()[module]))
    }
    assert missing == {}


def test_every_requirement_is_imported_or_explained() -> None:
    used = {normal(provider) for module in modules_in_use() for provider in providers()[module]}
    idle = [line for name in RUN_TIME for line in lines_of(name) if distribution(line) not in used and "#" not in line]
    assert idle == [], "take it out, or say behind a # what it is for"


def test_every_requirement_is_one_version_and_the_one_that_is_pinned() -> None:
    pinned = {(distribution(line), version(line)) for line in lines_of("constraints.txt")}
    wanted = [(distribution(line), version(line)) for name in FILES for line in lines_of(name)]
    assert [one for one in wanted if one not in pinned] == []
