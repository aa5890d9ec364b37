"""Every text that people read is in the catalogues, and nothing else is."""

import re
import shutil
from pathlib import Path

import polib
import pytest
from django.conf import settings

from infra.writing.catalogues import FILE, SOURCE
from support.launcher.messages import BROWSER
from support.management.commands.translations import texts_of_the_project
from support.texts.collect import Text, in_module, in_page
from support.texts.update import in_order, update

CATALOGUES = sorted(settings.LOCALE_DIR.glob(f"*/{FILE}"))
LANGUAGES = [path.parent.parent.name for path in CATALOGUES]
# One word for one thing: what it is called, and what it is not. `yazışmak`, to write to each other, stays a verb.
TURKISH = {
    "sohbet": re.compile(r"\byazışma(?!k)\w*", re.IGNORECASE),
    "temsilci": re.compile(r"\boperatör\w*", re.IGNORECASE),
}
PLACE = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}")


@pytest.fixture(params=CATALOGUES, ids=LANGUAGES)
def catalogue(request: pytest.FixtureRequest) -> polib.POFile:
    return polib.pofile(str(request.param))


def test_a_catalogue_is_complete(catalogue: polib.POFile) -> None:
    entries = catalogue.untranslated_entries() + catalogue.fuzzy_entries() + catalogue.obsolete_entries()
    assert [entry.msgid for entry in entries] == []


def test_a_catalogue_names_its_language_and_each_text_once(catalogue: polib.POFile) -> None:
    assert catalogue.metadata["X-Language-Name"]
    keys = [(entry.msgctxt, entry.msgid) for entry in catalogue]
    assert [key for key in keys if keys.count(key) > 1] == []


def test_the_catalogues_hold_what_code_and_pages_name_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "locale"
    shutil.copytree(settings.LOCALE_DIR, folder)
    told = update(folder, texts_of_the_project())
    assert told == dict.fromkeys(LANGUAGES, (0, 0, 0)), "run `make messages`"


def test_a_translation_has_the_places_of_its_text(catalogue: polib.POFile) -> None:
    english = {entry.msgid: entry for entry in polib.pofile(str(settings.LOCALE_DIR / SOURCE / FILE))}
    for entry in catalogue:
        source = english.get(entry.msgid) if entry.msgctxt == BROWSER else entry
        assert source is not None, entry.msgid
        # A form for "one" may leave the number out.
        meant = [source.msgid, source.msgid_plural, source.msgstr, *source.msgstr_plural.values()]
        meant = meant[2:] if entry.msgctxt == BROWSER else meant[:2]
        allowed = {frozenset(PLACE.findall(text)) for text in meant if text}
        for text in [entry.msgstr, *entry.msgstr_plural.values()]:
            assert not text or frozenset(PLACE.findall(text)) in allowed, entry.msgid


@pytest.mark.parametrize("word", TURKISH)
def test_one_thing_has_one_word_in_turkish(word: str) -> None:
    catalogue = polib.pofile(str(settings.LOCALE_DIR / "tr" / FILE))
    texts = [text for entry in catalogue for text in (entry.msgstr, *entry.msgstr_plural.values())]
    assert [text for text in texts if TURKISH[word].search(text)] == []
    assert any(word in text for text in texts)


def test_texts_are_found_in_modules(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        "_('one')\ngettext_lazy('two')\nngettext('%d line', '%d lines', n)\npgettext('verb', 'open')\n"
        "npgettext('mail', 'letter', 'letters', n)\n_(name)\nlog('not one')\nthat.gettext('three')\n"
    )
    assert set(in_module(module)) == {
        Text("one"),
        Text("two"),
        Text("%d line", "%d lines"),
        Text("open", None, "verb"),
        Text("letter", "letters", "mail"),
        Text("three"),
    }


def test_texts_are_found_in_pages(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        '{% load i18n %}{% if x %}{% translate "one" %}{% endif %}<a title="{% translate \'two\' context "verb" %}">'
        "{% blocktranslate count n=total trimmed %}\n  {{ n }} line\n{% plural %}\n  {{ n }} lines\n"
        "{% endblocktranslate %}{% translate name %}"
    )
    assert set(in_page(page)) == {Text("one"), Text("two", None, "verb"), Text("%(n)s line", "%(n)s lines")}


def test_a_language_is_begun_and_kept_up(tmp_path: Path) -> None:
    english = tmp_path / SOURCE / FILE
    english.parent.mkdir(parents=True)
    head = 'msgid ""\nmsgstr ""\n"Language: en\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
    english.write_text(
        head
        + 'msgctxt "browser"\nmsgid "a.lines"\nmsgid_plural "a.lines"\nmsgstr[0] "{n} line"\nmsgstr[1] "{n} lines"\n'
    )
    texts = {text.key: text for text in (Text("Open"), Text("%d line", "%d lines"))}
    assert update(tmp_path, texts, new="pl") == {"en": (0, 0, 0), "pl": (3, 0, 3)}
    polish = polib.pofile(str(tmp_path / "pl" / FILE))
    assert polish.metadata["X-Language-Name"] == "polski"
    assert [(entry.msgctxt, entry.msgid) for entry in polish] == [
        (None, "%d line"),
        (None, "Open"),
        (BROWSER, "a.lines"),
    ]
    assert list(polish) == in_order(polish)
    assert polish.find("a.lines").msgstr_plural == {0: "", 1: "", 2: ""}
    polish.find("Open").msgstr = "Otwórz"
    polish.save()
    del texts[None, "%d line"]
    texts[None, "Wake up"] = Text("Wake up")
    assert update(tmp_path, texts)["pl"] == (1, 1, 2)
    again = polib.pofile(str(tmp_path / "pl" / FILE))
    assert again.find("Open").msgstr == "Otwórz"
    assert again.metadata["X-Language-Name"] == "polski"
