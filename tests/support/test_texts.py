"""Pages fetch their own texts in one language, once; the loader on other people's sites brings its own along."""

import json
import re

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client

from infra.writing.catalogues import languages
from support.texts.pages import LATER, PARTS, bundle, spoken
from tests.support.test_pages import config_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_server")]
PAGES = [("/", "customer"), ("/widget/", "customer"), ("/admin/console/", "console")]


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(get_user_model().objects.create_user("ayse", name="Ayşe"))
    return client


@pytest.mark.parametrize("language", ["tr", "en"])
@pytest.mark.parametrize(("path", "part"), PAGES)
def test_a_page_knows_all_languages_and_preloads_its_own(client: Client, path: str, part: str, language: str) -> None:
    page = client.get(path, headers={"Accept-Language": language})
    config = config_of(page)
    assert config["locale"] == language
    assert config["languages"] == spoken(part)
    assert [known["code"] for known in spoken(part)] == [known.code for known in languages(settings.LOCALE_DIR)]
    # The customer's page asks for them when it is touched (static/js/first.js).
    named = r'<link rel="preload" as="fetch" href="([^"]+)" crossorigin>|<script[^>]* data-texts="([^"]+)"'
    preloaded = ["".join(found) for found in re.findall(named, page.content.decode())]
    assert preloaded == [known["texts"] for known in spoken(part) if known["code"] == language]
    assert f'<html lang="{language}" dir="ltr"' in page.content.decode()


@pytest.mark.parametrize("part", ["customer", "console"])
def test_texts_are_kept_for_ever_under_their_own_hash(client: Client, part: str) -> None:
    address = spoken(part)[0]["texts"]
    answer = client.get(address)
    assert answer["Content-Type"] == "application/json"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer["Content-Language"] == "tr"
    whole = answer.json()
    assert len(whole["forms"]) == 200
    assert all(key.startswith(PARTS[part]) for key in whole["texts"])
    assert {key.partition(".")[0] + "." for key in whole["texts"]} == set(PARTS[part])
    later = tuple(beginning for name in LATER.get(part, {}).values() for beginning in PARTS[name])
    assert not any(key.startswith(later) for key in whole["texts"])
    # A page of an earlier version gets what there is, and asks again next time.
    older = re.sub(r"\.\w+\.json$", ".0123456789abcdef.json", address)
    assert client.get(older).json() == whole
    assert client.get(older)["Cache-Control"] == "no-cache"
    assert client.get(older, headers={"If-None-Match": answer["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    "path", ["customer/xx.0.json", "nothing/tr.0.json", "customer/..%2f..%2fsettings.0.json", "customer/tr.json"]
)
def test_what_there_is_not_is_not_found(client: Client, path: str) -> None:
    assert client.get(f"/texts/{path}").status_code == 404


@pytest.mark.parametrize("first", ["tr", "en"])
def test_the_loader_has_its_texts_of_all_languages(client: Client, settings, first: str) -> None:
    settings.LANGUAGE_CODE = first
    script = client.get("/embed.js").content.decode()
    assert "/* texts */" not in script
    line = re.search(r"const TEXTS=(\{.*?\});", script)
    assert line
    texts = json.loads(line[1])
    assert next(iter(texts)) == first
    assert set(texts) == set(dict(settings.LANGUAGES))
    for language, words in texts.items():
        assert words == {key.removeprefix("embed."): text for key, text in bundle("embed", language).texts.items()}
        assert len(words) == len(set(words.values())) > 5
