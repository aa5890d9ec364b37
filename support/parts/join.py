"""Joins plain modules into one script, and sheets into one sheet, without comments and blanks.

The sources stay modules that a browser could load as they are. They stand in one text in the order in which they need
each other, and see each other's names there; one whose own names others bear, too, becomes a function that gives away
what it exports. What a module imports only when it is needed (`import("./end.js")`) becomes a part of its own. This
reads no JavaScript but the few ways in which tests/js/layers.test.js and Biome hold imports, exports and the first
column to be written, and refuses any other. tests/support/test_parts.py sees to it that no name hides a browser's.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from support.parts import shrink

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# As tests/js/layers.test.js holds every import to be written.
IMPORT = re.compile(r"""^\s*(?:import|export)\s(?:[^"'`;]*?from\s*)?["']([^"']+)["'];""", re.MULTILINE)

NAMED_IMPORT = re.compile(r'^import \{([^}]*)\} from "([^"]+)";', re.MULTILINE)
DECLARED = re.compile(r"^export ((?:async )?function\*?|class|const) (\w+)", re.MULTILINE)
OWN = re.compile(r"^(?:async )?(?:function\*?|class|const|let) (\w+)", re.MULTILINE)
# What declares several names at once is not looked into.
OWN_SEVERAL = re.compile(r"^(?:const|let|var) ?[{\[]|^var\b", re.MULTILINE)
PASSED_ON = re.compile(r'^export \{([^}]*)\} from "([^"]+)";', re.MULTILINE)
# Not those of types in comments.
LATER_IMPORT = re.compile(r'(?<!typeof )\bimport\("([^"]+)"\)(?!\.)')
NOTHING = re.compile(r"^export \{\};", re.MULTILINE)
LEFT = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)

FETCH = "fetchPart"
"""Of static/js/core/later.js; it stands in a joined script for what LATER_IMPORT finds."""

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


@dataclass(frozen=True)
class Script:
    """`entry` and what it needs at once; `later` has the entries of what comes when it is needed, by their names."""

    entry: str
    source: Source
    later: Mapping[str, str] = field(default_factory=dict)

    def whole(self) -> str:
        """A script of its own, not a module: what it exports is nobody's."""
        return _short(f"(() => {{\n{self._scope.text}\n}})();")

    def module(self) -> str:
        """A module that exports what `entry` does."""
        given = f"\nconst $ = {{ {', '.join([f'stamp: {self._stamp}', *self._lent])} }};" if self._lent else ""
        return _short(f"{self._scope.text}{given}\nexport {{ {', '.join(self._scope.exported[self.entry])} }};")

    def part(self, name: str) -> str:
        """A module whose `fill` takes what the script lends its parts and gives what the part's entry exports. Another
        version's is refused: its names may mean something else.
        """
        scope = self._parts[name]
        taken = sorted(scope.wanted - scope.names)
        check = f"if ($.stamp !== {self._stamp}) throw new Error('a part of another version');"
        body = f"const {{ {', '.join(taken)} }} = $;\n{scope.text}"
        given = ", ".join(scope.exported[self.later[name]])
        return _short(f"export const fill = ($) => {{\n{check}\n{body}\nreturn {{ {given} }};\n}};")

    @property
    def names(self) -> set[str]:
        """All that the script has in its outermost scope."""
        return self._scope.names

    @cached_property
    def _scope(self) -> Scope:
        return Scope(in_order(self.entry, self.source), self.source, self.later)

    @cached_property
    def _parts(self) -> dict[str, Scope]:
        """Raises Unreadable where two have a module in common: it would be there twice."""
        known = dict.fromkeys(self._scope.exported, self.entry)
        scopes = {}
        for name, entry in self.later.items():
            own = [one for one in in_order(entry, self.source) if known.setdefault(one, entry) != self.entry]
            if shared := [one for one in own if known[one] != entry]:
                raise Unreadable(f"{entry} shares {shared} with {known[shared[0]]}: let {self.entry} import them")
            scopes[name] = Scope(own, self.source, self.later)
        return scopes

    @cached_property
    def _lent(self) -> list[str]:
        return sorted({name for scope in self._parts.values() for name in scope.wanted - scope.names})

    @cached_property
    def _stamp(self) -> str:
        return f"'{hashlib.sha256(self._scope.text.encode()).hexdigest()[:8]}'"


