"""`python -m bench.widget`: what the widget weighs, and how long a phone waits for it.

Starts what `make run` starts and visits it with Chromium as a phone: 150 ms there and back, 1.6 Mbit/s, a processor
four times slower. Prints bytes and requests of the first view (the form before the queue) and of everything up to a
running call, the time to the first paint and to a form that takes a press, and what the loader adds to the page of
the site. With `--before FOLDER`, a checkout of an earlier version, both are visited in turns and the times compared.
Exits with 1 when a goal of bytes or requests is missed: those are counts; times are for reading.
"""

from __future__ import annotations

import argparse
import secrets
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page, sync_playwright

from bench.widget.site import loader_cost
from bench.widget.visit import Visit, look, talk
from bench.widget.weight import CALL, FIRST_VIEW, KB, LOADER, Weight
from harness.browser.chromium import CHROMIUM, CHROMIUM_ARGS, OBSERVER
from harness.browser.people import OperatorPage
from harness.processes import Running, free_port, manage
from support.config.schema import BASE_DIR

START_SECS = 120


@dataclass
class Stack:
    url: str
    settings: dict[str, str]
    folder: Path

    def manage(self, *words: str) -> str:
        done = manage(*words, folder=self.folder, **self.settings)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""


@contextmanager
def stack(folder: Path) -> Iterator[Stack]:
    """The default run of that checkout, on data of its own."""
    with tempfile.TemporaryDirectory(prefix="adminara-widget-") as data:
        settings = {"DATA_DIR": data, "DJANGO_ENV": "development"}
        port = free_port()
        with Running("-m", "support.launcher", folder=folder, PORT=str(port), **settings) as running:
            running.await_line(lambda line: line.startswith("ready "), START_SECS)
            yield Stack(f"http://localhost:{port}", settings, folder)


@contextmanager
def operator(browser: Browser, stack: Stack) -> Iterator[OperatorPage]:
    """At the console, on a line of their own; takes whoever waits."""
    context = browser.new_context(locale="tr-TR", permissions=["camera", "microphone"])
    context.add_init_script(OBSERVER)
    page = OperatorPage(context.new_page())
    admin_id = f"bench-{secrets.token_hex(3)}"
    stack.manage("createoperator", admin_id, "--name", "Deniz")
    page.sign_in(stack.url, admin_id, lambda: stack.manage("otp", admin_id))
    try:
        yield page
    finally:
        context.close()


@dataclass
class Found:
    """Of one version; times are medians, milliseconds."""

    paint_ms: float
    form_ms: float
    place_ms: float
    first_view: Weight
    call: Weight
    loader: Weight
    loader_ms: float
    fetched: list[str]

    def missed(self) -> list[str]:
        return [
            *self.first_view.kept_to("first view", FIRST_VIEW),
            *self.call.kept_to("up to a running call", CALL),
            *self.loader.kept_to("loader", LOADER),
        ]


def measure(browser: Browser, stacks: list[Stack], rounds: int) -> list[Found]:
    """Each stack; in turns, so that a busy machine is busy for all of them."""
    looks = [[look(browser, one.url) for one in stacks] for _ in range(rounds)]
    return [_of(browser, one, [turn[at] for turn in looks]) for at, one in enumerate(stacks)]


def _of(browser: Browser, one: Stack, looks: list[Visit]) -> Found:
    with operator(browser, one) as desk:

        def in_call(page: Page) -> None:
            desk.go_available()
            page.wait_for_selector(".ad-stage--picture", state="attached")

        visit, fetched = talk(browser, one.url, "Ada", in_call)
    loader, loader_ms = loader_cost(browser, one.url)
    last = looks[-1]
    return Found(
        paint_ms=median(each.paint_ms for each in looks),
        form_ms=median(each.form_ms for each in looks),
        place_ms=visit.place_ms,
        first_view=last.first_view,
        call=visit.call,
        loader=loader,
        loader_ms=loader_ms,
        fetched=[*last.fetched, "--- up to a running call", *fetched],
    )


def table(found: list[Found]) -> str:
    """One column per version, and the ratio when there are two."""

    def row(name: str, values: list[float], form: str, goal: str = "") -> str:
        cells = "".join(f"{value:>12{form}}" for value in values)
        ratio = f"{values[-1] / values[0]:>9.2f}" if len(values) > 1 and values[0] else " " * 9
        return f"{name:<34}{cells}{ratio}  {goal}"

    heads = ["before", "now"] if len(found) > 1 else ["now"]
    return "\n".join(
        [
            f"{'':<34}" + "".join(f"{head:>12}" for head in heads) + f"{'ratio' if len(found) > 1 else '':>9}  goal",
            row("first view, KB", [one.first_view.bodies / KB for one in found], ".1f", f"{FIRST_VIEW.kb:g}"),
            row("  with headers, KB", [one.first_view.wire / KB for one in found], ".1f"),
            row("  requests", [one.first_view.requests for one in found], ".0f", f"{FIRST_VIEW.requests}"),
            row("up to a running call, KB", [one.call.bodies / KB for one in found], ".1f", f"{CALL.kb:g}"),
            row("  with headers, KB", [one.call.wire / KB for one in found], ".1f"),
            row("  requests", [one.call.requests for one in found], ".0f"),
            row("loader, KB", [one.loader.bodies / KB for one in found], ".1f", f"{LOADER.kb:g}"),
            row("first paint, ms", [one.paint_ms for one in found], ".0f"),
            row("form takes a press, ms", [one.form_ms for one in found], ".0f", "1000"),
            row("press at once -> place, ms", [one.place_ms for one in found], ".0f"),
            row("loader on the site's thread, ms", [one.loader_ms for one in found], ".1f"),
        ]
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.widget", description=__doc__)
    parser.add_argument("--before", default="", help="folder of an earlier checkout to compare with")
    parser.add_argument("--rounds", type=int, default=5, help="visits that the times are medians of")
    parser.add_argument("--list", action="store_true", help="every answer with its bytes")
    options = parser.parse_args()
    if not Path(CHROMIUM).exists():
        print(f"{CHROMIUM} is missing: `make test-packages` installs it", file=sys.stderr)
        return 1
    with stack(BASE_DIR) as now, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        try:
            if options.before:
                with stack(Path(options.before).resolve()) as before:
                    found = measure(browser, [before, now], options.rounds)
            else:
                found = measure(browser, [now], options.rounds)
        finally:
            browser.close()
    if options.list:
        print("\n".join(found[-1].fetched))
    print(table(found))
    missed = found[-1].missed()
    for fault in missed:
        print(f"MISSED {fault}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
