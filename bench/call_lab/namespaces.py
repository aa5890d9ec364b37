"""Network namespaces of the lab: made, used, and removed, also those that a crashed run left behind.

A run is named `adlab-<5 hex digits>`; it owns the namespaces `<run>-…` and the folder /tmp/<run>, and holds a lock in
that folder for as long as it lives. What carries our prefix and whose lock is free belongs to nobody any more.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import IO

PREFIX = "adlab-"
ROOT = Path("/tmp")
OURS = re.compile(rf"^({PREFIX}[0-9a-f]{{5}})(-[a-z]+)?$")


class Forbidden(RuntimeError):
    """This machine does not let us build the lab; the text says what is missing."""


def run_ip(*words: str) -> str:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"ip {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


def demand() -> None:
    """Raises `Forbidden` unless namespaces and TUN devices can be made here."""
    missing = [name for name in ("ip", "turnserver", "chromium", "redis-server") if not shutil.which(name)]
    if missing:
        raise Forbidden(
            f"The call lab needs these programs: {', '.join(missing)} (`make test-packages` installs them)."
        )
    if os.geteuid() != 0:
        raise Forbidden("The call lab makes network namespaces and must run as root (sudo make call-lab).")
    probe = f"{PREFIX}{secrets.token_hex(3)[:5]}"
    try:
        run_ip("netns", "add", probe)
        run_ip("netns", "del", probe)
    except RuntimeError as error:
        raise Forbidden(f"This machine forbids network namespaces ({error}). In a container: CAP_SYS_ADMIN.") from None
    try:
        os.close(os.open("/dev/net/tun", os.O_RDWR))
    except OSError as error:
        raise Forbidden(
            f"/dev/net/tun cannot be opened ({error.strerror}). "
            "In a container: --device /dev/net/tun --cap-add NET_ADMIN."
        ) from None


def listed() -> list[str]:
    return [name for line in run_ip("netns", "list").splitlines() if OURS.match(name := line.split()[0])]


def pids(namespace: str) -> list[int]:
    """All processes inside."""
    return [int(word) for word in run_ip("netns", "pids", namespace).split()]


def signal_all(namespace: str, number: signal.Signals) -> None:
    """Every process inside, and only those."""
    for pid in pids(namespace):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def remove(namespace: str) -> None:
    """Ends what still runs inside, then the namespace."""
    deadline = time.monotonic() + 5
    while pids(namespace) and time.monotonic() < deadline:
        signal_all(namespace, signal.SIGCONT)
        signal_all(namespace, signal.SIGKILL)
        time.sleep(0.05)
    run_ip("netns", "del", namespace)


def sweep() -> list[str]:
    """Removes what crashed runs left. Returns their names."""
    folders = {path.name for path in ROOT.glob(f"{PREFIX}*") if OURS.match(path.name)}
    owners = {OURS.match(name)[1] for name in listed()} | folders  # type: ignore[index]
    gone = [run for run in sorted(owners) if not _lives(run)]
    for run in gone:
        _erase(run)
    return gone


def _lives(run: str) -> bool:
    try:
        with (ROOT / run / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _erase(run: str) -> None:
    for namespace in listed():
        if namespace.startswith(f"{run}-"):
            with contextlib.suppress(RuntimeError):
                remove(namespace)
    shutil.rmtree(ROOT / run, ignore_errors=True)


class Run:
    """A run's name, folder and namespaces. `close` removes them all."""

    def __init__(self) -> None:
        self.name = f"{PREFIX}{secrets.token_hex(3)[:5]}"
        self.folder = ROOT / self.name
        self.folder.mkdir(mode=0o700)
        self._lock: IO[str] = (self.folder / "lock").open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def add(self, role: str) -> str:
        namespace = f"{self.name}-{role}"
        run_ip("netns", "add", namespace)
        run_ip("-n", namespace, "link", "set", "lo", "up")
        return namespace

    def close(self) -> None:
        _erase(self.name)
        self._lock.close()
