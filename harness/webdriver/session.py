"""A WebDriver session over HTTP, and the driver's process. https://www.w3.org/TR/webdriver2/"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

from harness.processes import free_port
from support.launcher.parent import die_with_parent

START_SECS = 60.0
STOP_SECS = 10.0
COMMAND_SECS = 90.0
"""One command; its script answers within `SCRIPT_MS`, a page loads within `PAGE_MS`."""
PAGE_MS = 60_000
SCRIPT_MS = 10_000


class WebDriverError(RuntimeError):
    """The driver refused a command. `code`: the protocol's word, such as "no such element"."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class Driver:
    """A driver's process; it starts the browser and ends it.

    `words` with "{port}" in it. `prefix`: words that run a program in another namespace; `door`: the Unix socket
    that leads there, and the program that opens it (`harness.webdriver.doorway`).
    """

    def __init__(
        self, words: Sequence[str], *, log: Path, prefix: Sequence[str] = (), env: dict[str, str] | None = None,
        door: tuple[Path, Sequence[str]] | None = None,
    ) -> None:  # fmt: skip
        port = free_port()
        self.log = log
        self._processes = [self._run([*prefix, *(word.format(port=port) for word in words)], env)]
        transport = None
        if door:
            path, doorway = door
            self._processes.append(self._run([*prefix, *doorway, str(path), str(port)], env))
            transport = httpx.HTTPTransport(uds=str(path))
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=COMMAND_SECS, transport=transport)
        try:
            self._await_ready()
        except BaseException:
            self.close()
            raise

    def _run(self, words: Sequence[str], env: dict[str, str] | None) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as output:
            return subprocess.Popen(
                words,
                env={**os.environ, **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )

    def _await_ready(self) -> None:
        deadline = time.monotonic() + START_SECS
        while True:
            with contextlib.suppress(httpx.HTTPError):
                if self.http.get("/status", timeout=2).json()["value"]["ready"]:
                    return
            if self._processes[0].poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.log} : the driver did not start:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.05)

    def close(self) -> None:
        self.http.close()
        for process in self._processes:
            # Whatever the driver started is of its process group.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECS)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


class Session:
    """One browser. Commands name the window that they are for; the switch is made when it is another one."""

    def __init__(self, driver: Driver, capabilities: dict[str, Any]) -> None:
        self.driver = driver
        made = self._post("/session", {"capabilities": {"alwaysMatch": capabilities}})
        self.capabilities = dict(made["capabilities"])
        self._path = f"/session/{made['sessionId']}"
        # Stays open: a browser without a window is of no use to the next one who asks for one.
        self._home = self._window = str(self.command("GET", "/window"))
        self.command("POST", "/timeouts", script=SCRIPT_MS, pageLoad=PAGE_MS, implicit=0)

    def command(self, method: str, path: str, **fields: Any) -> Any:
        """The value of the answer. Raises `WebDriverError`."""
        return self._send(method, f"{self._path}{path}", fields if method == "POST" else None)

    def focus(self, window: str) -> None:
        if window != self._window:
            self.command("POST", "/window", handle=window)
            self._window = window

    def new_window(self) -> str:
        self.focus(self._home)
        return str(self.command("POST", "/window/new", type="tab")["handle"])

    def forget_window(self) -> None:
        """The window in focus is gone."""
        self._window = ""

    def close(self) -> None:
        with contextlib.suppress(WebDriverError, httpx.HTTPError):
            self.command("DELETE", "")

    def _post(self, path: str, fields: dict[str, Any]) -> Any:
        return self._send("POST", path, fields)

    def _send(self, method: str, path: str, fields: dict[str, Any] | None) -> Any:
        answer = self.driver.http.request(method, path, json=fields)
        value = answer.json()["value"]
        if answer.is_error:
            raise WebDriverError(value["error"], value["message"])
        return value
