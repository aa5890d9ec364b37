"""The console as an app: what browsers install of it, and that the worker keeps a page for strangers alone."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from accounts.models import Operator
from support.http.assets import installable

pytestmark = pytest.mark.django_db


def facts_of(client: Client) -> dict[str, object]:
    source = client.get("/admin/sw.js").content.decode()
    found = re.search(r"const FACTS\s*=\s*({.*?});", source)
    assert found, source[:200]
    return dict(json.loads(found[1]))


def test_the_worker_keeps_a_page_and_its_sheets_alone() -> None:
    client = Client()
    facts = facts_of(client)
    page = client.get(str(facts["offline"]))
    assert page.status_code == 200
    sheets = re.findall(r'href="([^"]+\.css)"', page.content.decode())
    assert sheets == facts["files"]
    assert "csrf" not in page.content.decode().lower()
    assert facts["cache"] == facts_of(client)["cache"]


def test_another_language_is_another_version() -> None:
    turkish = facts_of(Client())
    english = Client()
    english.cookies.load({"adminara_language": "en"})
    english.cookies.load({"django_language": "en"})
    assert facts_of(english)["offline"] != turkish["offline"]
    assert facts_of(english)["cache"] != turkish["cache"]


def test_what_browsers_paint_around_a_page_is_of_the_tokens() -> None:
    """Neither a manifest nor a head can read a sheet."""
    tokens = Path(str(finders.find("css/tokens.css"))).read_text()
    operator = Client()
    operator.force_login(Operator.objects.create_user("ayse", name="Ayşe"))
    around = lambda page: re.findall(r'<meta name="theme-color" content="([^"]+)"', page.content.decode())  # noqa: E731
    assert around(operator.get("/admin/console/")) == re.findall(r"--ad-stage: (#\w+);", tokens)[:1]
    assert around(Client().get("/")) == re.findall(r"--ad-bg: (#\w+);", tokens)[:2]
    manifest = Client().get("/admin/console.webmanifest").json()
    assert {manifest["theme_color"], manifest["background_color"]} == {installable.COLOUR}
    assert around(operator.get("/admin/console/")) == [installable.COLOUR]


def test_the_manifest_names_what_there_is() -> None:
    response = Client().get("/admin/console.webmanifest")
    assert response["Content-Type"] == "application/manifest+json"
    manifest = json.loads(response.content)
    assert manifest["start_url"].startswith(manifest["scope"])
    for one in manifest["icons"]:
        name = one["src"].rpartition("/")[2]
        assert finders.find(f"img/{name}"), name
        width = int.from_bytes(Path(str(finders.find(f"img/{name}"))).read_bytes()[16:20])
        assert one["sizes"] == f"{width}x{width}"
