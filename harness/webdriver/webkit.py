"""Debian's WebKitGTK in its own small browser, driven by webkit2gtk-driver. Without WebRTC: no page can call in it."""

from __future__ import annotations

import shutil
from pathlib import Path

from harness.webdriver.page import Page
from harness.webdriver.session import Driver, Session

DRIVER = "WebKitWebDriver"
BROWSERS = "/usr/lib"


class WebKit:
    """One browser with its own profile, on the screen `display` (see `Display`)."""

    def __init__(self, folder: Path, *, display: str) -> None:
        browser = next(Path(BROWSERS).glob("*/webkit2gtk-4.*/MiniBrowser"), None)
        if browser is None or not shutil.which(DRIVER):
            raise RuntimeError("webkit2gtk-driver is missing: `make test-packages` installs it")
        self.driver = Driver(
            [DRIVER, "--port={port}"],
            log=folder / "webkit.log",
            # The sandbox wants namespaces of its own, which containers refuse.
            env={"DISPLAY": display, "HOME": str(folder), "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"},
        )
        options = {"binary": str(browser), "args": ["--automation"]}
        try:
            self.session = Session(self.driver, {"browserName": "MiniBrowser", "webkitgtk:browserOptions": options})
        except BaseException:
            self.driver.close()
            raise

    def new_page(self) -> Page:
        return Page(self.session)

    def close(self) -> None:
        self.session.close()
        self.driver.close()
