"""What the documents tell people to type exists: commands with their arguments, make targets, units, settings."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, get_commands, load_command_class

from support.config.schema import BASE_DIR, Config

RUNBOOKS = BASE_DIR / "docs" / "SRE-RUNBOOKS.md"
DOCUMENTS = sorted([BASE_DIR / "README.md", BASE_DIR / "CONTRIBUTING.md", *(BASE_DIR / "docs").rglob("*.md")])
TOLD_TO_OPERATE = [RUNBOOKS, BASE_DIR / "docs" / "deploy" / "README.md"]
UNITS = {path.name for path in (BASE_DIR / "deploy" / "systemd").iterdir()}
SPAN = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
MANAGE = re.compile(r"(?:manage\.py|adminara-manage) ([a-z][^`\n]*)")
MAKE = re.compile(r"\bmake ([a-z][a-z-]*)")
NOT_SETTINGS = {
    # Words of other programs, and of settings' files.
    "DATABASE_PASSWORD", "REDIS_PASSWORD", "SENTINEL_PASSWORD", "ADMIN_ID", "ADMINARA_DOMAIN", "ADMINARA_UPSTREAMS",
}  # fmt: skip


def code_in(document: Path) -> Iterator[str]:
    for span in SPAN.findall(document.read_text(encoding="utf-8")):
        yield span.strip("`")


def commands_in(document: Path) -> Iterator[str]:
    """Every `manage.py …` as it would be typed: without comments and optional parts (`[--fix]`), `…` as a word."""
    for code in code_in(document):
        for typed in MANAGE.findall(code):
            line = re.split(r"\s#|\s{2,}|[;>]|&&|\\$", typed)[0].replace("…", "x")
            line = re.sub(r"\[[^\]]*\]", "", line)
            yield re.sub(r"([a-z]+)(\|[a-z]+)+", r"\1", line).strip()


ALL = [pytest.param(line, id=f"{path.name}: {line}") for path in DOCUMENTS for line in sorted(set(commands_in(path)))]


@pytest.mark.parametrize("line", ALL)
def test_every_command_in_the_documents_exists_with_its_arguments(line: str) -> None:
    name, *arguments = shlex.split(line)
    assert name in get_commands(), f"there is no manage.py {name}"
    app = get_commands()[name]
    command = app if not isinstance(app, str) else load_command_class(app, name)
    command.requires_system_checks = []
    parser = command.create_parser("manage.py", name)
    if not arguments and _needs_arguments(parser):
        return  # the command is named, not typed
    try:
        parser.parse_args(arguments)
    except CommandError as error:
        pytest.fail(f"manage.py {line}: {error}")


def _needs_arguments(parser: object) -> bool:
    try:
        parser.parse_args([])  # type: ignore[attr-defined]
    except CommandError:
        return True
    return False


def test_the_parser_would_notice() -> None:
    """This file's own check can fail."""
    for wrong in ("queue statsu", "maintenance on --massage x", "sessions revoke"):
        name, *arguments = wrong.split()
        with pytest.raises(CommandError):
            load_command_class(str(get_commands()[name]), name).create_parser("manage.py", name).parse_args(arguments)


def test_every_target_of_make_exists() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (BASE_DIR / "Makefile").read_text(), re.MULTILINE))
    typed = {target for path in DOCUMENTS for code in code_in(path) for target in MAKE.findall(code)}
    assert typed - targets == set()


def test_every_unit_in_the_documents_is_in_the_tree() -> None:
    named = {
        name
        for path in TOLD_TO_OPERATE
        for name in re.findall(r"adminara[a-z-]*(?:@\d+)?\.(?:service|target)", path.read_text())
    }
    assert {re.sub(r"@\d+", "@", name) for name in named} <= UNITS


def test_every_setting_in_the_operating_documents_exists() -> None:
    named = {
        word
        for path in TOLD_TO_OPERATE
        for code in code_in(path)
        for word in re.findall(r"(?<![\w/.-])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?![\w/])", code)
    }
    assert named - set(Config.model_fields) - NOT_SETTINGS == set()


def test_runbooks_and_alerts_name_each_other() -> None:
    rules = yaml.safe_load((BASE_DIR / "deploy" / "monitoring" / "alerts.yml").read_text(encoding="utf-8"))
    alerts = {rule["alert"] for group in rules["groups"] for rule in group["rules"] if "alert" in rule}
    named = set(re.findall(r"\bAdminara[A-Z]\w+", RUNBOOKS.read_text(encoding="utf-8")))
    assert named == alerts


@pytest.mark.parametrize("document", TOLD_TO_OPERATE, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8")):
        path, _, anchor = target.partition("#")
        there = (document.parent / path).resolve() if path else document
        assert there.exists(), target
        if anchor:
            assert anchor in anchors(there), target


def anchors(document: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}
