"""`python -m tests.properties [--family queue] [--seed 1] [--runs 500] [--jobs 2]`: property runs without pytest."""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor

import tests.conftest  # noqa: F401 - the environment of the tests
from tests.properties.families import FAMILIES, run_seeds


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.properties", description=__doc__)
    parser.add_argument("--family", choices=list(FAMILIES), action="append", help="default: all")
    parser.add_argument("--seed", type=int, default=None, help="first seed; default: from the clock")
    parser.add_argument("--runs", type=int, default=None, help="per family; default: as in the tests")
    parser.add_argument("--jobs", type=int, default=2, help="drivers at once")
    options = parser.parse_args()
    seed = int(time.time()) % 1_000_000 * 1000 if options.seed is None else options.seed
    failures = 0
    with ProcessPoolExecutor(options.jobs) as pool:
        for name in options.family or list(FAMILIES):
            runs = options.runs or FAMILIES[name].runs
            share = -(-runs // options.jobs)
            began = time.monotonic()
            parts = [
                pool.submit(run_seeds, name, first, min(share, seed + runs - first))
                for first in range(seed, seed + runs, share)
            ]
            for part in parts:
                error = part.exception()
                if error is not None:
                    failures += 1
                    print(error)
            steps = sum(part.result() for part in parts if part.exception() is None)
            print(f"{name}: seeds {seed} to {seed + runs - 1}, {steps} steps, {time.monotonic() - began:.1f} s")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
