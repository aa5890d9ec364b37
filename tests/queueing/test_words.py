"""Every state has a word of its own, in both languages: nothing borrows another's, nothing shows a code."""

from __future__ import annotations

import pytest
from django.utils import translation

from infra.redis.client import execute
from notifications.content.templates import render_card
from notifications.models import Card, Standing
from queueing.history import words
from queueing.history.models import Conversation
from queueing.history.recording import journal
from queueing.live import reasons, store
from queueing.live.estimate import Load, Wrap
from queueing.live.promises import UNTRIED
from queueing.live.results import LineView
from tests.queueing.world import Customer, Operator, lease, settle

LANGUAGES = ("tr", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_of_an_end_has_its_own_words(language: str) -> None:
    with translation.override(language):
        said = {reason: words.reason(reason) for reason in reasons.ALL}
        assert words.reason("") == ""
        assert words.reason("a word of an older release") == said["other"]
    assert all(word != reason for reason, word in said.items()), said
    assert len(set(said.values())) == len(said), said
    assert set(words.REASONS) == set(reasons.ALL)


def test_turkish_words_are_turkish() -> None:
    with translation.override("en"):
        english = [words.reason(reason) for reason in reasons.ALL]
    with translation.override("tr"):
        turkish = [words.reason(reason) for reason in reasons.ALL]
    assert not set(english) & set(turkish)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_medium_and_status_has_its_own_word(language: str) -> None:
    with translation.override(language):
        for name in ("media", "status"):
            choices = dict(Conversation._meta.get_field(name).flatchoices)
            shown = {str(label) for label in choices.values()}
            assert len(shown) == len(choices)
            assert not shown & set(choices)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_standing_of_a_telegram_card_has_its_own_headline(language: str) -> None:
    heads = {}
    for standing in Standing:
        card = Card(conversation="c1", context={"name": "Ada", "conversation": "c1"}, standing=standing, by="Deniz")
        heads[standing] = render_card(card, language).html.splitlines()[0]
    assert len(set(heads.values())) == len(Standing), heads


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("reason", "standing"),
    [("left", "left"), ("removed", "removed"), ("blocked", "removed"), ("max-wait", "expired"), ("abandoned", "lost")],
)
def test_the_card_of_who_was_not_served_says_why(redis_server: str, reason: str, standing: str) -> None:
    lease()
    settle()
    ada = Customer("ada")
    ada.join()
    execute(store.finish("", "", ada.cid, reason, "ops"))
    journal.record()
    assert Card.objects.get(conversation=ada.cid).standing == standing


@pytest.mark.parametrize(
    ("running", "wrapping", "available", "staffed"),
    [([], [], 0, False), ([5], [], 0, True), ([], [Wrap(9, 1)], 0, True), ([], [], 1, True)],
)
def test_nobody_on_shift_is_not_the_same_as_not_enough_data(
    running: list[int], wrapping: list[Wrap], available: int, staffed: bool
) -> None:
    view = LineView("", 0, 1, {"c": 0}, Load(running, wrapping, available, [], 30), UNTRIED)
    assert (view.staffed, view.estimate("c")) == (staffed, None)


@pytest.mark.usefixtures("redis_server")
def test_a_break_is_told_to_those_who_wait() -> None:
    lease()
    settle()
    deniz = Operator("deniz")
    deniz.connect()
    assert not execute(store.positions([])).joined.staffed
    deniz.available()
    assert execute(store.positions([])).joined.staffed
