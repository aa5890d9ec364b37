"""Joins plain modules into one script, and sheets into one sheet, without comments and blanks.

The sources stay modules that a browser could load as they are. Each becomes a function in one text, in the order in
which they need each other; what it exports stands under its name in `$`. This reads no JavaScript but the few ways in
which tests/js/layers.test.js and Biome hold imports and exports to be written, and refuses any other.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable

from support.parts import shrink

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# As tests/js/layers.test.js holds every import to be written.
IMPORT = re.compile(r"""^\s*(?:import|export)\s(?:[^"'`;]*?from\s*)?["']([^"']+)["'];""", re.MULTILINE)

NAMED_IMPORT = re.compile(r'^import \{([^}]*)\} from "([^"]+)";', re.MULTILINE)
DECLARED = re.compile(r"^export ((?:async )?function\*?|class|const) (\w+)", re.MULTILINE)
PASSED_ON = re.compile(r'^export \{([^}]*)\} from "([^"]+)";', re.MULTILINE)
NOTHING = re.compile(r"^export \{\};", re.MULTILINE)
LEFT = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)

Source = Callable[[str], str]
"""Name of a module (a static path) → its text."""


class Unreadable(ValueError):
    """A module is written in a way that is not known here."""


def graph(entry: str, source: Source) -> tuple[str, ...]:
    """The modules that `entry` imports, directly or not, in the order in which they are found; not itself."""
    found: dict[str, None] = {entry: None}
    waiting = [entry]
    while waiting:
        name = waiting.pop(0)
        for target in _imports(name, source(name)):
            if target not in found:
                found[target] = None
                waiting.append(target)
    return tuple(found)[1:]


def in_order(entry: str, source: Source) -> list[str]:
    """All that `entry` needs and itself, each after what it imports. There are no circles (tests/js/layers.test.js)."""
    done: dict[str, None] = {}

    def visit(name: str) -> None:
        for target in _imports(name, source(name)):
            if target not in done:
                visit(target)
        done[name] = None

    visit(entry)
    return list(done)


def modules(names: Iterable[str], source: Source) -> str:
    """Those modules as statements that fill `$`."""
    return "\n".join(_module(name, source(name)) for name in names)


def whole(entry: str, source: Source) -> str:
    """A script of its own, not a module: what it exports is nobody's."""
    return _short(f"(() => {{\nconst $ = {{}};\n{modules(in_order(entry, source), source)}\n}})();")


def module(entry: str, source: Source) -> str:
    """A module that exports what `entry` does."""
    body = modules(in_order(entry, source), source)
    return _short(f"const $ = {{}};\n{body}\n{_exports(entry, source)}")


def sheet(names: Iterable[str], source: Source) -> str:
    """Sheets of one folder's depth, one after the other."""
    return shrink.sheet("\n".join(source(name) for name in names))


def _short(text: str) -> str:
    return shrink.script(text) + "\n"


def _imports(name: str, text: str) -> list[str]:
    return [_target(name, given) for given in IMPORT.findall(COMMENT.sub("", text))]


def _target(name: str, given: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), given))


def _key(name: str) -> str:
    return '"' + name.removeprefix("js/").removesuffix(".js") + '"'


def _exports(entry: str, source: Source) -> str:
    names = [found[2] for found in DECLARED.finditer(source(entry))]
    return f"export const {{ {', '.join(names)} }} = $[{_key(entry)}];"


def _module(name: str, text: str) -> str:
    exported = [found[2] for found in DECLARED.finditer(text)]

    def take(found: re.Match[str]) -> str:
        return f"const {{{_renamed(found[1])}}} = $[{_key(_target(name, found[2]))}];"

    def pass_on(found: re.Match[str]) -> str:
        names = [one.strip() for one in found[1].split(",") if one.strip()]
        if any(" " in one for one in names):
            raise Unreadable(f"{name}: {found[0]}")
        exported.extend(f"{one}: $[{_key(_target(name, found[2]))}].{one}" for one in names)
        return ""

    body = NAMED_IMPORT.sub(take, text)
    body = PASSED_ON.sub(pass_on, body)
    body = NOTHING.sub("", body)
    body = DECLARED.sub(r"\1 \2", body)
    if unknown := LEFT.search(body):
        raise Unreadable(f"{name}: {unknown[0]}")
    body = shrink.private_names(body)
    return f"$[{_key(name)}] = (() => {{\n{body}\nreturn {{ {', '.join(exported)} }};\n}})();"


def _renamed(names: str) -> str:
    """`a, b as c` of an import, as a pattern takes it."""
    return re.sub(r"(\w+) as (\w+)", r"\1: \2", names)
