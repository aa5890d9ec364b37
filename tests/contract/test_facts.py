"""What two places have to know stands in one of them; the other takes it from there, or is compared with it here."""

from __future__ import annotations

import re

import pytest

from queueing.live import grades, reasons
from signaling.wire import fields
from tests.contract.packages import PACKAGES, ROOT

# What a second copy would look like, and the only module that may.
ONCE = {
    r'"customer-lost", "operator-lost"': {"queueing/live/reasons.py"},
    r"/64\"|new_prefix=64|\b6: 64\b": {"infra/addresses.py"},
    r"popitem\(last=False\)": {"infra/buckets.py", "infra/logs/repeats.py"},
    r"class \w*Bucket\b": {"infra/buckets.py"},
    r"time\.time\(\) \* 1000": set(),
    r"\b4_000\b|\b4000\b": {"signaling/wire/fields.py"},
    r'"fair": 3\.5|\b3\.5, "fair"': {"queueing/live/grades.py"},
}


@pytest.mark.parametrize("copy", ONCE)
def test_a_fact_stands_once(copy: str) -> None:
    found = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if "migrations" not in path.parts and re.search(copy, path.read_text())
    }
    assert found == ONCE[copy]


def script(name: str) -> str:
    return (ROOT / "static/js" / name).read_text()


def constant(name: str, source: str) -> int:
    (value,) = re.findall(rf"export const {name} = ([\d_]+);", source)
    return int(value)


def test_pages_measure_texts_as_the_wire_does() -> None:
    text = script("core/text.js")
    assert constant("LINE_MOST", text) == fields.CHAT_CHARACTERS


def test_pages_grade_quality_as_reports_do() -> None:
    source = script("ui/shared/call/quality-bar.js")
    found = re.findall(r'score >= ([\d.]+)\) return "(\w+)"', source)
    assert {grade: float(floor) for floor, grade in found} == grades.FLOORS


def test_pages_take_the_same_ends_for_lost() -> None:
    (listed,) = re.findall(r"const LOST = new Set\(\[([^\]]*)\]\)", script("app/customer/lost-call.js"))
    assert set(re.findall(r'"([\w-]+)"', listed)) == set(reasons.LOST)
    (cut,) = re.findall(r"const CUT = \{([^}]*)\}", script("ui/customer/end/ended-view.js"))
    assert set(re.findall(r'"?([\w-]+)"?:', cut)) == set(reasons.LOST)


def test_no_script_of_redis_names_the_ends_that_are_lost() -> None:
    scripts = list((ROOT / "queueing/live/lua").rglob("*.lua"))
    assert scripts
    assert [path.name for path in scripts if re.search(r"connection\W+= true", path.read_text())] == []
