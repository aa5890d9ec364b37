"""`python -m support.launcher`: Redis, web, worker and beat of one DATA_DIR, until Ctrl-C or SIGTERM.

It runs for as long as the stack and only watches: no Django and no settings are loaded here (`prepare.py` does that,
and ends), so that it costs next to nothing.
"""

import fcntl
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import IO

from support.config.shell import child_environment
from support.launcher.plan import Plan
from support.launcher.preparation import Failed, Preparation
from support.launcher.redis_server import NoRedis, RedisServer
from support.launcher.supervisor import Supervisor
from support.server.listening import listeners

LOOK_SECS, READY_LOOK_SECS = 0.2, 0.5
"""Between two looks at the processes: while all of it starts, and after."""


class Refused(Exception):
    """Why the stack does not start; the text says what to do."""


def main() -> int:
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stopping.set())
    preparation = Preparation()
    try:
        plan = preparation.plan()
        Path(plan.data_dir).mkdir(parents=True, exist_ok=True)
        lock = take_lock(plan)
        check_port(plan)
        with lock:
            return run(plan, preparation, stopping)
    except (Refused, NoRedis) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except Failed as failure:
        print(failure, file=sys.stderr)
        return 1
    finally:
        preparation.stop()


def take_lock(plan: Plan) -> IO[str]:
    """One stack per DATA_DIR; the lock ends with this process, however that ends."""
    lock = (Path(plan.data_dir) / "run.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        holder = lock.read().strip() or "unknown"
        lock.close()
        raise Refused(
            f"A stack already runs on DATA_DIR={plan.data_dir} (process {holder}).\n"
            "Stop it first, or choose another DATA_DIR, or add a web process to it: "
            f"PORT=<free port> DATA_DIR={plan.data_dir} make web"
        ) from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def check_port(plan: Plan) -> None:
    try:
        probes = listeners(plan.bind, plan.port)
    except socket.gaierror as error:
        raise Refused(f"BIND={plan.bind} is no address of this machine ({error.strerror}). Try 127.0.0.1") from None
    except OSError as error:
        raise Refused(
            f"Port {plan.port} of {plan.bind} cannot be used ({error.strerror}). Choose another: PORT=8001"
        ) from None
    for probe in probes:
        probe.close()


def run(plan: Plan, preparation: Preparation, stopping: threading.Event) -> int:
    redis = None
    supervisor = None
    try:
        if plan.redis_socket is not None:
            search_path = child_environment().get("PATH", "")
            redis = RedisServer(Path(plan.data_dir) / "redis", Path(plan.redis_socket), search_path)
            redis.start()
        preparation.prepare()
        supervisor = Supervisor(plan.commands, child_environment(**plan.environment), Path(plan.folder))
        supervisor.stop_secs = plan.stop_secs
        supervisor.start()
        preparation.started()
        return keep_up(preparation, redis, supervisor, stopping)
    finally:
        if supervisor is not None:
            supervisor.stop()
        if redis is not None:
            redis.stop()


def keep_up(
    preparation: Preparation, redis: RedisServer | None, supervisor: Supervisor, stopping: threading.Event
) -> int:
    """Until a signal comes. 1 only when the web process cannot be kept up from the start: then nothing works at all."""
    ready = unknown = False
    down: set[str] = set()
    while not stopping.wait(READY_LOOK_SECS if ready else LOOK_SECS):
        failing = supervisor.check()
        for name in failing - down:
            print(f"`{name}` does not stay up; its last lines say why. It is tried again.", file=sys.stderr)
        down = failing
        if "web" in down and not ready:
            return 1
        if redis is not None:
            redis.look_after()
        if not ready and not unknown:
            try:
                announcement = preparation.announcement()
            except Failed as failure:
                unknown = True
                print(f"Nobody looks whether everything serves: {failure}. It goes on.", file=sys.stderr)
                continue
            if announcement is not None:
                ready = True
                print(announcement, flush=True)
    print("Stopping …", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
