"""A window of a WebDriver session, in the words of Playwright's Page as far as our people use them."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from harness.webdriver.session import Session, WebDriverError

PATIENCE_MS = 60_000
POLL_SECS = 0.05
ENTER = "\ue007"
KEYS = {"Enter": ENTER, "Escape": "\ue00c", "Tab": "\ue004"}
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"

# Selectors look into open shadow roots, as Playwright's do.
FIND = """
const [css, text] = arguments;
const deep = (root) => [
  ...root.querySelectorAll(css),
  ...[...root.querySelectorAll("*")].flatMap(({shadowRoot}) => (shadowRoot ? deep(shadowRoot) : [])),
];
const plain = (element) => element.textContent.replace(/\\s+/g, " ").trim();
const says = (element) => plain(element).toLowerCase().includes(text.toLowerCase());
const found = deep(document).filter((element) => text === null || says(element));
const visible = (element) => {
  const {width, height} = element.getBoundingClientRect();
  return width > 0 && height > 0 && getComputedStyle(element).visibility === "visible";
};
"""
LOOK = f"""{FIND}
return found.map((element) => ({{
  text: plain(element), inner: element.innerText ?? "", visible: visible(element), value: element.value ?? null,
  attributes: Object.fromEntries([...element.attributes].map(({{name, value}}) => [name, value])),
}}));
"""
FIRST = f"{FIND} return found.find(visible) ?? found[0] ?? null;"
CALL = """
const [given, done] = arguments;
const made = (SOURCE);
Promise.resolve()
  .then(() => (typeof made === "function" ? made(given) : made))
  .then((value) => done({value: value ?? null}), (error) => done({error: String(error)}));
