"""What every act needs: a clock that tells its steps, commands of the stack, pages and their pictures."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page

from harness.browser.chromium import OBSERVER
from harness.browser.people import OperatorPage

ROOT = Path(__file__).parents[2]
LOCALES = {"tr": "tr-TR", "en": "en-GB"}
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
SCHEMES = ("light", "dark")


TURNED = """
async () => {
  const late = new Promise((resolve) => setTimeout(resolve, 1000));
  const drawn = new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  await Promise.race([late, drawn]);
  const turning = document.getAnimations().filter(({playState}) => playState === "running");
  await Promise.race([late, Promise.allSettled(turning.map((animation) => animation.finished))]);
}
"""
SPEAKS = """
from accounts.models import Operator
print(Operator.objects.filter(username=%r).update(language=%r))
"""


class Clock:
    """Prints a step with the seconds since the start and since the step before."""

    def __init__(self) -> None:
        self._began = self._last = time.perf_counter()

    def step(self, text: str) -> None:
        now = time.perf_counter()
        print(f"{now - self._began:7.2f} s  (+{now - self._last:5.2f})  {text}", flush=True)
        self._last = now


@dataclass(frozen=True)
class Scene:
    """`url` and `data_dir` are the stack's; pictures go to `shots`."""

    browser: Browser
    url: str
    data_dir: str
    shots: Path
    clock: Clock = field(default_factory=Clock)

    def manage(self, *words: str) -> str:
        """The last line that a command prints."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env={**os.environ, "DATA_DIR": self.data_dir},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return done.stdout.strip().splitlines()[-1]

    def page(self, language: str = "tr") -> Page:
        context = self.browser.new_context(
            viewport={"width": 1280, "height": 800},
            locale=LOCALES[language],
            permissions=["camera", "microphone"],
            reduced_motion="reduce",  # pictures of finished pages
        )
        context.add_init_script(OBSERVER)
        context.set_default_timeout(30_000)
        return context.new_page()

    def operator(self, name: str = "Deniz", language: str = "tr", chat: str = "") -> OperatorPage:
        """A new one, signed in with a one-time code, on a break. `chat`: on Telegram."""
        operator = OperatorPage(self.page(language))
        admin_id = f"demo-{secrets.token_hex(3)}"
        self.manage("createoperator", admin_id, "--name", name, *(["--chat-id", chat] if chat else []))
        self.manage("shell", "--no-imports", "-c", SPEAKS % (admin_id, language))
        operator.sign_in(self.url, admin_id, lambda: self.manage("otp", admin_id))
        return operator

    def shoot(self, name: str, page: Page) -> None:
        """When everything has the colours of now: what turns into them is waited for, in frames too."""
        for frame in page.frames:
            frame.evaluate(TURNED)
        page.screenshot(path=self.shots / f"{name}.png")

    def shoot_all(self, name: str, page: Page) -> None:
        """At a desk and on a phone, in light and dark; the page is left as it was."""
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                self.shoot(f"{name}-{size}-{scheme}", page)
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1280, "height": 800})
