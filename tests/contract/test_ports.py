"""A port that is given away here stays its receiver's until the program that it is for has started."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from harness import processes
from harness.processes import free_port
from support.config.schema import BASE_DIR

ASKS = """
import sys
from harness.processes import free_port
print(*(free_port() for _ in range(300)), flush=True)
sys.stdin.read()
"""


def test_no_port_is_given_to_two_of_several_processes() -> None:
    asking = [
        subprocess.Popen(
            [sys.executable, "-c", ASKS], cwd=BASE_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    try:
        given = [int(port) for process in asking if process.stdout for port in process.stdout.readline().split()]
    finally:
        for process in asking:
            process.communicate()
    assert len(given) == len(set(given)) == 1200


def test_a_port_that_somebody_listens_on_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    one = free_port()
    monkeypatch.setattr(processes, "PORTS", range(one, one + 1))
    monkeypatch.setattr(processes, "_reserved", lambda _port: True)
    assert free_port() == one
    with socket.create_server(("127.0.0.1", one)), pytest.raises(OSError, match="no port is free"):
        free_port()
