"""The log file that processes share: no line torn or lost while all of them rotate it, and bounded."""

from __future__ import annotations

import json
import logging
import subprocess
from pathlib import Path

from harness import python
from harness.processes import clean_environment
from infra.logs.logfile import SharedFileHandler

WRITERS, LINES = 4, 400
PROGRAM = """
import logging, sys
from infra.logs.logging import LogFile, configure
from infra.logs import logfile
path, (writer, lines, max_bytes, keep) = sys.argv[1], map(int, sys.argv[2:])
configure("console", "INFO", LogFile(path, 1, keep))
handler = next(h for h in logging.getLogger().handlers if isinstance(h, logfile.SharedFileHandler))
handler.max_bytes = max_bytes
logging.getLogger().handlers = [handler]
sys.stdin.readline()
for number in range(lines):
    # Longer than any buffer now and then, as tracebacks are.
    pad = "x" * (20_000 if number % 50 == 0 else 40)
    logging.getLogger("t").info("line", extra={"writer": writer, "number": number, "pad": pad})
"""


def write(path: Path, *, max_bytes: int, keep: int) -> None:
    """All writers at once."""
    writers = [
        python.start(
            ["-c", PROGRAM, str(path), str(writer), str(LINES), str(max_bytes), str(keep)],
            env=clean_environment(),
            stdin=subprocess.PIPE,
        )
        for writer in range(WRITERS)
    ]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.close()
    assert [writer.wait(60) for writer in writers] == [0] * WRITERS


def test_processes_that_rotate_lose_and_tear_nothing(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "adminara.log"
    write(path, max_bytes=40_000, keep=1000)
    files = [file for file in path.parent.iterdir() if not file.name.endswith(".lock")]
    assert len(files) > 10
    seen = sorted(
        (line["writer"], line["number"])
        for file in files
        for line in map(json.loads, file.read_text(encoding="utf-8").splitlines())
    )
    assert seen == [(writer, number) for writer in range(WRITERS) for number in range(LINES)]


def test_the_disk_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "adminara.log"
    write(path, max_bytes=40_000, keep=3)
    files = {file.name for file in tmp_path.iterdir()}
    assert files <= {"adminara.log", "adminara.log.1", "adminara.log.2", "adminara.log.3", "adminara.log.lock"}
    assert len(files) >= 4
    # A file is closed by the line that fills it, and every writer may have had one more on its way.
    assert all(file.stat().st_size < 40_000 + WRITERS * 21_000 for file in tmp_path.iterdir())


def test_somebody_else_may_move_the_file(tmp_path: Path) -> None:
    handler = SharedFileHandler(str(tmp_path / "log"), 10_000_000, 5)
    handler.setFormatter(logging.Formatter("%(message)s"))

    def log(text: str) -> None:
        handler.handle(logging.LogRecord("t", logging.INFO, "", 0, text, None, None))

    log("first")
    (tmp_path / "log").rename(tmp_path / "log.moved")
    log("second")
    handler.close()
    assert (tmp_path / "log.moved").read_text() == "first\n"
    assert (tmp_path / "log").read_text() == "second\n"
