"""A catalogue is all that a further language needs: no line of code, no migration, no other list."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.catalogues import run, with_german_and_arabic


@pytest.fixture(scope="module")
def catalogues(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_german_and_arabic(tmp_path_factory.mktemp("third") / "locale")


@pytest.fixture(scope="module")
def facts(catalogues: Path, redis_server: str) -> dict[str, Any]:
    program = ("-m", "tests.support.third_language")
    told = run(
        catalogues,
        *program,
        DJANGO_SETTINGS_MODULE="support.settings",
        LANGUAGE_CODE="de",
        ALLOWED_HOSTS="testserver",
        DATA_DIR=str(catalogues.parent),
        REDIS_URL=redis_server,
        LOG_LEVEL="ERROR",
    )
    return dict(json.loads(told))


def test_it_is_in_the_list_of_languages(facts: dict[str, Any]) -> None:
    assert [tuple(pair) for pair in facts["languages"]] == [
        ("tr", "Türkçe"),
        ("en", "English"),
        ("ar", "العربيّة"),
        ("de", "Deutsch"),
    ]


def test_it_may_be_the_default_and_an_operators(facts: dict[str, Any]) -> None:
    assert facts["default"] == facts["new_operator"] == "de"
    assert facts["accepted"] == ["tr", "en", "de", "ar"]


def test_the_server_speaks_it_and_english_where_a_text_is_missing(facts: dict[str, Any]) -> None:
    assert facts["said"] == ["Anmelden", "Please sign in.", "1 Eintrag gespeichert.", "2 Einträge gespeichert."]
    assert "Testnachricht" in facts["message"]
    assert "Notifications of new customers reach this chat." in facts["message"]
    assert facts["dialect"] == ";"


def test_the_page_speaks_it_and_english_where_a_text_is_missing(facts: dict[str, Any]) -> None:
    page = facts["pages"]["de-AT"]
    assert page["head"].startswith('<html lang="de" dir="ltr"')
    assert page["names"] == ["Türkçe", "English", "العربيّة", "Deutsch"]
    assert page["not_found"] == "Hier ist nichts."
    assert page["noscript"] == "Live support needs JavaScript."
    assert page["texts"]["customer.welcome.title"] == "Sprechen Sie gleich mit einer Fachkraft"
    assert page["texts"]["customer.waiting.ahead"] == ["{n} Person vor Ihnen", "{n} Personen vor Ihnen"]
    assert page["texts"]["common.close"] == "Close"


def test_one_without_any_text_is_english_from_right_to_left(facts: dict[str, Any]) -> None:
    page = facts["pages"]["ar"]
    assert page["head"].startswith('<html lang="ar" dir="rtl"')
    assert page["texts"]["customer.welcome.title"] == "Talk to an expert right away"
    assert page["not_found"] == "There is nothing at this address."


def test_who_speaks_none_of_them_is_spoken_to_in_english(facts: dict[str, Any]) -> None:
    assert facts["pages"]["fr"]["head"].startswith('<html lang="en" dir="ltr"')


def test_the_loader_speaks_it_on_other_sites(facts: dict[str, Any]) -> None:
    texts = json.loads(facts["loader"])
    assert next(iter(texts)) == "de", "the default where nobody chose"
    assert texts["de"]["open"] == "Live-Hilfe"
    assert texts["de"]["close"] == texts["en"]["close"]
