"""`python -m support.launcher`: Redis, web, worker and beat of one DATA_DIR, until Ctrl-C or SIGTERM."""

import fcntl
import json
import os
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO

import django

from infra.errors import StoreUnavailable
from support.config import environment
from support.config.schema import BASE_DIR, Config
from support.launcher.redis_server import NoRedis, RedisServer
from support.launcher.supervisor import Supervisor, read_procfile
from support.ops.heartbeat import age_secs
from support.server.listening import in_url, listeners, reached_at

READY_SECS = 120.0
STOP_MARGIN_SECS = 3.0
"""Beyond the time that a web process allows itself: nobody should have to be killed."""
BIN_DIR = Path(sys.prefix) / "bin"


class Refused(Exception):
    """Why the stack does not start; the text says what to do."""


def main() -> int:
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stopping.set())
    config = environment.current()
    try:
        config.DATA_DIR.mkdir(parents=True, exist_ok=True)
        lock = take_lock(config)
        check_port(config)
        with lock:
            return run(config, stopping)
    except (Refused, NoRedis) as refusal:
        print(refusal, file=sys.stderr)
        return 1


def take_lock(config: Config) -> IO[str]:
    """One stack per DATA_DIR; the lock ends with this process, however that ends."""
    lock = (config.DATA_DIR / "run.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        holder = lock.read().strip() or "unknown"
        lock.close()
        raise Refused(
            f"A stack already runs on DATA_DIR={config.DATA_DIR} (process {holder}).\n"
            "Stop it first, or choose another DATA_DIR, or add a web process to it: "
            f"PORT=<free port> DATA_DIR={config.DATA_DIR} make web"
        ) from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def check_port(config: Config) -> None:
    try:
        probes = listeners(config.BIND, config.PORT)
    except socket.gaierror as error:
        raise Refused(f"BIND={config.BIND} is no address of this machine ({error.strerror}). Try 127.0.0.1") from None
    except OSError as error:
        raise Refused(
            f"Port {config.PORT} of {config.BIND} cannot be used ({error.strerror}). Choose another: PORT=8001"
        ) from None
    for probe in probes:
        probe.close()


def run(config: Config, stopping: threading.Event) -> int:
    redis = None
    supervisor = None
    try:
        if not config.REDIS_URL:
            search_path = environment.child_environment().get("PATH", "")
            folder = config.DATA_DIR / "redis"
            redis = RedisServer(folder, environment.embedded_redis_socket(config.DATA_DIR), search_path)
            redis.start()
        created = prepare_database()
        supervisor = Supervisor(commands_for(config), children_environment(config), BASE_DIR)
        started = time.monotonic()
        supervisor.stop_secs = config.DRAIN_SECS + config.SHUTDOWN_SECS + STOP_MARGIN_SECS
        supervisor.start()
        return keep_up(config, redis, supervisor, stopping, started, created)
    finally:
        if supervisor is not None:
            supervisor.stop()
        if redis is not None:
            redis.stop()


def prepare_database() -> str | None:
    environment.point_django_at_settings()
    django.setup()
    # Only now: it imports models.
    from support.launcher.prepare import prepare

    return prepare()


def commands_for(config: Config) -> dict[str, list[str]]:
    """The Procfile, without the bot where there is nothing to fetch: no bot, or Telegram calls the webhook."""
    commands = read_procfile(BASE_DIR / "Procfile")
    if not config.TELEGRAM_BOT_TOKEN or config.TELEGRAM_WEBHOOK_SECRET:
        commands.pop("bot", None)
    return commands


def children_environment(config: Config) -> dict[str, str]:
    """Ours, with the virtual environment first on PATH and the values that we decided on."""
    path = environment.child_environment().get("PATH", "")
    return environment.child_environment(
        PATH=f"{BIN_DIR}{os.pathsep}{path}",
        DATA_DIR=str(config.DATA_DIR),
        PORT=str(config.PORT),
        PYTHONUNBUFFERED="1",
    )


def keep_up(
    config: Config,
    redis: RedisServer | None,
    supervisor: Supervisor,
    stopping: threading.Event,
    started: float,
    created: str | None,
) -> int:
    """Until a signal comes. 1 only when the web process cannot be kept up from the start: then nothing works at all."""
    ready = late = False
    down: set[str] = set()
    while not stopping.wait(0.2):
        failing = supervisor.check()
        for name in failing - down:
            print(f"`{name}` does not stay up; its last lines say why. It is tried again.", file=sys.stderr)
        down = failing
        if "web" in down and not ready:
            return 1
        if redis is not None:
            redis.look_after()
        if not ready and serves(config, time.monotonic() - started):
            ready = True
            announce(config, created)
        if not ready and not late and time.monotonic() - started > READY_SECS:
            late = True
            print(f"Not ready after {READY_SECS:g} s: {health(config)}. It goes on.", file=sys.stderr)
    print("Stopping …", flush=True)
    return 0


def serves(config: Config, running_secs: float) -> bool:
    """The web process answers, and a worker has run a task that beat sent since we started."""
    checks = health(config).get("checks", {})
    if not checks.get("redis", {}).get("ok") or not checks.get("database", {}).get("ok"):
        return False
    try:
        age = age_secs()  # /health tells strangers no figures, and in production we are one
    except StoreUnavailable:
        return False
    return age is not None and age <= running_secs


def health(config: Config) -> dict[str, dict[str, dict[str, float]]]:
    url = f"http://{in_url(reached_at(config.BIND))}:{config.PORT}/health"
    try:
        with urllib.request.urlopen(url, timeout=3) as answer:
            return dict(json.load(answer))
    except (OSError, ValueError):
        return {}


def announce(config: Config, created: str | None) -> None:
    url = config.local_url
    data_dir = "" if config.DATA_DIR == BASE_DIR / "var" else f"DATA_DIR={config.DATA_DIR} "
    lines = [
        "",
        f"  Customer page     {url}/",
        *([f"  Widget on a site  {url}/demo/"] if config.is_development else []),
        f"  Operator console  {url}/admin/console/",
        "",
        f"  The first operator `{created}` was created." if created else "  Sign in with your adminId.",
    ]
    if not config.TELEGRAM_BOT_TOKEN:
        lines += [
            "  Without TELEGRAM_BOT_TOKEN the one-time code stands in the worker's log here; or ask for one:",
            f"    {data_dir}.venv/bin/python manage.py otp {created or 'ADMIN_ID'}",
        ]
    print("\n".join(lines) + f"\n\nready {url}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
