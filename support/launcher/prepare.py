"""`python -m support.launcher.prepare`: what the launcher cannot do without loading settings and Django. It ends when
the stack serves, and takes their memory along.

Talks to the launcher by lines on stdin and stdout: see `preparation.py`, the other end.
"""

import contextlib
import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from support.config import environment
from support.config.schema import BASE_DIR, Config
from support.config.shell import child_environment
from support.launcher.plan import Plan
from support.launcher.supervisor import read_procfile
from support.server.listening import in_url, reached_at

FIRST_OPERATOR = "admin"
EMBEDDED_BEAT = "--embedded-beat"
READY_SECS = 120.0
LOOK_SECS = 0.2
STOP_MARGIN_SECS = 3.0
"""Beyond the time that a web process allows itself: nobody should have to be killed."""
BIN_DIR = Path(sys.prefix) / "bin"


def main() -> int:
    tell, heard = conversation()
    config = environment.current()
    tell(asdict(plan(config)))
    environment.point_django_at_settings()
    # While the launcher sees to lock, port and Redis.
    import django

    django.setup()
    if not heard():
        return 1  # it refuses, and has said why
    created = prepare()
    tell({"created": created})
    if heard():
        await_service(config, time.monotonic())
        tell({"announcement": announcement(config, created)})
    return 0


def conversation() -> tuple[Callable[[dict[str, Any]], None], Callable[[], bool]]:
    """Says a line; waits for one, False when the launcher is gone. What else would go to stdout goes to stderr."""
    channel = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def tell(what: dict[str, Any]) -> None:
        print(json.dumps(what), file=channel, flush=True)

    return tell, lambda: bool(sys.stdin.readline())


def plan(config: Config) -> Plan:
    return Plan(
        data_dir=str(config.DATA_DIR),
        bind=config.BIND,
        port=config.PORT,
        redis_socket=None if config.REDIS_URL else str(environment.embedded_redis_socket(config.DATA_DIR)),
        commands=commands_for(config),
        folder=str(BASE_DIR),
        environment=children_environment(config),
        stop_secs=config.DRAIN_SECS + config.SHUTDOWN_SECS + STOP_MARGIN_SECS,
    )


def commands_for(config: Config) -> dict[str, list[str]]:
    """The Procfile, with beat in the only worker; without the bot where there is nothing to fetch: no bot, or Telegram
    calls the webhook.
    """
    commands = read_procfile(BASE_DIR / "Procfile")
    del commands["beat"]
    commands["worker"] = [*commands["worker"], EMBEDDED_BEAT]
    if not config.TELEGRAM_BOT_TOKEN or config.TELEGRAM_WEBHOOK_SECRET:
        commands.pop("bot", None)
    return commands


def children_environment(config: Config) -> dict[str, str]:
    """What differs from ours: the virtual environment first on PATH, and the values that we decided on."""
    path = child_environment().get("PATH", "")
    return {
        "PATH": f"{BIN_DIR}{os.pathsep}{path}",
        "DATA_DIR": str(config.DATA_DIR),
        "PORT": str(config.PORT),
        "PYTHONUNBUFFERED": "1",
    }


def prepare() -> str | None:
    """Database, translations, static files, first operator; returns the adminId when one was created. May run again at
    every start, and is quick then.
    """
    # Only with Django set up.
    from django.conf import settings
    from django.core.management import call_command

    from support.launcher.messages import compile_messages

    compile_messages()
    call_command("migrate", interactive=False, verbosity=0)
    if not settings.DEBUG:
        call_command("collectstatic", interactive=False, verbosity=0)
    return create_first_operator()


def create_first_operator() -> str | None:
    """An empty installation gets one operator, so that somebody can sign in."""
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    if get_user_model().objects.exists():
        return None
    call_command("createoperator", FIRST_OPERATOR, name="Admin", verbosity=0)
    return FIRST_OPERATOR


def await_service(config: Config, started: float) -> None:
    """Returns when everything serves; says so once when that takes long. The launcher ends us when it is to end."""
    late = False
    while not serves(config, time.monotonic() - started):
        if not late and time.monotonic() - started > READY_SECS:
            late = True
            print(f"Not ready after {READY_SECS:g} s: {health(config)}. It goes on.", file=sys.stderr, flush=True)
        time.sleep(LOOK_SECS)


def serves(config: Config, running_secs: float) -> bool:
    """The web process answers, and a worker has run a task that beat sent since we started."""
    from infra.errors import StoreUnavailable
    from support.ops.heartbeat import age_secs

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


def announcement(config: Config, created: str | None) -> str:
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
    return "\n".join(lines) + f"\n\nready {url}"


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):  # the launcher is gone, and nobody listens
        sys.exit(main())