"""
# Reloads and navigations take documents away while we look at them.
PASSING = {
    "no such element", "stale element reference", "element not interactable", "element click intercepted",
    "javascript error", "no such frame", "detached shadow root", "unknown error", "no such window", "script timeout",
}  # fmt: skip


class Patience(AssertionError):
    """What was waited for did not come."""


def awaited(attempt: Callable[[], Any], what: str, timeout_ms: float | None = None) -> Any:
    """The first true value of `attempt`. What passes by itself is tried again. Raises `Patience`."""
    deadline = time.monotonic() + (PATIENCE_MS if timeout_ms is None else timeout_ms) / 1000
    last = ""
    while True:
        try:
            if value := attempt():
                return value
        except WebDriverError as error:
            if error.code not in PASSING:
                raise
            last = f" ({error})"
        if time.monotonic() > deadline:
            raise Patience(f"{what} did not come{last}")
        time.sleep(POLL_SECS)


@dataclass(frozen=True)
class Locator:
    """Elements by selector, and by a text inside them, in a frame of a page. Looked up anew with each use."""

    page: Page
    css: str
    has_text: str | None = None
    frames: tuple[str, ...] = ()

    def filtered(self, has_text: str | None) -> Locator:
        return replace(self, has_text=has_text)

    def look(self) -> list[dict[str, Any]]:
        """Of each: text, inner, visible, value, attributes."""
        # A document that goes away in the middle answers with nothing.
        return self.page.run(LOOK, self.css, self.has_text, frames=self.frames) or []

    def is_visible(self) -> bool:
        with suppress(WebDriverError):
            return any(found["visible"] for found in self.look())
        return False

    def count(self) -> int:
        return len(self.look())

    def all_inner_texts(self) -> list[str]:
        return [found["inner"] for found in self.look()]

    def all_text_contents(self) -> list[str]:
        return [found["text"] for found in self.look()]

    def get_attribute(self, name: str) -> str | None:
        found = awaited(self.look, self.css)[0]["attributes"].get(name)
        return None if found is None else str(found)

    def click(self, *, force: bool = False) -> None:
        """Waits until it can be pressed: WebDriver takes a click on a disabled button, and nothing comes of it."""
        if force:
            awaited(
                lambda: self.page.run(f"{FIND} found[0].click(); return true;", *self._words, frames=self.frames),
                self.css,
            )
            return

        def press(element: str) -> bool:
            if not self.page.session.command("GET", f"/element/{element}/enabled"):
                return False
            self.page.session.command("POST", f"/element/{element}/click")
            return True

        self._act(press)

    def check(self, *, force: bool = False) -> None:
        self.click(force=force)

    def fill(self, text: str) -> None:
        def write(element: str) -> bool:
            self.page.session.command("POST", f"/element/{element}/clear")
            self.page.session.command("POST", f"/element/{element}/value", text=text)
            return True

        self._act(write)

    def press(self, key: str) -> None:
        def write(element: str) -> bool:
            self.page.session.command("POST", f"/element/{element}/value", text=KEYS.get(key, key))
            return True

        self._act(write)

    @property
    def _words(self) -> tuple[str, str | None]:
        return self.css, self.has_text

    def _act(self, action: Callable[[str], bool]) -> None:
        def attempt() -> bool:
            found = self.page.run(FIRST, *self._words, frames=self.frames)
            return bool(found) and action(found[ELEMENT])

        awaited(attempt, self.css)


@dataclass(frozen=True)
class FrameLocator:
    """What is inside the first frame that fits; frames of other sites too."""

    page: Page
    frames: tuple[str, ...]

    def locator(self, css: str, *, has_text: str | None = None) -> Locator:
        return Locator(self.page, css, has_text, self.frames)

    def frame_locator(self, css: str) -> FrameLocator:
        return FrameLocator(self.page, (*self.frames, css))

    def evaluate(self, source: str, arg: Any = None) -> Any:
        return self.page.evaluate(source, arg, frames=self.frames)


class Page:
    """A window of its own."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._handle = session.new_window()
        self._inside: tuple[str, ...] = ()

    # ---- going somewhere -----------------------------------------------------------------------------------------

    def goto(self, url: str) -> None:
        self._enter(())
        self.session.command("POST", "/url", url=url)

    def reload(self) -> None:
        self._enter(())
        self.session.command("POST", "/refresh")

    def go_back(self) -> None:
        self._enter(())
        self.session.command("POST", "/back")

    @property
    def url(self) -> str:
        self._enter(())
        return str(self.session.command("GET", "/url"))

    def close(self) -> None:
        """Forgets what this site has stored and closes the window; the browser lives on for others."""
        self._enter(())
        with suppress(WebDriverError):  # pages without a site have no storage
            self.run("window.lab?.forget(); localStorage.clear(); sessionStorage.clear();")
        self.session.command("DELETE", "/cookie")
        self.session.command("DELETE", "/window")
        self.session.forget_window()

    # ---- scripts -------------------------------------------------------------------------------------------------

    def run(self, script: str, *arguments: Any, frames: tuple[str, ...] = ()) -> Any:
        """A WebDriver script: a function's body, `arguments` are its own."""
        self._enter(frames)
        return self.session.command("POST", "/execute/sync", script=script, args=list(arguments))

    def evaluate(self, source: str, arg: Any = None, *, frames: tuple[str, ...] = ()) -> Any:
        """A function's source, called with `arg`, or an expression. Promises are awaited."""
        self._enter(frames)
        script = CALL.replace("SOURCE", source.strip())
        answer = self.session.command("POST", "/execute/async", script=script, args=[arg])
        if "error" in answer:
            raise WebDriverError("javascript error", answer["error"])
        return answer["value"]

    def wait_for_function(self, source: str, *, arg: Any = None, timeout: float | None = None) -> None:
        awaited(lambda: self.evaluate(source, arg), source.strip(), timeout)

    def wait_for_timeout(self, ms: float) -> None:
        time.sleep(ms / 1000)

    # ---- elements ------------------------------------------------------------------------------------------------

    def locator(self, css: str, *, has_text: str | None = None) -> Locator:
        return Locator(self, css, has_text)

    def frame_locator(self, css: str) -> FrameLocator:
        return FrameLocator(self, (css,))

    def click(self, css: str, *, force: bool = False) -> None:
        self.locator(css).click(force=force)

    def check(self, css: str, *, force: bool = False) -> None:
        self.locator(css).check(force=force)

    def fill(self, css: str, text: str) -> None:
        self.locator(css).fill(text)

    def press(self, css: str, key: str) -> None:
        self.locator(css).press(key)

    def _enter(self, frames: tuple[str, ...]) -> None:
        self.session.focus(self._handle)
        if not frames and not self._inside:
            return
        self.session.command("POST", "/frame", id=None)
        self._inside = ()
        for css in frames:
            element = self.session.command("POST", "/execute/sync", script=FIRST, args=[css, None])
            if element is None:
                raise WebDriverError("no such frame", css)
            self.session.command("POST", "/frame", id=element)
            self._inside = frames
