"""Told LOCALE_DIR, prints as JSON what an installation with these catalogues says. Run by test_third_language.py."""

import json
import re
import sys
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.exceptions import ValidationError  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import translation  # noqa: E402
from django.utils.translation import gettext, ngettext  # noqa: E402

from accounts.models import Operator  # noqa: E402
from infra.spreadsheet import dialect_of  # noqa: E402
from notifications.content import templates  # noqa: E402


def accepted(language: str) -> bool:
    """Whether an operator may have this language."""
    try:
        Operator(username="x", name="x", language=language).clean_fields(exclude=["password"])
    except ValidationError:
        return False
    return True


def page(language: str) -> dict[str, Any]:
    """The customer's page for a browser of that language, and what it fetches."""
    client = Client(headers={"Accept-Language": language})
    html = client.get("/").content.decode()
    config = json.loads(re.findall(r'<script id="adminara-config"[^>]*>(.*?)</script>', html, re.DOTALL)[0])
    address = next(known["texts"] for known in config["languages"] if known["code"] == config["locale"])
    head = re.findall(r"<html [^>]*>", html)[0]
    return {
        "head": head,
        "names": [known["name"] for known in config["languages"]],
        "texts": client.get(address).json()["texts"],
        "noscript": re.findall(r"<noscript><p[^>]*>(.*?)</p>", html)[0],
        "not_found": Client(headers={"Accept-Language": language, "Accept": "application/json"})
        .get("/nothing/")
        .json()["error"]["message"],
    }


def main() -> None:
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)
    with translation.override("de"):
        said = [gettext("Sign in"), gettext("Please sign in.")]
        said += [ngettext("%d entry was recorded.", "%d entries were recorded.", n) % n for n in (1, 2)]
    facts = {
        "languages": settings.LANGUAGES,
        "default": settings.LANGUAGE_CODE,
        "accepted": [language for language in ("tr", "en", "de", "ar", "fr") if accepted(language)],
        "new_operator": Operator().language,
        "said": said,
        "message": templates.render("test", "de", {}).html,
        "dialect": dialect_of("de").separator,
        "pages": {language: page(language) for language in ("de-AT", "ar", "fr")},
        "loader": re.findall(r"const TEXTS=(\{.*?\});", Client().get("/embed.js").content.decode())[0],
    }
    json.dump(facts, sys.stdout)


if __name__ == "__main__":
    main()
