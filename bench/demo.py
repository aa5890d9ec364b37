"""`make demo`: a customer and an operator in headless Chromium, on a stack that runs or on one of its own.

Prints every step with its time and leaves screenshots of both pages. `--url` and `--data-dir` name a running stack.
"""

from __future__ import annotations

import argparse
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from harness.browser.chromium import CHROMIUM, CHROMIUM_ARGS, OBSERVER
from harness.browser.people import CustomerPage, OperatorPage
from harness.processes import Running, free_port

ROOT = Path(__file__).parent.parent
START_SECS = 120


class Clock:
    """Prints a step with the seconds since the start and since the step before."""

    def __init__(self) -> None:
        self._began = self._last = time.perf_counter()

    def step(self, text: str) -> None:
        now = time.perf_counter()
        print(f"{now - self._began:7.2f} s  (+{now - self._last:5.2f})  {text}", flush=True)
        self._last = now


@contextmanager
def stack(url: str | None, data_dir: str | None) -> Iterator[tuple[str, str]]:
    """(url, data folder) of the running stack, or of one that is started now and ended afterwards."""
    if url is not None:
        yield url, data_dir or str(ROOT / "var")
        return
    port = free_port()
    with (
        tempfile.TemporaryDirectory(prefix="adminara-demo-") as folder,
        Running("-m", "support.launcher", PORT=str(port), DATA_DIR=folder) as running,
    ):
        running.await_line(lambda line: line.startswith("ready "), START_SECS)
        yield f"http://localhost:{port}", folder


def manage(data_dir: str, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": data_dir},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.strip().splitlines()[-1]


def play(browser: Browser, url: str, data_dir: str, shots: Path) -> None:
    clock = Clock()
    operator = OperatorPage(_page(browser))
    admin_id = f"demo-{secrets.token_hex(3)}"
    manage(data_dir, "createoperator", admin_id, "--name", "Deniz")
    operator.sign_in(url, admin_id, lambda: manage(data_dir, "otp", admin_id))
    clock.step("operator signed in with a one-time code, console open")

    customer = CustomerPage(_page(browser), "Ada")
    customer.join(url, "video")
    expect(customer.page.locator(".ad-place__number")).to_be_visible()
    clock.step(f"customer joined, position {customer.page.inner_text('.ad-place__number')}")
    operator.expect_waiting("Ada")
    clock.step("operator sees the customer on the board")
    _shoot(shots, "1-waiting", customer.page, operator.page)

    operator.go_available()
    customer.expect_call()
    operator.expect_customer("Ada")
    clock.step("operator available, both are ready")
    expect(customer.page.locator(".ad-stage--picture")).to_be_attached()
    clock.step("connected, first picture at the customer")
    expect(operator.page.locator(".ad-stage--picture")).to_be_attached()
    clock.step("first picture at the operator")
    customer.await_more_media()
    operator.await_more_media()
    frames, audio = customer.media()
    clock.step(f"media flows both ways (customer: {frames} frames decoded, {audio} bytes of audio)")

    customer.open_chat()
    customer.say("Merhaba, siparişim nerede?")
    operator.expect_line("Merhaba, siparişim nerede?")
    operator.say("Hemen bakıyorum.")
    customer.expect_line("Hemen bakıyorum.")
    clock.step("a line of chat each way")
    _shoot(shots, "2-call", customer.page, operator.page)

    operator.hang_up()
    customer.expect_ended()
    clock.step("operator hung up, both see the end")
    _shoot(shots, "3-ended", customer.page, operator.page)


def _page(browser: Browser) -> Page:
    context = browser.new_context(
        viewport={"width": 1280, "height": 800},
        locale="tr-TR",
        permissions=["camera", "microphone"],
        reduced_motion="reduce",  # pictures of finished pages
    )
    context.add_init_script(OBSERVER)
    context.set_default_timeout(30_000)
    return context.new_page()


def _shoot(folder: Path, name: str, customer: Page, operator: Page) -> None:
    customer.screenshot(path=folder / f"{name}-customer.png")
    operator.screenshot(path=folder / f"{name}-console.png")


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.demo", description=__doc__)
    parser.add_argument("--url", default=os.environ.get("DEMO_URL"), help="a running stack, e.g. http://localhost:8000")
    parser.add_argument("--data-dir", default=os.environ.get("DATA_DIR"), help="its data folder (default: ./var)")
    parser.add_argument("--out", default="", help="folder of the screenshots (default: a new temporary one)")
    options = parser.parse_args()
    if not Path(CHROMIUM).exists():
        print(f"{CHROMIUM} is missing: `make test-packages` installs it", file=sys.stderr)
        return 1
    shots = Path(options.out or tempfile.mkdtemp(prefix="adminara-demo-shots-"))
    shots.mkdir(parents=True, exist_ok=True)
    with stack(options.url, options.data_dir) as (url, data_dir), sync_playwright() as playwright:
        print(f"stack {url}")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        try:
            play(browser, url, data_dir, shots)
        finally:
            browser.close()
    print(f"screenshots in {shots}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
