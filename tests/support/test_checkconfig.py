"""`manage.py checkconfig` and what it writes."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import call_command

from support.config import docs
from support.config.schema import Config
from support.management.commands.checkconfig import Command


def output(*arguments: str) -> str:
    out = io.StringIO()
    call_command(Command(stdout=out), *arguments)
    return out.getvalue()


def test_people_read_a_line_per_setting() -> None:
    text = output()
    for name in Config.model_fields:
        assert name in text
    assert "0 fault(s)" in text


def test_programs_read_json_alone() -> None:
    assert json.loads(output("--json"))["faults"] == {}


def test_a_fault_is_marked_and_ends_in_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "many")
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command(Command(stdout=out))
    assert ended.value.code == 1
    assert "✗ PORT" in out.getvalue()


def test_the_documents_are_written_from_the_schema(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(docs, "DOCUMENT", tmp_path / "configuration.md")
    monkeypatch.setattr(docs, "EXAMPLE", tmp_path / "env")
    output("--write-docs")
    assert "| `REDIS_URL` |" in (tmp_path / "configuration.md").read_text()
    assert "#REDIS_URL=\n" in (tmp_path / "env").read_text()
