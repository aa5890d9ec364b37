"""Our catalogues and two more, as somebody who knows no Python adds them."""

import os
import shutil
from pathlib import Path

import polib
from django.conf import settings

from harness import python
from harness.processes import clean_environment
from infra.writing.catalogues import FILE
from support.launcher.messages import compile_messages

GERMAN = {
    "Sign in": "Anmelden",
    "There is nothing at this address.": "Hier ist nichts.",
    "Test message": "Testnachricht",
    "customer.welcome.title": "Sprechen Sie gleich mit einer Fachkraft",
    "embed.open": "Live-Hilfe",
}
ARABIC = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"X-Language-Name: العربيّة\\n"\n'


def run(folder: Path, *words: str, **more: str) -> str:
    environment = clean_environment(LOCALE_DIR=str(folder), PYTHONPATH=os.curdir, **more)
    answer = python.run(words, env=environment)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def with_german_and_arabic(folder: Path) -> Path:
    """Copies ours; the German one has a few texts, begun as a translator begins one, the Arabic one none."""
    shutil.copytree(settings.LOCALE_DIR, folder)
    told = run(folder, "manage.py", "translations", "--add", "de")
    assert "en: 0 new, 0 taken out, 0 without" in told
    german = polib.pofile(str(folder / "de" / FILE), wrapwidth=0)
    for message, translated in GERMAN.items():
        german.find(message).msgstr = translated
    german.find("%d entry was recorded.").msgstr_plural = {0: "%d Eintrag gespeichert.", 1: "%d Einträge gespeichert."}
    german.find("customer.waiting.ahead").msgstr_plural = {0: "{n} Person vor Ihnen", 1: "{n} Personen vor Ihnen"}
    german.save()
    arabic = folder / "ar" / FILE
    arabic.parent.mkdir(parents=True)
    arabic.write_text(ARABIC)
    compile_messages(folder)
    return folder
