"""Browsers inside a namespace, controlled from outside and without a network: Chromium by Playwright through pipes,
Firefox by its driver through a Unix socket.
"""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Playwright

from harness.browser.chromium import SPARING_CAMERA, TOGETHER, UNSEEN
from harness.webdriver.firefox import Firefox

BROWSERS = ("chromium", "firefox")
CHROMIUM = "/usr/bin/chromium"
OBSERVER = Path(__file__).with_name("observer.js")
# The synthetic camera beeps and draws; 15 frames a second leave the machine's few cores to what is measured.
FRAMES, FEW_FRAMES = 15, 5
SELDOM_MS = 300
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(UNSEEN)}",
    *TOGETHER,
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    # The relays' certificates are of the lab's own making.
    "--ignore-certificate-errors",
]


def launch(playwright: Playwright, namespace: str, folder: Path, url: str, *, sparing: bool) -> Browser:
    """A browser whose every socket is in `namespace`; `url` counts as secure, so that it may use the camera.

    `sparing`: its camera makes few pictures.
    """
    camera = f"--use-fake-device-for-media-stream=fps={FEW_FRAMES if sparing else FRAMES}"
    wrapper = folder / f"chromium-{namespace}"
    wrapper.write_text(f'#!/bin/sh\nexec ip netns exec {namespace} {CHROMIUM} "$@" 2>/dev/null\n')
    wrapper.chmod(0o700)
    return playwright.chromium.launch(
        executable_path=str(wrapper),
        args=[*ARGUMENTS, camera, f"--unsafely-treat-insecure-origin-as-secure={url}"],
        timeout=60_000,
    )


def new_context(browser: Browser, url: str, *, sparing: bool) -> BrowserContext:
    """`sparing`: small pictures, few of them, nothing that moves by itself, and figures taken less often."""
    context = browser.new_context(
        viewport={"width": 1024, "height": 700}, locale="tr-TR", reduced_motion="reduce" if sparing else None
    )
    if sparing:
        context.add_init_script(f"{SPARING_CAMERA} window.labEveryMs = {SELDOM_MS};")
    context.grant_permissions(["camera", "microphone"], origin=url)
    context.add_init_script(path=OBSERVER)
    context.set_default_timeout(45_000)
    return context


def launch_firefox(namespace: str, folder: Path, url: str) -> Firefox:
    """As `launch`; its profile and log are in a folder of its own."""
    home = folder / f"firefox-{namespace}"
    home.mkdir(exist_ok=True)
    door = home / "door.sock"
    door.unlink(missing_ok=True)
    return Firefox(
        home,
        observer=OBSERVER.read_text(),
        prefs={
            "dom.securecontext.allowlist": str(urlsplit(url).hostname),
            "media.devices.insecure.enabled": True,
            "media.getusermedia.insecure.enabled": True,
        },
        prefix=["ip", "netns", "exec", namespace],
        door=(door, [sys.executable, "-m", "harness.webdriver.doorway"]),
    )
