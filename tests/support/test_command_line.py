"""`manage.py` on a folder in which no stack has run: a sentence that says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.processes import manage


@pytest.mark.parametrize(
    "words",
    [
        ("otp", "admin"),
        ("createoperator", "admin"),
        ("sessions", "list"),
        ("sessions", "revoke", "--all"),
        ("telegramtest", "admin"),
        ("person", "export", "--identity", "x"),
        ("blocklist", "list"),
        ("journal", "status"),
        ("maintenance", "status"),
        ("queue", "status"),
    ],
    ids=" ".join,
)
def test_a_folder_without_a_stack_is_told_in_a_sentence(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = manage(*words, DATA_DIR=str(tmp_path), LOG_LEVEL="CRITICAL")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert 10 < len(done.stderr) < 600
