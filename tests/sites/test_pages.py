"""The widget's page and the loader's module, by the key that stands in a tag."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from sites import lookup
from sites.models import Site
from tests.sites.test_lookup import HOSTILE
from tests.support.test_pages import config_of, policy

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Site:
    site = Site.objects.create(name="Shop", origins=["https://shop.example"])
    lookup.sites.forget()
    return site


def told(response: HttpResponse) -> Any:
    """What the loader hears of its site."""
    found = re.fullmatch(r"export default (.*);\n", response.content.decode())
    assert found
    return json.loads(found[1])


def test_a_page_knows_its_site(client: Client, settings: Any, shop: Site) -> None:
    settings.ALLOWED_ORIGINS = ["https://shop.example", "https://other.example"]
    response = client.get("/widget/", {"site": shop.key})
    assert config_of(response)["site"] == shop.key
    ancestors = policy(response)["frame-ancestors"]
    assert "https://shop.example" in ancestors
    assert "https://other.example" not in ancestors
    assert "X-Frame-Options" not in response
    assert config_of(client.get("/", {"site": shop.key}))["site"] == shop.key
    assert policy(client.get("/", {"site": shop.key}))["frame-ancestors"] == ["'none'"]


def test_without_a_key_everything_is_as_it_was(client: Client, settings: Any, shop: Site) -> None:
    settings.ALLOWED_ORIGINS = ["https://shop.example", "https://other.example"]
    response = client.get("/widget/")
    assert "site" not in config_of(response)
    assert {"https://shop.example", "https://other.example"} <= set(policy(response)["frame-ancestors"])


@pytest.mark.parametrize(
    ("offered", "wish", "header", "spoken"),
    [
        (["en", "tr"], "", "", "tr"),
        (["en"], "", "tr", "en"),
        (["en"], "tr", "tr", "en"),
        (["tr"], "", "de", "tr"),
        (["tr", "en"], "en-GB", "tr", "en"),
        (["xx"], "", "tr", "tr"),
    ],
)
def test_a_site_speaks_the_languages_that_it_offers(
    client: Client, shop: Site, offered: list[str], wish: str, header: str, spoken: str
) -> None:
    Site.objects.filter(pk=shop.pk).update(languages=offered)
    lookup.sites.forget()
    page = client.get("/widget/", {"site": shop.key, "locale": wish}, headers={"Accept-Language": header})
    config = config_of(page)
    assert config["locale"] == spoken
    assert f'<html lang="{spoken}"' in page.content.decode()
    codes = [known["code"] for known in config["languages"]]  # type: ignore[attr-defined]
    assert codes == ([code for code in offered if code != "xx"] or ["tr", "en"])


@pytest.mark.parametrize("key", HOSTILE)
def test_a_key_that_there_is_not_is_the_default_site(client: Client, shop: Site, key: str) -> None:
    key = key.encode(errors="replace").decode()[:2000].replace("\x00", "\ufffd")  # as every page's parser does
    response = client.get("/widget/", {"site": key})
    assert response.status_code == 200
    assert "site" not in config_of(response)
    module = client.get("/site.js", {"site": key})
    assert told(module) is None
    assert "max-age=30" in module["Cache-Control"]


def test_the_loader_may_ask_from_every_page(client: Client, shop: Site) -> None:
    response = client.get("/site.js", {"site": shop.key}, headers={"Origin": "https://shop.example"})
    assert told(response) == {"key": shop.key}
    assert response["Content-Type"].startswith("text/javascript")
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "max-age=300" in response["Cache-Control"]
    assert told(client.get("/site.js")) == {"key": ""}
    # The button on the site's pages has its colour.
    Site.objects.filter(pk=shop.pk).update(colour="#0b1f4d")
    lookup.sites.forget()
    button = told(client.get("/site.js", {"site": shop.key}))["colours"]
    assert (button["primary"], button["onPrimary"]) == ("#0b1f4d", "#ffffff")
