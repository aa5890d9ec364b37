"""The lab's hand on a link process."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.call_lab.processes import Child

ANSWER_SECS = 5.0


class LinkControl:
    """Starts a link between two ends ({"namespace", "device", "address"}) and changes it while it runs."""

    def __init__(self, name: str, folder: Path, near: dict[str, str], far: dict[str, str], seed: int) -> None:
        self._path = folder / f"{name}.link"
        spec = {"control": str(self._path), "seed": seed, "near": near, "far": far}
        words = [sys.executable, "-m", "bench.call_lab.link", json.dumps(spec)]
        self.child = Child(words, log=folder / f"link-{name}.log")
        self.child.await_ready()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(folder / f"{name}.lab"))
        self._socket.settimeout(ANSWER_SECS)

    def order(self, **order: Any) -> dict[str, Any]:
        """See bench.call_lab.link; what it answers is in force. Raises RuntimeError when refused."""
        self._socket.sendto(json.dumps(order).encode(), str(self._path))
        answer: dict[str, Any] = json.loads(self._socket.recv(65_536))
        if "error" in answer:
            raise RuntimeError(f"the link refused {order}: {answer['error']}")
        return answer

    def set(self, **conditions: Any) -> None:
        """Both directions."""
        self.order(both=conditions)

    def stats(self) -> dict[str, Any]:
        return self.order(stats=True)

    @contextmanager
    def under(self, **conditions: Any) -> Iterator[None]:
        """The conditions for as long as the block runs; then those of before."""
        before = self.stats()
        self.set(**conditions)
        try:
            yield
        finally:
            self.order(up=before["up"]["conditions"], down=before["down"]["conditions"])

    def close(self) -> None:
        self._socket.close()
        self.child.close()
