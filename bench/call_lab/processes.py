"""Child processes of the lab: in a namespace, with a log file, ended by process id."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from support.config.schema import BASE_DIR, Config
from support.launcher.parent import die_with_parent

START_SECS = 60.0
STOP_SECS = 5.0


class DidNotStart(RuntimeError):
    """A process ended, or did not say what it should; the text has its last lines."""


def environment(**settings: str) -> dict[str, str]:
    """This shell's environment without any of our settings, plus `settings`."""
    kept = {name: value for name, value in os.environ.items() if name not in Config.model_fields}
    return {**kept, "ENV_FILE": os.devnull, "DJANGO_SETTINGS_MODULE": "support.settings", **settings}


class Child:
    """One process. `namespace` None: where we are."""

    def __init__(
        self, words: Sequence[str], *, log: Path, namespace: str | None = None, env: dict[str, str] | None = None
    ) -> None:
        # `ip netns exec` replaces itself by the program: the process id is the program's.
        prefix = ["ip", "netns", "exec", namespace] if namespace else []
        self.log = log
        with log.open("ab") as output:
            self._offset = output.tell()
            self.process = subprocess.Popen(
                [*prefix, *words],
                cwd=BASE_DIR,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )

    def said(self) -> str:
        with self.log.open("rb") as output:
            output.seek(self._offset)
            return output.read().decode(errors="replace")

    def await_ready(self, ready: Callable[[str], bool] = lambda text: "ready" in text) -> None:
        """Returns when the output satisfies `ready`. Raises `DidNotStart`."""
        deadline = time.monotonic() + START_SECS
        while not ready(self.said()):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise DidNotStart(f"{self.process.args}:\n{self.said()[-2000:]}")
            time.sleep(0.02)

    def kill(self) -> None:
        """SIGKILL: no chance to say good-bye."""
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(STOP_SECS)
        if self.process.poll() is None:
            self.kill()
