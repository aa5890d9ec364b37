"""The languages are those that have a catalogue."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from infra.writing import language
from infra.writing.catalogues import FILE, Language, languages
from tests.support.test_contract import product_files


def put(folder: Path, name: str, own_name: str = "") -> None:
    path = folder / name / FILE
    path.parent.mkdir(parents=True)
    path.write_text('msgid ""\nmsgstr ""\n' + (f'"X-Language-Name: {own_name}\\n"\n' if own_name else ""))


def test_ours_are_turkish_and_english() -> None:
    assert languages(settings.LOCALE_DIR) == (Language("tr", "Türkçe"), Language("en", "English"))
    assert settings.LANGUAGES == [("tr", "Türkçe"), ("en", "English")]


def test_a_folder_with_a_catalogue_is_a_language(tmp_path: Path) -> None:
    for name, own_name in (
        ("pt_BR", "Português Brasileiro"),
        ("ar", "العربيّة"),
        ("en", "English"),
        ("tr", "Türkçe"),
        ("ku", ""),
    ):
        put(tmp_path, name, own_name)
    for stray in ("README", "..x", "a" * 11, "de_AT@euro"):
        put(tmp_path, stray)
    (tmp_path / "fr").mkdir()
    known = languages(tmp_path)
    assert [(one.code, one.name) for one in known] == [
        ("tr", "Türkçe"),
        ("en", "English"),
        ("ar", "العربيّة"),
        ("ku", "ku"),
        ("pt-br", "Português Brasileiro"),
    ]
    assert [one.code for one in known if one.direction == "rtl"] == ["ar"]


def test_no_other_list_names_languages() -> None:
    """English stands in for others and is therefore named by who chooses; Turkish, ours, where all are found."""
    sources = [file for file in product_files() if "migrations" not in file.parts]
    sources += (settings.BASE_DIR / "static").rglob("*.js")
    named = re.compile(r"""["']tr["']|Türkçe|["']English["']""")
    row_of_a_table = re.compile(r"""\bh\(\s*["']tr["']""")
    found = {
        str(file.relative_to(settings.BASE_DIR))
        for file in sources
        if named.search(row_of_a_table.sub("", file.read_text()))
    }
    assert found == {"infra/writing/catalogues.py"}


@pytest.mark.parametrize(
    ("wish", "spoken"),
    [
        ("pt-BR", "pt-br"), ("pt_br", "pt-br"), ("pt", "pt-br"), ("pt-PT", "pt-br"), ("en-GB", "en"), ("TR", "tr"),
        ("de", None), ("", None), (None, None), ("p", None), ("*", None),
    ],
)  # fmt: skip
def test_a_wish_is_met_by_that_language_or_its_like(settings, wish: str | None, spoken: str | None) -> None:
    settings.LANGUAGES = [("tr", "Türkçe"), ("en", "English"), ("pt-br", "Português Brasileiro")]
    assert language.of_page(wish) == spoken


@pytest.mark.parametrize(
    ("spoken", "name"),
    [
        ("tr", "Türkçe"), ("en", "English"), ("en-GB", "English (en-GB)"), ("pt_BR", "Português Brasileiro"),
        ("fr-CA", "fr-CA"), ("", ""),
    ],
)  # fmt: skip
def test_a_language_is_called_as_it_calls_itself(settings, spoken: str, name: str) -> None:
    settings.LANGUAGES = [("tr", "Türkçe"), ("en", "English"), ("pt-br", "Português Brasileiro")]
    assert language.name_of(spoken) == name


@given(st.text(max_size=200))
def test_whatever_is_wished_for_one_of_ours_is_spoken(wish: str) -> None:
    ours = dict(settings.LANGUAGES)
    assert language.of_page(wish) in {None, *ours}
    assert language.of_header(wish) in ours
