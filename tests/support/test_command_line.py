"""`manage.py` on a folder in which no stack has run: a sentence that says what to do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from harness.processes import clean_environment
from support.config.schema import BASE_DIR


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
    environment = clean_environment(DATA_DIR=str(tmp_path), LOG_LEVEL="CRITICAL")
    done = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=BASE_DIR, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert 10 < len(done.stderr) < 600
