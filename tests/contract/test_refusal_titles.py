"""Each reason for which somebody is not taken in has a title on the customer's page, in every language."""

from typing import get_args, get_type_hints

import pytest
from django.conf import settings

from queueing.admission import REFUSALS
from signaling.wire.outbound import QueueRefused
from support.texts.pages import bundle

CODES = get_args(get_type_hints(QueueRefused)["code"])


def test_the_wire_names_every_refusal_of_the_queue() -> None:
    assert sorted(CODES) == sorted(REFUSALS)


@pytest.mark.parametrize("code", CODES)
def test_the_page_has_a_title_for_it_in_every_language(code: str) -> None:
    titles = [
        bundle("customer-end", language).texts[f"customer.refused.{code}"] for language, _name in settings.LANGUAGES
    ]
    assert len(set(titles)) == len(settings.LANGUAGES)
