"""A real PostgreSQL of its own: a private cluster in a temporary folder, on a Unix socket alone.

Debian's service is neither used nor started. initdb refuses root, so root hands the folder to the user `postgres`,
whom Debian's package makes.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from harness.processes import start_bound

ACCOUNT = "postgres"
START_SECS = 30.0
# Nothing here has to survive a power cut, and tests commit often.
OPTIONS = ("listen_addresses=", "fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=100")


class NoPostgres(Exception):
    """There is no PostgreSQL, or it did not start; the text says what to do."""


def find_programs() -> Path:
    """The folder of the newest `initdb` and `postgres`, which Debian keeps off PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[4]))
    if found:
        return found[-1].parent
    if on_path := shutil.which("initdb"):
        return Path(on_path).parent
    raise NoPostgres("No PostgreSQL: `make test-packages` installs it (apt-get install postgresql).")


class PostgresProcess:
    """`folder` is where others find its socket; see `url` and `create`."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="adminara-pg-"))
        self.data = self.folder / "data"
        self._log = self.folder / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it answers. Raises NoPostgres with its own words when it does not."""
        programs = find_programs()
        self._give_away()
        log = self._log.open("wb")
        initialise = [str(programs / "initdb"), "-D", str(self.data), "-U", ACCOUNT, "-A", "trust", "-N", "-E", "UTF8"]
        # C.UTF-8 as production images have it; the machine's own locale may be anything.
        done = subprocess.run(
            [*self._as_account(), *initialise, "--locale=C.UTF-8"], cwd=self.folder, stdout=log, stderr=log, check=False
        )
        if done.returncode:
            raise NoPostgres(f"initdb failed:\n{self._log.read_text()}")
        settings = [word for option in OPTIONS for word in ("-c", option)]
        serve = [str(programs / "postgres"), "-D", str(self.data), "-k", str(self.folder), *settings]
        command = [*self._as_account("--pdeathsig", "QUIT"), *serve]
        self._process = start_bound(command, signal.SIGQUIT, cwd=self.folder, stdout=log, stderr=log)
        self._await_answer(programs)

    def stop(self) -> None:
        """Ends it in good order, whoever is still connected, and removes the folder."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)
                self._process.wait(15)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _as_account(self, *more: str) -> list[str]:
        # exec without a shell or a session in between: the process we start is the server itself. Linux forgets with
        # the account what the process had asked for: to end with its parent is asked for anew (`more`).
        words = ["setpriv", "--reuid", ACCOUNT, "--regid", ACCOUNT, "--init-groups", *more]
        return words if os.getuid() == 0 else []

    def _give_away(self) -> None:
        if os.getuid() != 0:
            return
        try:
            account = pwd.getpwnam(ACCOUNT)
        except KeyError:
            raise NoPostgres(f"There is no user `{ACCOUNT}`: Debian's package postgresql makes it.") from None
        os.chown(self.folder, account.pw_uid, account.pw_gid)

    def _await_answer(self, programs: Path) -> None:
        assert self._process is not None
        deadline = time.monotonic() + START_SECS
        asked = [str(programs / "pg_isready"), "-q", "-h", str(self.folder), "-U", ACCOUNT]
        while subprocess.run(asked, check=False).returncode:
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise NoPostgres(f"PostgreSQL did not start:\n{self._log.read_text()}")
            time.sleep(0.05)


def url(folder: Path, name: str) -> str:
    """The address of that database in the cluster of `folder`."""
    return f"postgres://{ACCOUNT}@/{folder}/{name}"


def create(folder: Path, name: str, template: str = "template1") -> None:
    """Makes it, as a copy of `template`, to which nobody may be connected. Raises NoPostgres when it is there."""
    words = [str(find_programs() / "createdb"), "-h", str(folder), "-U", ACCOUNT, "-T", template, name]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoPostgres(done.stderr)


def exists(folder: Path, name: str) -> bool:
    words = [str(find_programs() / "psql"), "-h", str(folder), "-U", ACCOUNT, "-d", name, "-c", ""]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0
