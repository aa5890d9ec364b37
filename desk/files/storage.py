"""The content of files: a folder or a bucket, behind Django's storage. What goes wrong becomes one of two codes."""

from __future__ import annotations

import errno
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from django.core.files.base import File
from django.core.files.storage import Storage, storages
from django.utils.translation import gettext as _

from infra.errors import DomainError

logger = logging.getLogger(__name__)
FULL = frozenset((errno.ENOSPC, errno.EDQUOT))


def storage() -> Storage:
    return storages["files"]


def save(name: str, content: IO[bytes]) -> None:
    """Raises DomainError storage_full, storage_unavailable; then nothing is left, as far as the storage lets us."""
    content.seek(0)
    with _explained():
        try:
            storage().save(name, File(content))
        except BaseException:
            discard(name)
            raise


def fetch(name: str) -> IO[bytes]:
    """Raises FileNotFoundError, or DomainError storage_unavailable."""
    with _explained():
        found: IO[bytes] = storage().open(name, "rb")
        return found


def discard(*names: str) -> bool:
    """Whether they are all gone; what is not there is. Nothing is raised: the sweep comes again."""
    gone = True
    for name in filter(None, names):
        try:
            storage().delete(name)
        except Exception:
            logger.warning("file not deleted: the storage does not answer", exc_info=True)
            gone = False
    return gone


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    # A bucket's client raises what it likes, and is not installed where there is none.
    except Exception as error:
        logger.exception("file storage failed")
        if isinstance(error, OSError) and error.errno in FULL:
            raise full() from error
        raise DomainError(
            "storage_unavailable",
            _("Files cannot be kept or fetched at the moment. Please try again in a few seconds."),
            retryable=True,
            retry_after=5.0,
        ) from error


def full() -> DomainError:
    return DomainError(
        "storage_full", _("There is no room for files at the moment. Please try again later."), retryable=True
    )
