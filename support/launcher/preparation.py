"""The launcher's end of its talk with `prepare.py`, the process that loads settings and Django, and then ends.

One JSON object a line: it says its plan; told to go, it prepares the database and says whom it created; told that the
processes run, it says what to announce once they serve.
"""

from __future__ import annotations

import contextlib
import json
import select
import signal
import subprocess
import sys
from typing import Any

from support.launcher.parent import die_with_parent
from support.launcher.plan import Plan

MODULE = "support.launcher.prepare"
STOP_SECS = 5.0


class Failed(Exception):
    """It ended before it had said everything; why stands on stderr already."""


class Preparation:
    """`plan()`, `prepare()`, `started()`, then `announcement()` until it gives one; `stop()` in any case."""

    def __init__(self) -> None:
        # A session of its own: Ctrl-C is for the launcher, a migration is not cut off in the middle.
        self._process = subprocess.Popen(
            [sys.executable, "-m", MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )

    def plan(self) -> Plan:
        """Raises Failed, as all of these."""
        return Plan(**self._hear())

    def prepare(self) -> None:
        """Returns when the database is as this release wants it."""
        self._tell()
        self._hear()

    def started(self) -> None:
        """From now on heartbeats count: who waits for a fresh one asks `announcement`."""
        self._tell()

    def announcement(self) -> str | None:
        """What to print when everything serves, None until then. Never waits."""
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], 0)[0]:
            return None
        said = str(self._hear()["announcement"])
        self.stop()
        return said

    def stop(self) -> None:
        """Leaves nothing behind, at whatever point it was."""
        process = self._process
        with contextlib.suppress(OSError):
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for end in (process.stdin, process.stdout):
            if end is not None:
                with contextlib.suppress(OSError):
                    end.close()

    def _tell(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it has ended: the next line that does not come says so
            self._process.stdin.write(b"\n")
            self._process.stdin.flush()

    def _hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise Failed(f"`{MODULE}` ended with status {self._process.wait()}")
        return dict(json.loads(line))
