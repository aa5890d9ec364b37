"""`python -m harness.nursery FD`: has the libraries loaded, and forks the programs that `harness.python` orders there.

No settings are loaded here, and of ours only what needs none: a program finds itself, its arguments and its environment
as if it had been executed, but for the name under which the system lists it. It ends with the nursery, and that with
its socket.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import runpy
import selectors
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

from django.conf import settings

from support.launcher.parent import die_with_parent

ORDER_BYTES = 200_000
LIBRARIES = (
    "celery.apps.worker", "celery.beat", "celery.bin.celery", "celery.fixups.django", "channels.consumer",
    "channels.db", "channels.layers", "channels.routing", "channels_redis.pubsub", "corsheaders.checks",
    "corsheaders.middleware", "cryptography.fernet", "csp.checks", "csp.middleware", "django.contrib.admin.options",
    "django.contrib.admin.sites", "django.contrib.admin.templatetags.admin_list",
    "django.contrib.admin.templatetags.admin_modify", "django.contrib.auth.apps", "django.contrib.auth.hashers",
    "django.contrib.auth.password_validation", "django.contrib.auth.tokens", "django.contrib.messages.middleware",
    "django.contrib.sessions.middleware", "django.contrib.staticfiles.storage", "django.contrib.syndication.views",
    "django.core.asgi", "django.core.cache.backends.redis", "django.core.mail.backends.smtp",
    "django.core.management.commands.makemigrations", "django.core.management.commands.migrate",
    "django.db.backends.sqlite3.base", "django.db.migrations.executor", "django.middleware.clickjacking",
    "django.middleware.common", "django.middleware.locale", "django.middleware.security", "django.templatetags.cache",
    "django.templatetags.tz", "django.views.debug", "django.views.decorators.clickjacking",
    "django.views.decorators.gzip", "django.views.defaults", "django.views.i18n", "django_prometheus.apps",
    "django_prometheus.exports", "django_prometheus.middleware", "django_structlog.celery.steps",
    "django_structlog.middlewares", "django_stubs_ext", "environ", "httpx", "jwt", "kombu.pidbox",
    "kombu.transport.redis", "limits.storage", "limits.strategies", "polib", "prometheus_client.core",
    "prometheus_client.multiprocess", "pydantic", "pydantic.json_schema", "pydantic.main",
    "pydantic.plugin._schema_validator", "pydantic.type_adapter", "pydantic.types", "redis.asyncio.client",
    "redis.sentinel", "rich.traceback", "rjsmin", "structlog.dev", "tomllib", "uvicorn",
    "uvicorn.protocols.http.httptools_impl", "uvicorn.protocols.websockets.websockets_sansio_impl", "uvloop",
    "whitenoise.middleware", "zoneinfo",
)  # fmt: skip

OURS = (
    "accounts.access.origins", "accounts.otp", "accounts.ratelimit", "accounts.web.http", "appointments.ics",
    "appointments.slots", "bot.strangers", "bot.tasks", "desk.files.intake", "desk.files.kinds", "desk.files.scanner",
    "desk.files.serving", "desk.wrap_up.labels", "hours.schedule", "infra.admin_lists", "infra.logs.logging",
    "infra.pictures", "infra.redis.bus", "infra.redis.persistence", "infra.redis.push", "infra.writing.text",
    "messages_left.attachments.mp4", "messages_left.attachments.webm", "notifications.content.letters",
    "notifications.content.otp_delivery", "notifications.sending.prompt", "notifications.transports.mail",
    "notifications.transports.outside", "queueing.callbacks.starts", "queueing.history.privacy.extensions",
    "queueing.history.transcript", "queueing.live.callbacks", "queueing.live.findings", "queueing.live.floor",
    "queueing.live.maintenance", "queueing.live.promises", "queueing.live.relay_batch", "queueing.live.results",
    "queueing.place_links", "queueing.visit", "signaling.connection.cursor", "signaling.connection.send_buffer",
    "signaling.wire.error_codes", "signaling.wire.inbound", "sites.answers", "support.config.rules",
    "support.http.assets.compression", "support.http.assets.front_door", "support.http.assets.installable",
    "support.http.bare_page", "support.http.clients.access", "support.http.customer.prechat",
)  # fmt: skip
"""Of ours what needs no settings to be loaded, takes long and is in every program."""


class Program:
    """One that runs: `caller` hears its process id at once, and how it ended."""

    def __init__(self, pid: int, caller: socket.socket) -> None:
        self.pid = pid
        self.handle = os.pidfd_open(pid)
        self._caller = caller
        self._caller.send(str(pid).encode())

    def tell_end(self) -> None:
        _, status = os.waitpid(self.pid, 0)
        with contextlib.suppress(BrokenPipeError):  # nobody wants to know any more
            self._caller.send(str(os.waitstatus_to_exitcode(status)).encode())
        self.close()

    def close(self) -> None:
        os.close(self.handle)
        self._caller.close()


def serve(orders: socket.socket) -> dict[str, Any] | None:
    """Comes back in each new process, with what it is to be; in the nursery itself at the end."""
    programs: dict[int, Program] = {}
    waiting = selectors.DefaultSelector()
    waiting.register(orders, selectors.EVENT_READ)
    while True:
        for key, _ in waiting.select():
            if key.fd in programs:
                waiting.unregister(key.fd)
                programs.pop(key.fd).tell_end()
                continue
            order, given, *_ = socket.recv_fds(orders, ORDER_BYTES, 4)
            if not order:
                return None
            *streams, answers = given
            caller = socket.socket(fileno=answers)
            if (pid := os.fork()) == 0:
                for program in programs.values():
                    program.close()
                for end in (waiting, orders, caller):
                    end.close()
                _take(streams)
                return dict(json.loads(order))
            for stream in streams:
                os.close(stream)
            program = Program(pid, caller)
            programs[program.handle] = program
            waiting.register(program.handle, selectors.EVENT_READ)


def _take(streams: list[int]) -> None:
    for usual, given in enumerate(streams):
        os.dup2(given, usual)
        os.close(given)


def become(order: dict[str, Any]) -> None:
    """Runs the program, as the interpreter runs what is named on its command line."""
    if order["session"]:
        os.setsid()
    die_with_parent()
    os.environ.clear()
    os.environ.update(order["env"])
    time.tzset()
    if os.environ.get("PYTHONUNBUFFERED"):
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(write_through=True)  # type: ignore[union-attr]
    first, *words = order["words"]
    if first == "-m":
        sys.argv = words
        runpy.run_module(words[0], run_name="__main__", alter_sys=True)
    elif first == "-c":
        sys.argv = [first, *words[1:]]
        exec(words[0], {"__name__": "__main__"})
    else:
        sys.argv = [first, *words]
        sys.path[0] = str(Path(first).resolve().parent)
        runpy.run_path(first, run_name="__main__")


def main(descriptor: int) -> None:
    # Ctrl-C is for who started it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)
    for name in LIBRARIES + OURS:
        importlib.import_module(name)
    assert not settings.configured
    assert threading.active_count() == 1
    gc.collect()
    gc.freeze()
    order = serve(socket.socket(fileno=descriptor))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if order is not None:
        become(order)


if __name__ == "__main__":
    main(int(sys.argv[1]))
