"""The sample for log shipping: its parts are connected, and it reads the fields that our lines have."""

from __future__ import annotations

import tomllib

from support.config.schema import BASE_DIR


def test_every_part_of_the_sample_is_connected() -> None:
    sample = tomllib.loads((BASE_DIR / "deploy" / "monitoring" / "vector.toml").read_text())
    parts = {**sample["sources"], **sample["transforms"]}
    consumers = [*sample["transforms"].values(), *sample["sinks"].values()]
    wanted = {name for consumer in consumers for name in consumer["inputs"]}
    assert wanted == set(parts)
    assert set(sample["sinks"]["loki"]["labels"]) == {"service", "level", "logger"}
    assert "del(.event)" in sample["transforms"]["adminara"]["source"]


def test_the_units_of_the_sample_are_those_that_are_deployed() -> None:
    sample = tomllib.loads((BASE_DIR / "deploy" / "monitoring" / "vector.toml").read_text())
    deployed = {path.name.removesuffix(".service") for path in (BASE_DIR / "deploy").rglob("adminara-*.service")}
    for unit in sample["sources"]["adminara_journal"]["include_units"]:
        assert unit in deployed or f"{unit.partition('@')[0]}@" in deployed, f"{unit} is none of {sorted(deployed)}"
