"""Parts are held, not inherited: no class of ours stands on more than one other of ours. Typed dictionaries are shapes,
not behaviour, and may add to each other."""

from __future__ import annotations

import ast

from tests.contract.packages import PACKAGES, ROOT


def bases_in(source: str) -> dict[str, list[str]]:
    """The names of the bases of each class."""
    return {
        node.name: [ast.unparse(base).split("[")[0].rpartition(".")[2] for base in node.bases]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ClassDef)
    }


def depth(name: str, bases: dict[str, list[str]]) -> int:
    """How many classes of ours stand in the longest line from this one upwards, itself included."""
    return 1 + max((depth(base, bases) for base in bases[name] if base in bases and base != name), default=0)


def is_shape(name: str, bases: dict[str, list[str]]) -> bool:
    return any(base == "TypedDict" or (base in bases and is_shape(base, bases)) for base in bases[name])


def test_a_third_floor_is_seen() -> None:
    bases = bases_in(
        "class A: pass\nclass B(x.A, List[int]): pass\nclass C(B): pass\nclass S(TypedDict): pass\nclass T(S): pass"
    )
    assert [depth(name, bases) for name in "ABC"] == [1, 2, 3]
    assert [name for name in bases if is_shape(name, bases)] == ["S", "T"]


def test_no_class_is_deeper_than_two_of_ours() -> None:
    bases: dict[str, list[str]] = {}
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            if "migrations" not in path.parts:
                for name, above in bases_in(path.read_text()).items():
                    bases.setdefault(name, []).extend(above)
    deep = {name: depth(name, bases) for name in bases if not is_shape(name, bases)}
    assert {name: floors for name, floors in deep.items() if floors > 2} == {}
