"""`python -m bench.notify`: how long a code or a card takes from being enqueued to Telegram.

On a stack of its own (Redis, worker and beat as the Procfile starts them, SQLite) and a Telegram on loopback. Messages
go one at a time, so that the send rate holds nobody up, at moments that have nothing to do with beat's second. Each
kind goes twice: left to beat's sweep, and asked for on commit, as it is. Prints a table.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import tempfile
import time
from pathlib import Path

from bench.queue import configure
from harness.fakes.telegram import FakeTelegram
from harness.stack import Stack

APART_SECS = (0.25, 1.25)
"""Between two messages: longer than the send rate of 5/s asks for, and spread over a whole second of beat's."""
CHAT = "1001"
PATIENCE_SECS = 30.0


def send(kind: str, number: int) -> None:
    from notifications import services
    from notifications.telling.recipients import Recipient

    if kind == "code":
        services.send_otp("ayse", CHAT, "tr", f"{number:06d}")
        return
    target = [Recipient("ayse", CHAT, "tr")]
    services.enqueue("customer_joined", context={"name": "Ada"}, dedupe_key=f"bench:{number}", recipients=target)


def delays(telegram: FakeTelegram, kind: str, count: int, first: int) -> list[float]:
    """Milliseconds from before each call to the arrival of its message."""
    found = []
    for number in range(first, first + count):
        time.sleep(random.uniform(*APART_SECS))
        before = len(telegram.calls)
        began = time.time()
        send(kind, number)
        telegram.wait_for(lambda before=before: len(telegram.calls) > before, "the message", PATIENCE_SECS)  # type: ignore[misc]
        found.append((telegram.calls[before].at - began) * 1000)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.notify", description=__doc__)
    parser.add_argument("--count", type=int, default=40, help="messages of each kind and way")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="adminara-bench-") as folder, FakeTelegram() as telegram:
        configure(Path(folder))
        bot = {"TELEGRAM_BOT_TOKEN": "1:bench", "TELEGRAM_API_URL": telegram.url}
        stack = Stack("uvicorn", processes=0, workers=True, settings=bot)
        try:
            os.environ.update({name: stack.environment[name] for name in ("DATA_DIR", "REDIS_URL", *bot)})
            measure(telegram, options.count)
        finally:
            stack.close()


def measure(telegram: FakeTelegram, count: int) -> None:
    import django

    django.setup()
    from notifications.sending import prompt

    on_commit = prompt.sweep_on_commit
    print(f"{'kind':6} {'sweep':10} {'p50 ms':>8} {'p95 ms':>8} {'most ms':>8}   ({count} each)")
    first = 0
    for kind in ("code", "card"):
        for way, ask in (("beat", lambda: None), ("on commit", on_commit)):
            prompt.sweep_on_commit = ask
            delays(telegram, kind, 1, first)  # the worker connects and compiles with its first
            found = sorted(delays(telegram, kind, count, first + 1))
            first += count + 1
            p95 = found[min(len(found) - 1, int(len(found) * 0.95))]
            print(f"{kind:6} {way:10} {statistics.median(found):8.0f} {p95:8.0f} {found[-1]:8.0f}", flush=True)


if __name__ == "__main__":
    main()
