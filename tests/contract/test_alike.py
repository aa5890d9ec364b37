"""Which tests PostgreSQL need not see is said of tests that there are."""

import ast

from tests.alike import ABOUT_OTHER_THINGS, OF_OTHERS, says_the_same
from tests.contract.packages import ROOT


def test_every_name_is_a_tests() -> None:
    for file, named in [*ABOUT_OTHER_THINGS.items(), *OF_OTHERS.items()]:
        tree = ast.parse((ROOT / "tests" / f"{file}.py").read_text())
        there = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
        assert named <= there, file


def test_what_is_named_and_what_nothing_is_said_of_is_seen() -> None:
    assert says_the_same("sites/test_logo", "test_a_file_that_nobody_has_named")
    assert not says_the_same("sites/test_logo", "test_no_bytes_break_it")
    assert not says_the_same("queueing/test_journal", "test_anything")
    assert says_the_same("queueing/test_reports", "test_an_empty_page_says_so")
    assert not says_the_same("queueing/test_reports", "test_that_nobody_has_named")
    assert not set(ABOUT_OTHER_THINGS) & set(OF_OTHERS)
