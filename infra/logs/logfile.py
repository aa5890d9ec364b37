"""A log file of bounded size that all processes of an installation may share.

The standard library's `RotatingFileHandler` loses lines when two processes rotate one file, and `WatchedFileHandler`
leaves rotation, and so the disk, to somebody else. This one is the second with the first's bound: a line is one write
with O_APPEND, whoever finds the file full renames it under a lock, and everybody else notices at their next line, by
the inode. A line written in between is in the renamed file: none is lost, none is torn.
"""

import fcntl
import logging
import os
from logging.handlers import WatchedFileHandler
from pathlib import Path


class SharedFileHandler(WatchedFileHandler):
    """At most `keep` + 1 files of about `max_bytes`: `path`, `path.1` (newest), …, `path.<keep>`."""

    def __init__(self, path: str, max_bytes: int, keep: int) -> None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        super().__init__(path, encoding="utf-8", delay=True)
        self.max_bytes = max_bytes
        self.keep = keep

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self.reopenIfNeeded()
            if self.stream is None:
                self.stream = self._open()
                self._statstream()
            descriptor = self.stream.fileno()
            # Past the text layer, whose buffer would tear long lines apart.
            os.write(descriptor, (self.format(record) + self.terminator).encode())
            if os.fstat(descriptor).st_size >= self.max_bytes:
                self._rotate()
        except Exception:
            self.handleError(record)

    def _rotate(self) -> None:
        with open(f"{self.baseFilename}.lock", "a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                if os.stat(self.baseFilename).st_size < self.max_bytes:
                    return  # somebody else did it meanwhile
            except FileNotFoundError:
                return
            for number in range(self.keep, 0, -1):
                source = self.baseFilename if number == 1 else f"{self.baseFilename}.{number - 1}"
                if os.path.exists(source):
                    os.replace(source, f"{self.baseFilename}.{number}")
