"""`python -m support.web`: the web process, under uvicorn or daphne (WEB_SERVER). `--announce` prints a line
when it serves.
"""

import asyncio
import contextlib
import gc
import socket
import sys
from types import FrameType

import uvicorn

from infra.logs.logging import LogFile, configure
from support.config import environment
from support.config.environment import point_django_at_settings
from support.config.schema import Config
from support.server.direct import DirectProtocol
from support.server.http_guard import GuardedHttp
from support.server.listening import listeners
from support.server.ws_keepalive import teach_daphne

APPLICATION = "support.asgi:application"
# Above the protocol's 64 KiB, so that a frame slightly too large still gets an explained refusal.
FRAME_BYTES = 128 * 1024
# Of SHUTDOWN_SECS, for moving the sockets away and for closing what is left.
CLOSING_SECS = 4
DAPHNE_PING_TIMEOUT_SECS = 90
TICKS_A_SECOND = 10
"""As uvicorn counts them: with each tenth it renews the Date header."""


def main(arguments: list[str]) -> int:
    point_django_at_settings()
    config = environment.current()
    if not config.REDIS_URL and not environment.embedded_redis_socket(config.DATA_DIR).exists():
        print(
            f"Nothing runs on DATA_DIR={config.DATA_DIR}; start `make run` first or set REDIS_URL.",
            file=sys.stderr,
        )
        return 1
    configure(
        config.LOG_FORMAT, config.LOG_LEVEL, LogFile(config.LOG_FILE, config.LOG_FILE_MAX_MB, config.LOG_FILE_KEEP)
    )
    announcement = f"ready {config.local_url}" if "--announce" in arguments else None
    if config.WEB_SERVER == "daphne":
        return _run_daphne(config, announcement)
    return _run_uvicorn(config, announcement)


class _Server(uvicorn.Server):
    announcement: str | None = None
    _loop: asyncio.AbstractEventLoop | None = None

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._told = asyncio.Event()

    async def startup(self, *args: object, **kwargs: object) -> None:
        await super().startup(*args, **kwargs)  # type: ignore[arg-type]
        if self.started:
            _serves(self.announcement)

    async def main_loop(self) -> None:
        """As uvicorn's, which looks ten times a second whether it is to end: here a signal says so."""
        self._loop = asyncio.get_running_loop()
        seconds = 0
        while not await self.on_tick(seconds * TICKS_A_SECOND):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), 1)
            seconds += 1

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._told.set)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Only now: it needs Django set up, which the application's import does.
        from support.server.draining import drain

        await drain(self._stop_listening)
        await super().shutdown(sockets)

    def _stop_listening(self) -> None:
        for server in self.servers:
            server.close()


def _serves(announcement: str | None) -> None:
    """What the modules brought stays to the end: looked through for garbage, it would hold up every call."""
    gc.collect()
    gc.freeze()
    if announcement:
        print(announcement, flush=True)


def uvicorn_config(host: str, port: int, requests_secs: int = 1) -> uvicorn.Config:
    """How uvicorn serves the application, here and wherever it is measured or tested.

    `requests_secs`: how long requests in hand may take when the process ends.
    """
    return uvicorn.Config(
        APPLICATION,
        host=host,
        port=port,
        http=GuardedHttp,
        ws=DirectProtocol,
        # Who answers nothing is closed by the application, with a code of ours.
        ws_ping_timeout=None,
        # Frames are short and many: compression costs more than it saves.
        ws_per_message_deflate=False,
        ws_max_size=FRAME_BYTES,
        log_config=None,
        access_log=False,
        # support/http/clients/proxies.py decides whom to believe; uvicorn would believe 127.0.0.1.
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=requests_secs,
    )


def _run_uvicorn(config: Config, announcement: str | None) -> int:
    try:
        # Ours and not uvicorn's: it would listen for IPv6 alone on `::`.
        sockets = listeners(config.BIND, config.PORT)
    except OSError as error:
        print(f"BIND={config.BIND} PORT={config.PORT} cannot be used ({error.strerror}).", file=sys.stderr)
        return 1
    server = _Server(uvicorn_config(config.BIND, config.PORT, max(1, config.SHUTDOWN_SECS - CLOSING_SECS)))
    server.announcement = announcement
    server.run(sockets)
    return 0 if server.started else 1


def _run_daphne(config: Config, announcement: str | None) -> int:
    # Here and not at the top: importing daphne installs Twisted's reactor, which uvicorn has no use for.
    from daphne.endpoints import build_endpoint_description_strings

    from support.asgi import application
    from support.server.daphne import DaphneServer

    teach_daphne()
    server = DaphneServer(
        application=application,
        endpoints=build_endpoint_description_strings(host=config.BIND, port=config.PORT),
        websocket_timeout=-1,
        # Later than the application's own: it closes with a code.
        ping_timeout=DAPHNE_PING_TIMEOUT_SECS,
        websocket_max_message_size=FRAME_BYTES,
        websocket_max_frame_size=FRAME_BYTES,
        verbosity=0,
        server_name="",
        ready_callable=lambda: _serves(announcement),
    )
    server.run()
    return 1 if server.abort_start else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