class Scope:
    """Modules that stand in one text, each after what it imports.

    `names`: what stands in the text's own scope; `exported`: module → its names for others; `wanted`: what the modules
    import, from here or elsewhere.
    """

    def __init__(self, modules: Iterable[str], source: Source, later: Mapping[str, str]) -> None:
        self.names: set[str] = set()
        self.wanted: set[str] = set()
        self.exported: dict[str, list[str]] = {}
        self._later = later
        texts = {name: source(name) for name in modules}
        self._everybodys: set[str] = set()
        for name, text in texts.items():
            declared = [found[2] for found in DECLARED.finditer(text)]
            if twice := self._everybodys.intersection(declared):
                raise Unreadable(f"{name}: another module exports {', '.join(sorted(twice))}, too")
            self._everybodys.update(declared)
        for text in texts.values():
            for found in NAMED_IMPORT.finditer(text):
                self.wanted.update(one.partition(" as ")[0] for one in _names(found[1]))
        self._everybodys |= self.wanted
        self.text = "\n".join(self._module(name, text) for name, text in texts.items())

    def _module(self, name: str, text: str) -> str:
        declared = [found[2] for found in DECLARED.finditer(text)]
        passed_on: list[str] = []
        renamed: list[str] = []

        def take(found: re.Match[str]) -> str:
            for one in _names(found[1]):
                given, _as, own = one.partition(" as ")
                if own:
                    renamed.append(f"const {own} = {given};")
            return ""

        def pass_on(found: re.Match[str]) -> str:
            names = _names(found[1])
            if any(" " in one for one in names):
                raise Unreadable(f"{name}: {found[0]}")
            passed_on.extend(names)
            return ""

        def fetch(found: re.Match[str]) -> str:
            target = _target(name, found[1])
            part = next((part for part, entry in self._later.items() if entry == target), None)
            if part is None or FETCH not in self._everybodys:
                raise Unreadable(f"{name}: {found[0]}")
            return f'{FETCH}("{part}", $)'

        body = NAMED_IMPORT.sub(take, text)
        body = PASSED_ON.sub(pass_on, body)
        body = LATER_IMPORT.sub(fetch, body)
        body = NOTHING.sub("", body)
        body = DECLARED.sub(r"\1 \2", body)
        if unknown := LEFT.search(body):
            raise Unreadable(f"{name}: {unknown[0]}")
        body = shrink.casts(shrink.private_names(body))
        self.exported[name] = [*declared, *passed_on]
        own = {found[1] for found in OWN.finditer(body)}
        taken = (own - set(declared)) & (self.names | self._everybodys)
        if not (taken or renamed or OWN_SEVERAL.search(body)):
            self.names |= own
            return body
        self.names.update(declared)
        inside = "\n".join([*renamed, body])
        given = f"{{ {', '.join(declared)} }}"
        head = f"const {given} = " if declared else ""
        return f"{head}(() => {{\n{inside}\nreturn {given};\n}})();"


def sheet(names: Iterable[str], source: Source) -> str:
    """Sheets of one folder's depth, one after the other."""
    return shrink.sheet("\n".join(source(name) for name in names))


def _short(text: str) -> str:
    return shrink.script(text) + "\n"


def _imports(name: str, text: str) -> list[str]:
    return [_target(name, given) for given in IMPORT.findall(COMMENT.sub("", text))]


def _target(name: str, given: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), given))


def _names(listed: str) -> list[str]:
    return [one.strip() for one in listed.split(",") if one.strip()]
