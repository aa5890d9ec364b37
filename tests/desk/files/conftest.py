"""A call in which files are shared, and a folder for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.queueing.ended import talk
from tests.queueing.world import Customer, lease, settle


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    """Where content goes. It is empty whenever nothing is to be kept."""
    settings.FILE_MAX_MB = 10
    settings.STORAGES = {
        **settings.STORAGES,
        "files": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "files"},
        },
    }
    return tmp_path / "files"


@pytest.fixture
def ayse(db: None, redis_server: str, folder: Path) -> Customer:
    """Talks with Deniz, whose admin id is `deniz`."""
    settle()
    lease()
    return talk()
