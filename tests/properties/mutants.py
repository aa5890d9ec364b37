"""`python -m tests.properties.mutants [--only WORD] [--jobs 2]`: breaks each rule once; its test has to fail.

Works on a copy of the code in a temporary folder. Exit code 1 when a mutant survives, or when a test fails already
without it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.properties.mutations import MUTATIONS, QUICK, Mutation

__all__ = ["MUTATIONS", "QUICK", "copied", "survives"]

ROOT = Path(__file__).resolve().parents[2]
PARTS = (
    "accounts", "appointments", "bot", "desk", "harness", "hours", "infra", "locale", "messages_left", "notifications",
    "queueing",
    "signaling", "sites", "support", "tests", "templates", "static", "manage.py", "pyproject.toml",
)  # fmt: skip
TEST_FAILED = 1
"""pytest's exit code when tests ran and failed; others mean that nothing was tested."""


@contextmanager
def copied() -> Iterator[Path]:
    """A folder with a copy of everything that the tests need."""
    with tempfile.TemporaryDirectory(prefix="adminara-mutant-") as name:
        folder = Path(name)
        for part in PARTS:
            source = ROOT / part
            if source.is_dir():
                shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
            elif source.exists():
                shutil.copy2(source, folder / part)
        yield folder


def run_tests(folder: Path, nodes: Iterable[str]) -> subprocess.CompletedProcess[str]:
    # As from a shell: neither the outer run's worker nor its coverage is meant.
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTEST", "DJANGO"))
    }
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *nodes]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


def survives(mutation: Mutation, folder: Path) -> bool:
    """Breaks the copy in `folder`, runs the test, mends the copy. Raises ValueError when nothing was tested."""
    target = folder / mutation.path
    whole = target.read_text(encoding="utf-8")
    if whole.count(mutation.before) != 1:
        raise ValueError(f"{mutation.name}: the line stands {whole.count(mutation.before)} times in {mutation.path}")
    target.write_text(whole.replace(mutation.before, mutation.after), encoding="utf-8")
    try:
        done = run_tests(folder, [mutation.node])
    finally:
        target.write_text(whole, encoding="utf-8")
    if done.returncode not in (0, TEST_FAILED) or " error" in done.stdout.splitlines()[-1]:
        raise ValueError(f"{mutation.name}: no verdict\n{done.stdout}{done.stderr}")
    return done.returncode == 0


def _verdicts(mutations: list[Mutation]) -> Iterator[tuple[Mutation, str]]:
    with copied() as folder:
        for mutation in mutations:
            try:
                yield mutation, "SURVIVED" if survives(mutation, folder) else "killed"
            except ValueError as error:
                yield mutation, f"BROKEN {error}"


def _control(mutations: list[Mutation]) -> bool:
    """The same tests pass on the code as it is."""
    with copied() as folder:
        done = run_tests(folder, sorted({mutation.node for mutation in mutations}))
    if done.returncode != 0:
        print(done.stdout)
    return done.returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.properties.mutants", description=__doc__)
    parser.add_argument("--only", default="", help="mutations whose name contains this")
    parser.add_argument("--jobs", type=int, default=2, help="at once")
    options = parser.parse_args()
    chosen = [mutation for mutation in MUTATIONS if options.only in mutation.name]
    began = time.monotonic()
    if not _control(chosen):
        print("a test fails without any mutation")
        return 1
    shares = [chosen[index :: options.jobs] for index in range(options.jobs)]
    with ThreadPoolExecutor(options.jobs) as pool:
        answers = [answer for share in pool.map(lambda part: list(_verdicts(part)), shares) for answer in share]
    answers.sort(key=lambda answer: MUTATIONS.index(answer[0]))
    for mutation, verdict in answers:
        print(f"{verdict:<9} {mutation.rule:<5} {mutation.name:<66} {mutation.test}")
    killed = sum(verdict == "killed" for _mutation, verdict in answers)
    print(f"{killed} of {len(answers)} killed in {time.monotonic() - began:.0f} s")
    return 0 if killed == len(answers) > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
