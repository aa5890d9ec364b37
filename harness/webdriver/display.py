"""A screen that nobody sees, for browsers that want one: WebKitGTK, and Firefox where its screen is to be shared."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import subprocess

from support.launcher.parent import die_with_parent

START_SECS = 30.0
STOP_SECS = 5.0


class Display:
    """An X server of our own; `name` is what DISPLAY says. It takes the first free number itself."""

    def __init__(self) -> None:
        if not shutil.which("Xvfb"):
            raise RuntimeError("Xvfb is missing: `make test-packages` installs it")
        reader, writer = os.pipe()
        self._process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1280x1024x24", "-nolisten", "tcp"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(writer,),
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
        os.close(writer)
        with os.fdopen(reader) as number:
            if not select.select([number], [], [], START_SECS)[0] or not (said := number.readline().strip()):
                self.close()
                raise RuntimeError("Xvfb did not start")
        self.name = f":{said}"

    def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECS)
