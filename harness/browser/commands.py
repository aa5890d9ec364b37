"""Commands of manage.py, one after the other in one process: Django takes longer to load than they take.

`python -m harness.browser.commands` is that process. A line that it reads is a JSON list of words, a line that it
writes is `[exit status, stdout, stderr]`.
"""

from __future__ import annotations

import contextlib
import io
import json
import select
import subprocess
import sys

from harness import python
from harness.processes import clean_environment
from support.command_line import run
from support.config.environment import point_django_at_settings
from support.launcher.parent import die_with_parent

TIMEOUT_SECS = 60


class Commands:
    """On the stack that `settings` name. It loads while others work; the first `run` waits for that."""

    def __init__(self, **settings: str) -> None:
        self._process = python.start(
            ["-m", "harness.browser.commands"],
            env=clean_environment(**settings),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            preexec_fn=die_with_parent,
        )

    def run(self, *words: str) -> str:
        """What the command printed. Raises AssertionError when it ends with another status than 0."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(words), file=self._process.stdin, flush=True)
        if not select.select([self._process.stdout], [], [], TIMEOUT_SECS)[0]:
            raise AssertionError(f"{words} said nothing for {TIMEOUT_SECS} s")
        status, output, errors = json.loads(self._process.stdout.readline())
        assert status == 0, f"{words} ended with {status}:\n{output}{errors}"
        return str(output)

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()


def serve() -> None:
    for line in sys.stdin:
        output, errors = io.StringIO(), io.StringIO()
        status: object = 0
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
            try:
                run(["manage.py", *json.loads(line)])
            except SystemExit as end:
                status = end.code or 0
        print(json.dumps([status, output.getvalue(), errors.getvalue()]), flush=True)


if __name__ == "__main__":
    point_django_at_settings()
    serve()
