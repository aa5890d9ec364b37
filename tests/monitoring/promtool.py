"""Prometheus' own judgement: which alerts fire, given what was scraped. `promtool` comes with Debian's `prometheus`."""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from support.config.schema import BASE_DIR

RULES = BASE_DIR / "deploy" / "monitoring" / "alerts.yml"
Series = dict[str, float]
BEFORE, AFTER = 30, 12
"""Minutes: so long all was as in the first scrape, and then as in the last."""


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Fails loudly where the program is missing: `.ci/packages` installs it."""
    program = shutil.which("promtool")
    assert program is not None, "promtool is missing; run .ci/packages"
    # Looking for garbage, which Go does whenever its memory has doubled, was a sixth of what it took.
    environment = {**os.environ, "GOGC": "400"}
    return subprocess.run(
        [program, *arguments], capture_output=True, text=True, timeout=60, check=False, env=environment
    )


def series_of(scrapes: dict[str, str]) -> Series:
    """Target → text of its /metrics, as named series with their values."""
    found: Series = {}
    for target, text in scrapes.items():
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                labels = {**sample.labels, "job": f"adminara-{target}", "instance": target}
                written = ",".join(f"{name}={json.dumps(value)}" for name, value in sorted(labels.items()))
                found[f"{sample.name}{{{written}}}"] = sample.value
    return found


def firing(before: Series, after: Series, folder: Path) -> set[str]:
    """The alerts that fire some minutes after the figures went from `before` to `after`."""
    names = set(before) | set(after)
    tests = {
        "rule_files": [str(RULES)],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [
                    {"series": name, "values": f"{_values(before.get(name), BEFORE)} {_values(after.get(name), AFTER)}"}
                    for name in sorted(names)
                ],
                "promql_expr_test": [
                    # Nothing fires, it claims; what does fire stands in its complaint, and there may be none.
                    {"expr": 'ALERTS{alertstate="firing"}', "eval_time": f"{BEFORE + 8}m", "exp_samples": []}
                ],
            }
        ],
    }
    path = folder / "scraped.json"  # JSON is YAML too
    path.write_text(json.dumps(tests))
    done = promtool("test", "rules", str(path))
    if done.returncode == 0:
        return set()
    told = done.stdout + done.stderr
    assert "got:" in told, told
    return {part.split('"')[1] for part in told.split("alertname=")[1:]}


def _values(value: float | None, minutes: int) -> str:
    if value is None:
        return f"_x{minutes - 1}"
    text = "NaN" if math.isnan(value) else "Inf" if math.isinf(value) else repr(value)
    return " ".join([text] * minutes)
