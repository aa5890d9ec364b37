"""The tests notice a broken rule. All of them: `python -m tests.properties.mutants`."""

import pytest

from tests.properties.mutants import MUTATIONS, QUICK, ROOT, copied, run_tests, survives


@pytest.mark.slow
def test_two_broken_rules_are_noticed() -> None:
    with copied() as folder:
        assert run_tests(folder, [mutation.node for mutation in QUICK]).returncode == 0
        assert [mutation.name for mutation in QUICK if survives(mutation, folder)] == []


def test_every_mutation_still_finds_its_line_and_its_test() -> None:
    for mutation in MUTATIONS:
        assert (ROOT / mutation.path).read_text(encoding="utf-8").count(mutation.before) == 1, mutation.name
        path, _, name = mutation.node.partition("::")
        assert f"def {name.partition('[')[0]}(" in (ROOT / path).read_text(encoding="utf-8"), mutation.name


def test_every_invariant_is_broken_once() -> None:
    assert {"1", "2", "3", "4", "5", "6", "7", "8", "9", "edge"} == {mutation.rule for mutation in MUTATIONS}
