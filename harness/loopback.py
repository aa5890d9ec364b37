"""A server of the standard library on a free port of 127.0.0.1, in a thread: what every faked service listens with."""

from __future__ import annotations

import socketserver
import threading
from http.server import ThreadingHTTPServer

LOOK_SECS = 0.05
"""How often it looks whether it is to end; `stop` takes as long."""


class LoopbackServer:
    """Listens from the beginning and answers between `start` and `stop`. `kind`: HTTP, or bare TCP."""

    def __init__(
        self,
        handler: type[socketserver.BaseRequestHandler],
        kind: type[socketserver.ThreadingTCPServer | ThreadingHTTPServer] = ThreadingHTTPServer,
        port: int = 0,
    ) -> None:
        self._server = kind(("127.0.0.1", port), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(LOOK_SECS,), daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def origin(self) -> str:
        """As a URL begins, where it speaks HTTP."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
