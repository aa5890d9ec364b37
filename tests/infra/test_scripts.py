"""Lua scripts as they are put together from their files."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.redis.client import client, execute
from infra.redis.scripts import UPVALUES_MOST, Command, load

OF_REDIS = 60
"""Locals of those around it that Redis' Lua lets a function use."""


@pytest.mark.parametrize("names", [3, UPVALUES_MOST, UPVALUES_MOST + 1, OF_REDIS + 20, 150])
def test_a_script_sees_all_locals_of_what_it_includes_however_many(
    redis_server: str, tmp_path: Path, names: int
) -> None:
    (tmp_path / "lib").mkdir()
    declared = "\n".join(f"local n{number} = {number}" for number in range(names))
    (tmp_path / "lib" / "numbers.lua").write_text(f"-- Numbers.\n{declared}\n")
    (tmp_path / "lib" / "sums.lua").write_text(
        "-- Sums.\n-- include: lib/numbers\nlocal function plus(a, b) return a + b end\n"
    )
    used = "\n".join(f"sum = plus(sum, n{number})" for number in range(names))
    (tmp_path / "sum.lua").write_text(f"-- include: lib/sums\nlocal sum = 0\n{used}\nreturn sum\n")
    assert execute(Command(load(tmp_path / "sum.lua"), (), int)) == sum(range(names))


def test_a_connection_begins_without_words_about_the_library(redis_server: str) -> None:
    connection = client()
    connection.connection_pool.disconnect()
    connection.config_resetstat()
    connection.connection_pool.disconnect()

    assert not [name for name in connection.info("commandstats") if name.startswith("cmdstat_client")]
    assert not connection.info("errorstats")  # as a Redis before 7.2 answers that
