"""docs/threat-model.md names tests that exist, and requirements in their form."""

from __future__ import annotations

import ipaddress
import re
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
TEXT = (ROOT / "docs/threat-model.md").read_text()
ROWS = re.findall(r"^\| (V\d+\.\d+\.\d+) \| (.+) \| (.+) \|$", TEXT, re.MULTILINE)
GAPS = re.findall(r"^\| (V\d+\.\d+\.\d+) \| ([^|]+) \|$", TEXT, re.MULTILINE)
NAMED = sorted(set(re.findall(r"`(tests/[\w/.]+\.py)::(\w+)`", TEXT)))


@cache
def functions_of(file: str) -> frozenset[str]:
    text = (ROOT / file).read_text() if (ROOT / file).exists() else ""
    return frozenset(re.findall(r"^ *(?:async )?def (test_\w+)\(", text, re.MULTILINE))


@pytest.mark.parametrize(("file", "function"), NAMED)
def test_every_test_that_is_named_exists(file: str, function: str) -> None:
    assert function in functions_of(file)


def test_the_table_is_whole() -> None:
    requirements = [row[0] for row in ROWS]
    assert len(requirements) >= 60
    assert len(set(requirements)) == len(requirements)
    assert all(re.search(r"`tests/[\w/.]+\.py::test_\w+`", row[2]) for row in ROWS), "a row without a test"
    order = [tuple(map(int, name[1:].split("."))) for name in requirements]
    assert order == sorted(order)


def test_a_gap_is_no_row() -> None:
    assert GAPS
    assert not {name for name, _why in GAPS} & {row[0] for row in ROWS}


@pytest.mark.parametrize(
    "address",
    ["10.1.2.3", "172.16.0.1", "192.168.1.1", "127.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1", "fd00::1",
     "fe80::1"],
)  # fmt: skip
def test_the_relay_reaches_no_reserved_address(address: str) -> None:
    wanted = ipaddress.ip_address(address)
    lines = (ROOT / "deploy/coturn/turnserver.conf").read_text().splitlines()
    spans = [line.partition("=")[2].strip().split("-") for line in lines if line.startswith("denied-peer-ip=")]
    bounds = [(ipaddress.ip_address(span[0]), ipaddress.ip_address(span[-1])) for span in spans]
    assert any(low.version == wanted.version and low <= wanted <= high for low, high in bounds)  # type: ignore[operator]
