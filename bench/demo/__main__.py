"""`make demo`: customers and operators in headless Chromium, on a stack that runs or on one of its own.

Seven acts: a video call on the hosted page; a chat in the widget of a shop on another origin, in Turkish and English;
operators among themselves: a chat that becomes a call, a note, a transfer, an outcome, a match that nobody answers;
a closed site, where a voice message is left, taken on Telegram and answered by e-mail; a full queue, where somebody who
waits leaves the page, is told by push and comes back; one where somebody is told on Telegram, and another gives the
place up by a letter's link; and a time that is chosen, reminded of and kept. Prints every step with its time and leaves
screenshots. `--url` and `--data-dir` name a running stack; its mail and its Telegram go wherever they go, so that what
is said by e-mail or there, the message, the full queue and the chosen time are played on a stack of its own alone.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from bench.demo import appointment, call, called, chatted, desk, message, shop
from bench.demo.scene import ROOT, Scene
from harness.browser.chromium import CHROMIUM, CHROMIUM_ARGS
from harness.fakes.smtp import FakeMail
from harness.fakes.telegram import FakeTelegram
from harness.processes import Running, free_port

START_SECS = 120
PATIENCE_MS = 30_000
ACTS = ("call", "shop", "desk", "message", "called", "chatted", "appointment")


@dataclass(frozen=True)
class Around:
    """The services that a stack of our own speaks to."""

    mail: FakeMail
    telegram: FakeTelegram


@contextmanager
def stack(url: str | None, data_dir: str | None) -> Iterator[tuple[str, str, Around | None]]:
    """(url, data folder, what is around it) of the running stack, or of one that is started now and then ended."""
    if url is not None:
        yield url, data_dir or str(ROOT / "var"), None
        return
    port = free_port()
    with (
        FakeMail() as mail,
        FakeTelegram() as telegram,
        tempfile.TemporaryDirectory(prefix="adminara-demo-") as folder,
    ):
        # Customers are offered the bot where it hears them.
        telegram.updates.webhook = {"url": chatted.WEBHOOK}
        settings = {
            "MAIL_URL": mail.url,
            "MAIL_FROM": "Deri Atölyesi <destek@example.org>",
            "WRAP_UP_SECS": "2",
            "ANSWER_SECS": "5",
            "TELEGRAM_BOT_TOKEN": "4242:of-the-demo",
            "TELEGRAM_API_URL": telegram.url,
            "TELEGRAM_WEBHOOK_SECRET": message.SECRET,
            "QUEUE_MAX_LENGTH": str(called.QUEUE_MOST),
            "ENABLE_APPOINTMENTS": "true",
        }
        with Running("-m", "support.launcher", PORT=str(port), DATA_DIR=folder, **settings) as running:
            running.await_line(lambda line: line.startswith("ready "), START_SECS)
            yield f"http://localhost:{port}", folder, Around(mail, telegram)


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.demo", description=__doc__)
    parser.add_argument("--url", default=os.environ.get("DEMO_URL"), help="a running stack, e.g. http://localhost:8000")
    parser.add_argument("--data-dir", default=os.environ.get("DATA_DIR"), help="its data folder (default: ./var)")
    parser.add_argument("--out", default="", help="folder of the screenshots (default: a new temporary one)")
    parser.add_argument("--act", choices=ACTS, help="one of them alone")
    options = parser.parse_args()
    if not Path(CHROMIUM).exists():
        print(f"{CHROMIUM} is missing: `make test-packages` installs it", file=sys.stderr)
        return 1
    shots = Path(options.out or tempfile.mkdtemp(prefix="adminara-demo-shots-"))
    shots.mkdir(parents=True, exist_ok=True)
    with stack(options.url, options.data_dir) as (url, data_dir, around), sync_playwright() as playwright:
        print(f"stack {url}")
        expect.set_options(timeout=PATIENCE_MS)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        scene = Scene(browser, url, data_dir, shots)
        try:
            if options.act in (None, "call"):
                call.play(scene)
            if options.act in (None, "shop"):
                shop.play(scene, around.mail if around else None)
            if options.act in (None, "desk"):
                desk.play(scene)
            if options.act in (None, "message") and around is not None:
                message.play(scene, around.mail, around.telegram)
            if options.act in (None, "called") and around is not None:
                called.play(scene)
            if options.act in (None, "chatted") and around is not None:
                chatted.play(scene, around.mail, around.telegram)
            if options.act in (None, "appointment") and around is not None:
                appointment.play(scene, around.mail)
        finally:
            browser.close()
    print(f"screenshots in {shots}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
