"""A database as `manage.py migrate` leaves it, made once and copied from then on: a copy takes no time.

The folder that `MIGRATED_IN` names keeps it for all processes of a run; without that each process makes its own.
`POSTGRES_IN` names the folder of a run's PostgreSQL (`harness/postgres_process.py`), which keeps one of its own.
"""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import django
from django.conf import settings

from harness import postgres_process
from harness.processes import manage
from support.config.schema import BASE_DIR

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

NAME = "adminara.sqlite3"
"""What the database is called in a DATA_DIR."""
FOLDER = "MIGRATED_IN"
POSTGRES = "POSTGRES_IN"
DRAFT, MIGRATED = "draft", "migrated"


def place(target: Path) -> None:
    """Puts a migrated database there; the folder has to exist."""
    shutil.copyfile(migrated(), target)


def load(connection: BaseDatabaseWrapper) -> None:
    """Gives this process, over its SQLite `connection`, a migrated database in its memory, which its threads share."""
    name = "file:tests?mode=memory&cache=shared"
    connection.close()
    connection.settings_dict["NAME"] = name
    settings.DATABASES[connection.alias]["NAME"] = name
    connection.ensure_connection()
    with closing(sqlite3.connect(migrated())) as source:
        source.backup(connection.connection)


def postgres_url(name: str) -> str:
    """Where `place_on_postgres(name)` puts it."""
    return postgres_process.url(Path(os.environ[POSTGRES]), name)


def place_on_postgres(name: str) -> str:
    """Makes a migrated database of that name on the run's PostgreSQL; its URL."""
    folder = Path(os.environ[POSTGRES])
    with (_folder() / "postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not postgres_process.exists(folder, MIGRATED):
            postgres_process.create(folder, DRAFT)
            _migrate(DATABASE_URL=postgres_url(DRAFT))
            postgres_process.create(folder, MIGRATED, DRAFT)
        postgres_process.create(folder, name, MIGRATED)
    return postgres_url(name)


def migrated() -> Path:
    """The file to copy; nobody may open it for writing. The first who asks makes it, others wait meanwhile."""
    folder = _folder()
    kept = folder / f"{_fingerprint()}.sqlite3"
    with (folder / "migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            _make(kept)
    return kept


def _make(kept: Path) -> None:
    with tempfile.TemporaryDirectory(dir=kept.parent) as draft:
        _migrate(DATA_DIR=draft)
        # Whoever closes last writes everything into the one file.
        assert not (Path(draft) / f"{NAME}-wal").exists()
        (Path(draft) / NAME).rename(kept)


def _migrate(**settings: str) -> None:
    done = manage("migrate", "--verbosity", "0", DJANGO_ENV="development", **settings)
    if done.returncode:
        raise RuntimeError(f"the migrations failed:\n{done.stderr}")


@cache
def _folder() -> Path:
    if FOLDER in os.environ:
        return Path(os.environ[FOLDER])
    folder = Path(tempfile.mkdtemp(prefix="adminara-migrated-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def _fingerprint() -> str:
    """Of all that the tables come from: a run may have several checkouts in hand."""
    found = hashlib.sha256(django.get_version().encode())
    for path in sorted(BASE_DIR.glob("*/migrations/*.py")):
        found.update(path.relative_to(BASE_DIR).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()[:16]
