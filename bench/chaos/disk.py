"""A small disk for Redis' files, of memory, that can be filled. Mounting one needs root."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from support.launcher.redis_server import RedisServer

SIZE = "48m"
"""Room for the file, its rewriting, and Redis' log."""


class SmallDisk:
    """Redis goes on from the same files on it; `close` brings them back. Use as a context manager."""

    def __init__(self, server: RedisServer) -> None:
        self._server = server
        self._aside = server.folder.with_name("redis-aside")
        self._open = False
        server.stop()
        server.folder.rename(self._aside)
        server.folder.mkdir()
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(server.folder)],
            check=False, capture_output=True, text=True, timeout=10,
        )  # fmt: skip
        if mounted.returncode != 0:
            server.folder.rmdir()
            self._aside.rename(server.folder)
            server.start()
            raise RuntimeError(f"a small disk is mounted here, which needs root: {mounted.stderr.strip()}")
        self._open = True
        shutil.copytree(self._aside, server.folder, dirs_exist_ok=True)
        server.start()

    @property
    def _filler(self) -> Path:
        return self._server.folder / "filler"

    def fill(self) -> None:
        with self._filler.open("wb", buffering=0) as filler, suppress(OSError):
            while filler.write(b"x" * 4096) == 4096:
                pass

    def free(self) -> None:
        self._filler.unlink(missing_ok=True)

    def broken(self) -> bool:
        """Whether Redis' file had to be cut off at a start."""
        return any(self._server.folder.glob("broken-*"))

    def close(self) -> None:
        if not self._open:
            return
        self._open = False
        self._server.stop()
        self.free()
        shutil.rmtree(self._aside)
        shutil.copytree(self._server.folder, self._aside)
        subprocess.run(["umount", "--lazy", str(self._server.folder)], check=False, timeout=10)
        self._server.folder.rmdir()
        self._aside.rename(self._server.folder)
        self._server.start()

    def __enter__(self) -> SmallDisk:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
