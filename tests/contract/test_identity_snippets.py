"""docs/identity.md: what sites copy signs what the real check reads, in every language of the page."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from infra.errors import DomainError
from queueing.identity import Identity, verify
from tests.contract.packages import ROOT

SECRET = "of-the-site-" + "0123456789" * 6
PERSON = {"id": 42, "name": 'Şule "Işık" O\'Neil', "email": "sule@example.com"}
LONG = PERSON | {"name": "ğ" * 200}
PAGE = (ROOT / "docs/identity.md").read_text()


def code(language: str) -> str:
    (block,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(block)


def ran(program: list[str], secret: str) -> str:
    done = subprocess.run(
        program, capture_output=True, text=True, timeout=60, env={**os.environ, "SUPPORT_IDENTITY_SECRET": secret}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def by_django(person: dict[str, Any], secret: str, folder: Path) -> str:
    made: dict[str, Any] = {}
    exec(code("python").replace("from django.conf import settings", ""), made)
    made["settings"] = SimpleNamespace(SUPPORT_IDENTITY_SECRET=secret)
    user = SimpleNamespace(
        is_authenticated=True, pk=person["id"], email=person["email"], get_full_name=lambda: person["name"]
    )
    return str(made["support_identity"](user))


def by_node(person: dict[str, Any], secret: str, folder: Path) -> str:
    script = folder / "identity.mjs"
    script.write_text(code("js") + f"\nconsole.log(supportIdentity({json.dumps(person)}));\n")
    return ran(["node", str(script)], secret)


def by_php(person: dict[str, Any], secret: str, folder: Path) -> str:
    script, given = folder / "identity.php", folder / "person.json"
    given.write_text(json.dumps(person))
    script.write_text(
        f"<?php\n{code('php')}\necho support_identity(json_decode(file_get_contents('{given}'), true));\n"
    )
    return ran(["php", str(script)], secret)


@pytest.mark.parametrize("signed", [by_django, by_node, by_php], ids=["django", "node", "php"])
def test_what_the_page_says_is_believed(signed: Any, settings: Any, tmp_path: Path) -> None:
    settings.IDENTITY_SECRET = SECRET
    assert verify(signed(PERSON, SECRET, tmp_path)) == Identity(sub="42", name=PERSON["name"], email="sule@example.com")
    assert verify(signed(LONG, SECRET, tmp_path)).name == "ğ" * 80
    with pytest.raises(DomainError):
        verify(signed(PERSON, "somebody-elses-" + SECRET, tmp_path))


def test_nobody_is_signed_who_is_not_signed_in(settings: Any) -> None:
    made: dict[str, Any] = {}
    exec(code("python"), made)
    assert made["support_identity"](SimpleNamespace(is_authenticated=False)) == ""
