"""Catalogues are compiled without gettext; what a language lacks is English there, for the server and for pages."""

import gettext
import json
import os
from pathlib import Path

import pytest

from infra.writing.catalogues import FILE
from support.launcher.messages import compile_messages

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: {forms};\\n"\n\n'
ENGLISH = HEAD.format(forms="nplurals=2; plural=(n != 1)") + (
    'msgctxt "browser"\nmsgid "a.title"\nmsgstr "Title"\n\n'
    'msgctxt "browser"\nmsgid "a.lines"\nmsgid_plural "a.lines"\nmsgstr[0] "{n} line"\nmsgstr[1] "{n} lines"\n'
)
POLISH = "nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2)"


def put(folder: Path, language: str, text: str) -> Path:
    path = folder / language / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def pages(folder: Path, language: str) -> dict[str, object]:
    return dict(json.loads((folder / language / FILE).with_name("browser.json").read_text()))


def server(folder: Path, language: str) -> gettext.GNUTranslations:
    with (folder / language / FILE).with_suffix(".mo").open("rb") as file:
        return gettext.GNUTranslations(file)


def test_once_and_again_when_any_is_newer(tmp_path: Path) -> None:
    english = put(tmp_path, "en", ENGLISH)
    turkish = put(tmp_path, "tr", HEAD.format(forms="nplurals=2; plural=n>1") + 'msgid "Hello"\nmsgstr "Merhaba"\n')
    written = compile_messages(tmp_path)
    assert written == [
        path for source in (english, turkish) for path in (source.with_suffix(".mo"), source.with_name("browser.json"))
    ]
    assert server(tmp_path, "tr").gettext("Hello") == "Merhaba"
    assert compile_messages(tmp_path) == []
    later = english.stat().st_mtime + 5
    os.utime(english, (later, later))
    assert compile_messages(tmp_path) == written


def test_what_is_missing_or_doubtful_is_english(tmp_path: Path) -> None:
    put(tmp_path, "en", ENGLISH)
    put(tmp_path, "tr", HEAD.format(forms="nplurals=2; plural=n>1") + 'msgid "Hello"\nmsgstr "Merhaba"\n')
    german = HEAD.format(forms="nplurals=2; plural=(n != 1)")
    german += '#, fuzzy\nmsgid "Hello"\nmsgstr "Auf Wiedersehen"\n\nmsgctxt "browser"\nmsgid "a.title"\nmsgstr ""\n\n'
    put(tmp_path, "de", german + 'msgctxt "browser"\nmsgid "of.yesterday"\nmsgstr "Gestern"\n')
    compile_messages(tmp_path)
    assert server(tmp_path, "de").gettext("Hello") == "Hello"
    assert pages(tmp_path, "de")["texts"] == {"a.lines": ["{n} line", "{n} lines"], "a.title": "Title"}
    assert pages(tmp_path, "tr")["texts"] == pages(tmp_path, "de")["texts"]


def test_a_language_has_as_many_forms_as_it_needs(tmp_path: Path) -> None:
    put(tmp_path, "en", ENGLISH)
    lines = 'msgctxt "browser"\nmsgid "a.lines"\nmsgid_plural "a.lines"\n'
    forms = 'msgstr[0] "{n} wiersz"\nmsgstr[1] "{n} wiersze"\nmsgstr[2] "{n} wierszy"\n'
    put(tmp_path, "pl", HEAD.format(forms=POLISH) + lines + forms)
    compile_messages(tmp_path)
    polish = pages(tmp_path, "pl")
    assert polish["texts"] == {"a.lines": ["{n} wiersz", "{n} wiersze", "{n} wierszy"], "a.title": "Title"}
    assert [str(polish["forms"])[n] for n in (0, 1, 2, 5, 12, 22, 112, 122)] == list("20122121")
    assert len(str(polish["forms"])) == 200


def test_english_stands_in_for_a_plural_of_six_forms(tmp_path: Path) -> None:
    put(tmp_path, "en", ENGLISH)
    arabic = "nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5"
    put(tmp_path, "ar", HEAD.format(forms=arabic))
    put(
        tmp_path,
        "tr",
        HEAD.format(forms="nplurals=2; plural=n>1")
        + 'msgid "%d line"\nmsgid_plural "%d lines"\nmsgstr[0] "%d satır"\nmsgstr[1] "%d satır"\n',
    )
    compile_messages(tmp_path)
    told = [server(tmp_path, "ar").ngettext("%d line", "%d lines", n) % n for n in (0, 1, 2, 7, 11)]
    assert told == ["0 lines", "1 line", "2 lines", "7 lines", "11 lines"]
    assert pages(tmp_path, "ar")["texts"]["a.lines"] == ["{n} lines", "{n} line", *["{n} lines"] * 4]  # type: ignore[index]


def test_a_header_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    put(tmp_path, "en", ENGLISH)
    wrong = put(tmp_path, "de", HEAD.format(forms="nplurals=2; plural=__import__('os')"))
    with pytest.raises(ValueError, match=str(wrong)):
        compile_messages(tmp_path)
