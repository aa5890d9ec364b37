"""The lab's network. Three namespaces; addresses exist inside them only and are routed nowhere else.

    customer 10.77.1.2 ──link──┐                      ┌──link── operator 10.77.2.2
                               server 10.77.0.10 (web), .11 and .12 (TURN regions)

Everything between the two browsers crosses both links: directly through the server's namespace, which forwards like a
router, or by a relay when `direct(False)` stops that, as two strict NATs would.
"""

from __future__ import annotations

import subprocess

from bench.call_lab.links import LinkControl
from bench.call_lab.namespaces import Run, run_ip
from bench.call_lab.server import ADDRESS, Server
from bench.call_lab.turn import Turn

REGIONS = (("ankara", "10.77.0.11"), ("izmir", "10.77.0.12"))
# One way over one link: 50 ms there and back between the browsers.
BASE = {"delay_ms": 12.5}
CUSTOMER_ADDRESSES = ("10.77.1.2", "10.77.1.3")


class Topology:
    """All of it, in a `Run`. `close` ends every process; the run removes namespaces and files."""

    def __init__(self, run: Run, seed: int) -> None:
        self.run = run
        self.server_namespace = run.add("srv")
        for address in (ADDRESS, *(address for _, address in REGIONS)):
            run_ip("-n", self.server_namespace, "addr", "add", f"{address}/32", "dev", "lo")
        self.namespaces = {"customer": run.add("cust"), "operator": run.add("oper")}
        self.links = {
            "customer": self._link("customer", "c", 1, seed),
            "operator": self._link("operator", "o", 2, seed + 100),
        }
        self.turns = [
            Turn(region, address, priority, self.server_namespace, run.folder)
            for priority, (region, address) in enumerate(REGIONS, start=1)
        ]
        self.server = Server(self.server_namespace, run.folder, self.turns)
        self._customer_address = 0

    def start(self) -> None:
        self.direct(True)
        for turn in self.turns:
            turn.start()
        self.server.start()
        self.reset()

    def _link(self, side: str, letter: str, network: int, seed: int) -> LinkControl:
        tag = self.run.name.removeprefix("adlab-")
        near = {"namespace": self.namespaces[side], "device": f"{letter}{tag}a", "address": f"10.77.{network}.2/24"}
        far = {"namespace": self.server_namespace, "device": f"{letter}{tag}b", "address": f"10.77.{network}.1/24"}
        link = LinkControl(side, self.run.folder, near, far, seed)
        run_ip("-n", near["namespace"], "route", "add", "default", "via", f"10.77.{network}.1")
        return link

    def direct(self, possible: bool) -> None:
        """Whether packets may go from browser to browser without a relay."""
        word = f"echo {int(possible)} > /proc/sys/net/ipv4/ip_forward"
        subprocess.run(["ip", "netns", "exec", self.server_namespace, "sh", "-c", word], check=True)

    def change_customer_address(self) -> None:
        """As a phone that goes from Wi-Fi to the mobile network: the old address is gone, a new one is there."""
        namespace = self.namespaces["customer"]
        device = f"c{self.run.name.removeprefix('adlab-')}a"
        old = CUSTOMER_ADDRESSES[self._customer_address]
        self._customer_address = 1 - self._customer_address
        new = CUSTOMER_ADDRESSES[self._customer_address]
        run_ip("-n", namespace, "addr", "del", f"{old}/24", "dev", device)
        run_ip("-n", namespace, "addr", "add", f"{new}/24", "dev", device)
        run_ip("-n", namespace, "route", "replace", "default", "via", "10.77.1.1")

    def reset(self, **conditions: float) -> None:
        """Both links to the lab's rest: the base delay and nothing else; everything killed is started again."""
        clean = {
            "loss_pct": 0,
            "rate_kbps": 0,
            "down": False,
            "block_udp": False,
            "block_tcp_ports": [],
            "jitter_ms": 0,
        }
        for link in self.links.values():
            link.order(both={**clean, **BASE, **conditions}, reset=True)
        self.direct(True)
        for turn in self.turns:
            turn.start()
        self.server.heal()

    def close(self) -> None:
        self.server.close()
        for turn in self.turns:
            turn.close()
        for link in self.links.values():
            link.close()
