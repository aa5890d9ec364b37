"""Values between the driver and a process of its: each is one write and, mostly, one read.

`multiprocessing`'s connections read twice for each value, and build a selector for each that is waited for.
"""

from __future__ import annotations

import pickle
import socket
from typing import Any


class Wire:
    """Over a connected stream socket, whose timeout holds for each value."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._received = connected.makefile("rb")

    def send(self, value: Any) -> None:
        """Raises OSError when nobody is at the other end."""
        self._socket.sendall(pickle.dumps(value, pickle.HIGHEST_PROTOCOL))

    def receive(self) -> Any:
        """Raises EOFError or ConnectionError when the other end is gone, TimeoutError when nothing comes."""
        try:
            return pickle.load(self._received)
        except pickle.UnpicklingError as error:  # it was killed while it wrote
            raise EOFError from error

    def close(self) -> None:
        self._received.close()
        self._socket.close()
