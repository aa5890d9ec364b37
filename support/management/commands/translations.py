"""`manage.py translations`: brings the catalogues to what the code names; `--add de` begins another one."""

from argparse import ArgumentParser
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from infra.writing.catalogues import CODE
from support.config.schema import BASE_DIR
from support.texts.collect import Key, Text, in_folder
from support.texts.update import update


class Command(BaseCommand):
    help = "Adds new texts to the catalogues in LOCALE_DIR, takes dead ones out, and says what is not translated."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--add", metavar="LANGUAGE", default="", help="Begins one for a language: de, pt-br.")

    def handle(self, *args: Any, **options: Any) -> None:
        code = options["add"].replace("_", "-").lower()
        if code and not CODE.fullmatch(code):
            raise CommandError(f"{options['add']} is no code of a language, such as de or pt-br")
        base, _, region = code.partition("-")
        new = f"{base}_{region.upper() if len(region) == 2 else region.capitalize()}" if region else base
        for name, (added, dead, missing) in update(settings.LOCALE_DIR, texts_of_the_project(), new=new).items():
            self.stdout.write(f"{name}: {added} new, {dead} taken out, {missing} without a translation")


def texts_of_the_project() -> dict[Key, Text]:
    """What our packages and templates name."""
    ours = [app.name for app in apps.get_app_configs() if (BASE_DIR / app.name / "__init__.py").exists()]
    return in_folder(BASE_DIR, tuple(ours))
