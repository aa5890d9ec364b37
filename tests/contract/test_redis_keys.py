"""docs/redis-keys.md names exactly the keys that scripts declare and modules use."""

import re

from tests.contract.packages import PACKAGES, ROOT

DYNAMIC = {"b", "m", "p"}  # channels, not keys


def documented() -> set[str]:
    rows = re.findall(r"^\| `([^`]+)` \| (\w+)", (ROOT / "docs/redis-keys.md").read_text(), re.MULTILINE)
    return {name.removesuffix(":…") for name, kind in rows if not name.startswith(("b:", "m:", "p:", "all"))}


def declared_by_scripts() -> set[str]:
    found: set[str] = set()
    for app in PACKAGES:
        for script in (ROOT / app).rglob("*.lua"):
            for line in script.read_text().splitlines():
                if line.startswith("-- keys:"):
                    found |= set(line.removeprefix("-- keys:").split())
    return found


def used_by_modules() -> set[str]:
    found: set[str] = set()
    for app in PACKAGES:
        for module in (ROOT / app).rglob("*.py"):
            for name in re.findall(r'\bkey\(f?"([a-z:_-]+)', module.read_text()):
                found.add(name.rstrip(":"))
    return found - DYNAMIC - {"all"}


def test_every_key_in_use_is_documented() -> None:
    assert (declared_by_scripts() | used_by_modules()) - documented() == set()


def test_every_documented_key_is_in_use() -> None:
    by_libraries = {"cache", "layer"}  # prefixes given to Django's cache and the channel layer in settings
    assert documented() - declared_by_scripts() - used_by_modules() == by_libraries


def test_no_script_builds_a_key_name() -> None:
    """Keys come through KEYS; the only names put together in Lua are those of channels."""
    for app in PACKAGES:
        for script in (ROOT / app).rglob("*.lua"):
            for line in script.read_text().splitlines():
                if re.search(r"redis\.call\('(?!TIME|INFO|PUBLISH)", line):
                    assert re.search(r"redis\.call\('\w+', (K\['|KEYS\[|meta|name)", line), (
                        f"{script.name}: {line.strip()}"
                    )
