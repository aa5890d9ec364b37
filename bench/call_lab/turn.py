"""coturn: one relay process per region, on its own address of the server's namespace."""

from __future__ import annotations

import subprocess
from pathlib import Path

from bench.call_lab.processes import Child

SECRET = "relay-of-the-lab-0123456789"
PORT, TLS_PORT = 3478, 5349


class Turn:
    """UDP, TCP and TLS on `address`; relays media from the same address."""

    def __init__(self, region: str, address: str, priority: int, namespace: str, folder: Path) -> None:
        self.region = region
        self.address = address
        self.priority = priority
        self._namespace = namespace
        self._folder = folder
        self._certificate, self._key = certificate(folder, address)
        self._child: Child | None = None

    @property
    def setting(self) -> dict[str, object]:
        """An entry of TURN_SERVERS."""
        urls = [
            f"turn:{self.address}:{PORT}?transport=udp",
            f"turn:{self.address}:{PORT}?transport=tcp",
            f"turns:{self.address}:{TLS_PORT}?transport=tcp",
        ]
        return {"region": self.region, "urls": urls, "priority": self.priority}

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.process.poll() is None

    def start(self) -> None:
        if self.running:
            return
        base = self._folder / f"turn-{self.region}"
        configuration = base.with_suffix(".conf")
        configuration.write_text(
            f"listening-ip={self.address}\nrelay-ip={self.address}\nlistening-port={PORT}\n"
            f"tls-listening-port={TLS_PORT}\ncert={self._certificate}\npkey={self._key}\n"
            f"use-auth-secret\nstatic-auth-secret={SECRET}\nrealm=lab\nfingerprint\nno-cli\nno-software-attribute\n"
            f"min-port=50000\nmax-port=59999\nrelay-threads=1\npidfile={base}.pid\nuserdb={base}.db\n"
            f"log-file=stdout\nsimple-log\nno-dtls\n"
        )
        self._child = Child(
            ["turnserver", "-c", str(configuration)], log=base.with_suffix(".log"), namespace=self._namespace
        )
        self._child.await_ready(lambda _: self._listens(PORT) and self._listens(TLS_PORT))

    def _listens(self, port: int) -> bool:
        # coturn's own words come late; the kernel's table of its namespace does not.
        assert self._child is not None
        host = "".join(f"{int(part):02X}" for part in reversed(self.address.split(".")))
        try:
            table = Path(f"/proc/{self._child.process.pid}/net/tcp").read_text()
        except OSError:
            return False
        return f" {host}:{port:04X} 00000000:0000 0A " in table

    def kill(self) -> None:
        if self._child is not None:
            self._child.kill()

    def close(self) -> None:
        if self._child is not None:
            self._child.close()


def certificate(folder: Path, address: str) -> tuple[Path, Path]:
    """A self-signed certificate for an address of the lab."""
    chain, key = folder / f"{address}.pem", folder / f"{address}.key"
    words = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    name = ["-subj", f"/CN={address}", "-addext", f"subjectAltName=IP:{address}"]
    subprocess.run(["openssl", *words, *name, "-keyout", str(key), "-out", str(chain)], check=True, capture_output=True)
    return chain, key
