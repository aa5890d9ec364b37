"""The customer's page fetches few parts, made of plain sources that could be loaded as they are."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from bench.widget.weight import CALL, FIRST_VIEW, KB, LOADER
from support.config.schema import BASE_DIR
from support.parts import finder, join, shrink
from support.parts.finder import (
    CONSOLE_SHEETS,
    LATER,
    PARTS,
    SHEETS,
    STATIC,
    made,
    script_of,
    sheet_of,
    source,
)
from support.parts.loader import loader
from support.texts import pages

NODE = Path(sys.prefix) / "bin" / "node"
MODULES = {
    "js/a.js": 'import { one as first, two } from "./core/b.js";\nexport { two } from "./core/b.js";\n'
    "/** import { x } from nowhere */\nexport const sum = first() + two;\nexport async function later() {}\n",
    "js/core/b.js": "// the first\nexport function one() {\n  return 1;\n}\nexport const two = 2;\nexport {};\n",
}


LATER_MODULES = {
    "js/main.js": 'import { said } from "./said.js";\nimport { LaterPart } from "./core/later.js";\n'
    'export const end = new LaterPart(() => import("./end.js"));\n'
    "export const unended = said;\n",
    "js/said.js": 'const MOST = 1;\nexport const said = () => ["main", MOST];\nexport const lent = () => "lent";\n',
    "js/end.js": 'import { lent } from "./said.js";\nconst said = 5;\nexport const told = () => [lent(), said];\n',
    "js/core/later.js": "export class LaterPart {\n  constructor(load) {\n    this.load = load;\n  }\n}\n"
    "export const fetchPart = async (name, given) => (await import(`./${name}.mjs`)).fill(given);\n",
}


def run(script: str, tmp_path: Path) -> str:
    """What a module printed."""
    file = tmp_path / "x.mjs"
    file.write_text(script)
    return subprocess.run([NODE, file], capture_output=True, text=True, check=True, timeout=60).stdout.strip()


def test_joined_modules_do_what_they_did_alone(tmp_path: Path) -> None:
    text = join.Script("js/a.js", MODULES.__getitem__).module()
    assert "the first" not in text
    assert "nowhere" not in text
    assert run(f"{text}console.log(sum, typeof later, two)", tmp_path) == "3 function 2"


def test_names_that_two_modules_have_for_themselves_stay_apart(tmp_path: Path) -> None:
    texts = {
        "js/a.js": 'import { b } from "./b.js";\nimport { c as other } from "./c.js";\n'
        "const KEY = 1;\nexport const a = () => [KEY, b(), other()];\n",
        "js/b.js": "const KEY = 2;\nexport function b() {\n  return KEY;\n}\n",
        "js/c.js": "let KEY = 3;\nconst { length: other } = 'four';\nconst a = 'own';\n"
        "export const c = () => [KEY, other, a];\nKEY += 2;\n",
    }
    text = join.Script("js/a.js", texts.__getitem__).module()
    assert run(f"{text}console.log(JSON.stringify(a()))", tmp_path) == '[1,2,[5,4,"own"]]'


def test_one_name_given_away_by_two_modules_is_refused() -> None:
    texts = {
        "js/a.js": 'import { one } from "./b.js";\nexport const two = one;\n',
        "js/b.js": "export const one = 1;\nexport const two = 2;\n",
    }
    with pytest.raises(join.Unreadable, match=r"js/a\.js: another module exports two, too"):
        join.Script("js/a.js", texts.__getitem__).module()


def test_no_name_hides_one_that_browsers_have() -> None:
    """A module that means the browser's `open` would get another module's."""
    (types,) = (BASE_DIR / "node_modules" / "@typescript").glob("*/lib/lib.dom.d.ts")
    theirs = {
        name
        for file in (types, types.with_name("lib.es5.d.ts"))
        for name in re.findall(r"^declare (?:var|function|let|const) (\w+)", file.read_text(), re.MULTILINE)
    }
    assert {"open", "name", "parseInt"} < theirs
    for entry in ("js/first.js", "js/customer.js", "js/console.js"):
        assert not finder.script(entry, source).names & theirs


def later_script(**changed: str) -> join.Script:
    return join.Script("js/main.js", {**LATER_MODULES, **changed}.__getitem__, {"end": "js/end.js"})


def test_a_part_that_comes_later_uses_what_is_there(tmp_path: Path) -> None:
    script = later_script()
    assert "lent" not in script.part("end").split("fill")[0]
    (tmp_path / "end.mjs").write_text(script.part("end"))
    printed = run(f"{script.module()}const part=await end.load();console.log(JSON.stringify(part.told()))", tmp_path)
    assert printed == '["lent",5]'


def test_a_part_of_another_version_is_refused(tmp_path: Path) -> None:
    other = LATER_MODULES["js/said.js"].replace("MOST = 1", "MOST = 2")
    (tmp_path / "end.mjs").write_text(later_script(**{"js/said.js": other}).part("end"))
    failed = "const heard=await end.load().catch((error)=>error.message);console.log(heard)"
    assert run(f"{later_script().module()}{failed}", tmp_path) == "a part of another version"


def test_what_is_imported_later_has_to_be_known_as_a_part() -> None:
    with pytest.raises(join.Unreadable, match=r'js/main\.js: import\("\./end\.js"\)'):
        join.Script("js/main.js", LATER_MODULES.__getitem__).module()


def test_two_parts_have_no_module_in_common() -> None:
    texts = {
        **LATER_MODULES,
        "js/end.js": 'import { both } from "./both.js";\nexport const told = both;\n',
        "js/more.js": 'import { both } from "./both.js";\nexport const more = both;\n',
        "js/both.js": "export const both = 1;\n",
    }
    script = join.Script("js/main.js", texts.__getitem__, {"end": "js/end.js", "more": "js/more.js"})
    with pytest.raises(join.Unreadable, match=r"js/more\.js shares \['js/both\.js'\] with js/end\.js"):
        script.part("end")


def test_a_script_of_its_own_leaves_nothing_behind(tmp_path: Path) -> None:
    assert run(f"{join.Script('js/a.js', MODULES.__getitem__).whole()}console.log(typeof sum)", tmp_path) == "undefined"


def test_private_names_are_shortened_and_nothing_that_looks_like_them(tmp_path: Path) -> None:
    source = """
      class Form {
        static #counted = 0;
        #field = "#field #other";
        get #both() { return `${this.#field}|#none`; }
        count() { Form.#counted += 1; return `${this.#both} ${Form.#counted} ${#field in this}`; }
      }
      export const told = new Form().count();
    """.replace("\n      ", "\n")
    text = join.Script("js/a.js", {"js/a.js": source}.__getitem__).module()
    assert "this.#field" not in text
    assert "#counted" not in text
    assert run(f"{text}console.log(told)", tmp_path) == "#field #other|#none 1 true"


def test_what_is_written_shorter_means_the_same(tmp_path: Path) -> None:
    source = """
      const said = "true const (x) => }";
      const told = `(a) =>
      }
      true`;
      const twice = (one) => {
        const two = /** @type {number} */ (one);
        return two + /** @type {any} */ (two);
      };
      export const all = [said, told, true, twice(2), [1, 2].map((one) => one * 2), { false: 0 ? true : false }.false];
    """.replace("\n      ", "\n")
    text = join.Script("js/a.js", {"js/a.js": source}.__getitem__).module()
    assert "(two)" not in text
    printed = '["true const (x) => }","(a) =>\\n}\\ntrue",true,4,[2,4],false]'
    assert run(f"{text}console.log(JSON.stringify(all))", tmp_path) == printed


def test_a_sheet_has_the_tokens_that_somebody_uses() -> None:
    page = ":root{--ad-a:1px;--ad-b:var(--ad-a);--ad-c:3px}.ad-button--ad-d:hover{width:var(--ad-b);--ad-d:1}"
    assert shrink.tokens(page) == ":root{--ad-a:1px;--ad-b:var(--ad-a);}.ad-button--ad-d:hover{width:var(--ad-b);}"
    assert shrink.tokens(page, "p{color:var(--ad-c)}").count("--ad-c:3px") == 1
    page, later = made("css/customer.part.css").read_text(), [made(sheet_of(name)).read_text() for name in LATER]
    asked = {name for text in (page, *later) for name in re.findall(r"var\((--ad-[\w-]+)\)", text)}
    whole = join.sheet(SHEETS, source)
    assert {name for name in asked if f"{name}:" in whole} <= set(re.findall(r"(--ad-[\w-]+):", page))


@pytest.mark.parametrize(
    "line",
    [
        'import * as b from "./b.js";',
        'import b from "./b.js";',
        'import "./b.js";',
        "export default 1;",
        "export let one = 1;",
        "export { one };",
        'export { one as two } from "./b.js";',
        'export * from "./b.js";',
    ],
)
def test_what_is_written_otherwise_is_refused(line: str) -> None:
    texts = {"js/a.js": f"const one = 1;\n{line}\n", "js/b.js": "export const one = 1;\n"}
    with pytest.raises(join.Unreadable, match=r"js/a\.js"):
        join.Script("js/a.js", texts.__getitem__).module()


@given(st.text(alphabet="`$/*'\"\\ {}ab\n;", max_size=40))
def test_texts_are_left_alone(text: str) -> None:
    escaped = text.replace("\\", "\\\\").replace("`", "\\`").replace("$", "\\$")
    assert (
        f"`{escaped}`" in join.Script("js/a.js", {"js/a.js": f"export const a = `{escaped}`;\n"}.__getitem__).module()
    )


@pytest.mark.parametrize("path", [path for path in PARTS if path.endswith(".js")])
def test_every_script_can_be_read_and_has_no_comments(path: str, tmp_path: Path) -> None:
    text = made(path).read_text()
    assert not re.search(r"^\s*(?://|/\*)", text, re.MULTILINE)
    assert "@param" not in text
    file = tmp_path / "part.mjs"
    file.write_text(text)
    subprocess.run([NODE, "--check", file], check=True, timeout=60)


def test_every_sheet_of_the_customers_page_is_in_its_part() -> None:
    ours = {f"css/customer/{path.name}" for path in (STATIC / "css/customer").glob("*.css")}
    assert ours <= {*SHEETS, *(path for part in LATER.values() for path in part.sheets)}
    assert SHEETS[-1] == "css/customer/widget.css"  # it says so
    assert {path.parent for path in map(Path, re.findall(r"url\((?!data:)([^)]+)\)", sheet()))} == {Path("../fonts")}


def test_every_sheet_of_the_console_is_in_its_part() -> None:
    ours = {f"css/console/{path.name}" for path in (STATIC / "css/console").glob("*.css")}
    shared = {f"css/shared/{path.name}" for path in (STATIC / "css/shared").glob("*.css")}
    assert set(CONSOLE_SHEETS) == ours | shared
    assert CONSOLE_SHEETS[-1] == "css/console/narrow.css"  # it says so
    # It stands a folder higher than its sources.
    assert "url(" not in made("css/console.part.css").read_text()


def sheet() -> str:
    return made("css/customer.part.css").read_text().replace('"', "")


def test_all_files_of_the_font_are_parts_of_one_face() -> None:
    """Of faces with other weights browsers would fetch those that fit best, and not the small one."""
    faces = re.findall(r"@font-face\s*\{([^}]*)\}", sheet())
    assert len(faces) == 3
    assert "figtree-core" in faces[-1]
    assert len({tuple(re.findall(r"font-(?:family|style|weight):[^;]+", face)) for face in faces}) == 1


def test_parts_are_static_files_among_the_others() -> None:
    listed = {path for one in finders.get_finders() for path, _storage in one.list([])}
    for path in PARTS:
        assert path in listed
        assert finders.find(path) == str(Path(settings.DATA_DIR) / "parts" / path)
    assert not finders.find("js/absent.part.js")


def test_a_changed_source_makes_a_part_anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings) -> None:
    settings.DATA_DIR = tmp_path / "var"
    (tmp_path / "js").mkdir()
    (tmp_path / "css").mkdir()
    script = tmp_path / "js" / "a.js"
    script.write_text("export const a = 1;\n")
    monkeypatch.setattr(finder, "STATIC", tmp_path)
    monkeypatch.setitem(PARTS, "js/a.part.js", lambda read: join.Script("js/a.js", read).module())
    first = made("js/a.part.js")
    before = first.stat().st_mtime_ns
    os.utime(script)
    assert made("js/a.part.js").stat().st_mtime_ns == before  # it says the same
    script.write_text("export const a = 2;\n")
    os.utime(script, ns=(before + 10**9, before + 10**9))
    assert "a=2" in made("js/a.part.js").read_text()


def test_a_part_looks_at_its_own_sources_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings) -> None:
    """All of static/ would be hundreds of files for every request of a page."""
    settings.DATA_DIR = tmp_path / "var"
    (tmp_path / "js").mkdir()
    for name, text in (("a", 'import { b } from "./b.js";\nexport const a = b;\n'), ("b", "export const b = 1;\n")):
        (tmp_path / "js" / f"{name}.js").write_text(text)
    times = []

    def make(read: join.Source) -> str:
        times.append(1)
        return join.Script("js/a.js", read).module()

    monkeypatch.setattr(finder, "STATIC", tmp_path)
    monkeypatch.setitem(PARTS, "js/a.part.js", make)
    looked: list[str] = []
    stamp = finder._stamp
    monkeypatch.setattr(finder, "_stamp", lambda name: looked.append(name) or stamp(name))
    made("js/a.part.js")
    (tmp_path / "js" / "other.js").write_text("export const other = 1;\n")
    looked.clear()
    made("js/a.part.js")
    assert (len(times), sorted(looked)) == (1, ["js/a.js", "js/b.js"])
    os.utime(tmp_path / "js" / "b.js", ns=(1, 1))
    made("js/a.part.js")
    assert len(times) == 2


def test_a_module_that_there_is_not_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"js/absent\.js"):
        source("js/absent.js")


def fetched(client: Client, address: str) -> int:
    """Bytes of the body, as a browser would fetch it."""
    response = client.get(address, headers={"Accept-Encoding": "gzip, deflate, br"})
    assert response.status_code == 200, address
    return sum(map(len, response)) if response.streaming else len(response.content)


@pytest.mark.django_db
@pytest.mark.usefixtures("redis_server")
@pytest.mark.parametrize("locale", ["tr", "en"])
def test_the_widget_weighs_no_more_than_its_goals(client: Client, locale: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `python -m bench.widget` weighs it in a browser. What comes later than a running call has no goal, but may
    not be part of what comes before.
    """
    # Django makes a page of up to a hundred random bytes longer, which hides how well secrets in it compress.
    monkeypatch.setattr("django.utils.text._get_random_filename", lambda most: b"a" * (most // 2))
    address = f"/widget/?locale={locale}"
    page = client.get(address).content.decode()
    named = set(re.findall(r'(?:href|src|data-logo)="(/static/[^"]+)"', page))
    assert {"/static/fonts/figtree-core.woff2", "/static/css/customer.part.css"} < named
    first = {path: fetched(client, path) for path in {address, *named}}
    assert len(first) <= (FIRST_VIEW.requests or 0)
    assert sum(first.values()) <= FIRST_VIEW.kb * KB, first
    later = re.findall(r'data-(?:rest|texts)="([^"]+)"', page)
    assert len(later) == 2
    rest = {path: fetched(client, path) for path in later}
    assert sum(first.values()) + sum(rest.values()) <= CALL.kb * KB, {**first, **rest}
    assert fetched(client, "/embed.js") <= LOADER.kb * KB


def test_the_loader_has_values_instead_of_tokens() -> None:
    script = loader("tr")
    light = source("css/tokens.css").split(":root {", 1)[1].split("}", 1)[0]
    (accent,) = re.findall(r"--ad-accent: (#[0-9a-f]{6});", light)
    assert f"background:{accent};" in script
    assert set(re.findall(r"var\((--ad-(?!site-)[\w-]+)", script)) == set()


@pytest.mark.django_db
@pytest.mark.usefixtures("redis_server")
def test_the_page_says_where_its_later_parts_are(client: Client) -> None:
    config = json.loads(re.search(r'id="adminara-config"[^>]*>(.*?)</script>', client.get("/").content.decode())[1])
    assert set(config["later"]) == set(LATER) == set(pages.LATER["customer"])
    for name, part in config["later"].items():
        assert part == {"script": f"/static/{script_of(name)}", "sheet": f"/static/{sheet_of(name)}"}
        assert fetched(client, part["script"]) > fetched(client, part["sheet"]) > 0
    now = set(client.get(config["languages"][0]["texts"]).json()["texts"])
    later = [set(client.get(address).json()["texts"]) for address in config["languages"][0]["later"].values()]
    assert all(later)
    assert not now & set().union(*later)
