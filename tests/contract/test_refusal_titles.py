"""Each reason for which somebody is not taken in has a title on the customer's page, in both languages."""

import re
from typing import get_args, get_type_hints

import pytest
from django.conf import settings

from queueing.admission import REFUSALS
from signaling.wire.outbound import QueueRefused

CODES = get_args(get_type_hints(QueueRefused)["code"])


def test_the_wire_names_every_refusal_of_the_queue() -> None:
    assert sorted(CODES) == sorted(REFUSALS)


@pytest.mark.parametrize("code", CODES)
def test_the_page_has_a_title_for_it_in_both_languages(code: str) -> None:
    words = (settings.BASE_DIR / "static/js/core/i18n-customer.js").read_text(encoding="utf-8")
    titles = re.findall(rf'"customer\.refused\.{code}": "(.+)"', words)
    assert len(set(titles)) == 2
