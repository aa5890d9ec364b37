"""What the brute force test runs in processes of their own: `python -m tests.accounts.processes VERB …`.

Each says `ready`, waits for a line on stdin, works, and prints its result as JSON.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import django


def start_together() -> None:
    print("ready", flush=True)
    sys.stdin.readline()


def answers(codes: list[str]) -> dict[str, int]:
    """Tries these answers against the code in force, with nothing in front of it; how often which outcome came."""
    from accounts.otp import check

    check("somebody-else", "000000")  # connected before the start
    start_together()
    return Counter(str(check("ayse", code)) for code in codes)


def browsers(tries: list[str]) -> dict[str, int]:
    """As `answers`, each of the shape BROWSER=CODE."""
    from accounts.otp import check

    check("somebody-else", "000000")
    start_together()
    pairs = [one.split("=") for one in tries]
    return Counter(str(check("ayse", code, browser)) for browser, code in pairs)


def posts(codes: list[str]) -> dict[str, int]:
    """The same through the whole endpoint, eight at a time; how often which status came."""
    from django.db import connection
    from django.test import Client

    from tests.accounts.conftest import request_code, verify

    def one(code: str) -> str:
        try:
            return str(verify(Client(), "ayse", code).status_code)
        finally:
            connection.close()

    request_code(Client(), "somebody-else")
    start_together()
    with ThreadPoolExecutor(8) as pool:
        return Counter(pool.map(one, codes))


if __name__ == "__main__":
    django.setup()
    verb = {"answers": answers, "posts": posts, "browsers": browsers}[sys.argv[1]]
    print(json.dumps(verb(sys.argv[2].split(","))), flush=True)
