"""`expect` for pages of either kind: Playwright's own for its locators, the same words for those of a WebDriver."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from playwright.sync_api import expect as playwright_expect

from harness.webdriver.page import Locator, awaited


class Expectation:
    """Each waits until it holds, and fails with what was there instead."""

    def __init__(self, locator: Locator) -> None:
        self._locator = locator

    def to_be_visible(self, *, timeout: float | None = None) -> None:
        awaited(self._locator.is_visible, f"{self._name} visible", timeout)

    def to_be_hidden(self, *, timeout: float | None = None) -> None:
        awaited(lambda: not self._locator.is_visible(), f"{self._name} hidden", timeout)

    def to_have_count(self, count: int, *, timeout: float | None = None) -> None:
        awaited(lambda: self._locator.count() == count, f"{count} of {self._name}", timeout)

    def to_have_text(self, wanted: str | Sequence[str], *, timeout: float | None = None) -> None:
        texts = [wanted] if isinstance(wanted, str) else list(wanted)
        awaited(lambda: self._locator.all_text_contents() == texts, f"{texts} in {self._name}", timeout)

    def to_contain_text(self, wanted: str, *, timeout: float | None = None) -> None:
        awaited(
            lambda: any(wanted in t for t in self._locator.all_text_contents()), f"{wanted} in {self._name}", timeout
        )

    def to_have_attribute(self, name: str, value: str | re.Pattern[str], *, timeout: float | None = None) -> None:
        def has() -> bool:
            given = self._locator.get_attribute(name)
            return given == value if isinstance(value, str) else bool(given and value.search(given))

        awaited(has, f"{name}={value} of {self._name}", timeout)

    @property
    def _name(self) -> str:
        text = f" with {self._locator.has_text!r}" if self._locator.has_text else ""
        return f"{self._locator.css}{text}"


def expect(locator: Any) -> Any:
    return Expectation(locator) if isinstance(locator, Locator) else playwright_expect(locator)
