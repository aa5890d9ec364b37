"""A press that gets nobody is answered all the same, and says why."""

import pytest
from django.db import OperationalError

from bot import accept_button
from bot.updates import Update
from harness.fakes.telegram import Answer, FakeTelegram
from infra.redis.client import client as redis
from infra.redis.client import execute, key
from notifications.content import templates
from notifications.models import Card, Standing
from queueing.history.recording import journal
from queueing.live import store
from tests.notifications.conftest import Road
from tests.notifications.presses import AYSE, BOB, CONSOLE, at_desk, post, press, shown
from tests.queueing.world import Customer, Operator, settle

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bot")]


def test_without_a_console_nothing_is_claimed_and_the_link_is_given(bot: FakeTelegram, can: Customer) -> None:
    answer = press(bot, BOB)

    assert answer == Answer(answer.press_id, f"Open your console first, then press again: {CONSOLE}", True)
    at_desk("ayse").available()
    assert Operator("ayse").serving == can.cid, "the queue goes on as it was"


def test_a_console_that_was_closed_does_not_count(bot: FakeTelegram, can: Customer) -> None:
    ayse = at_desk("ayse")
    ayse.disconnect()

    assert "konsolunuzu açın" in press(bot, AYSE).text


def test_who_talks_already_is_told_so(bot: FakeTelegram, can: Customer, road: Road) -> None:
    bob = at_desk("bob")
    press(bot, BOB)
    ece = Customer("ece")
    ece.join()
    journal.record()
    road.finish_all()

    answer = press(bot, BOB, data=templates.accept_data(ece.cid))

    assert (answer.text, answer.alert) == ("You are in a conversation. Finish it first, then press again.", True)
    assert bob.serving == can.cid


@pytest.mark.parametrize(
    ("reason", "says", "standing"),
    [
        ("left", "The customer has left", Standing.LEFT),
        ("max-wait", "The customer waited too long and was taken out of the queue", Standing.EXPIRED),
    ],
)
def test_a_customer_who_is_gone(bot: FakeTelegram, can: Customer, road: Road, reason: str, says: str, standing) -> None:
    at_desk("bob")
    execute(store.finish(can.party, can.conn, can.cid, reason, "customer"))

    answer = press(bot, BOB)
    road.finish_all()

    assert (answer.text, answer.alert) == (says, True)
    assert Card.objects.get().standing == standing
    assert says in shown(bot, BOB)


def test_a_conversation_that_is_over_names_who_had_it(bot: FakeTelegram, can: Customer) -> None:
    ayse = at_desk("ayse")
    press(bot, AYSE)
    ayse.end()

    assert press(bot, BOB).text == "Conversation over, taken by Ayse"


def test_a_button_of_long_ago_is_answered(bot: FakeTelegram, can: Customer) -> None:
    at_desk("bob")
    redis().flushall()
    settle()

    assert press(bot, BOB).text == "This customer is not waiting any more."


@pytest.mark.parametrize("data", ["accept:", "accept:a b", "claim:cid-can", "x" * 3000, "accept:" + "a" * 80])
def test_what_is_none_of_our_buttons_is_answered(bot: FakeTelegram, can: Customer, data: str) -> None:
    at_desk("bob")

    assert press(bot, BOB, data=data).text == "This button is not valid any more."


def test_a_stranger_is_turned_away_and_told_the_chat_id(bot: FakeTelegram, can: Customer) -> None:
    """Also in the chat of an operator: it counts who presses, not where."""
    at_desk("ayse")

    answer = press(bot, AYSE, person=4242, language="en-GB")

    assert "belongs to no operator" in answer.text
    assert answer.text.endswith("4242")
    assert Operator("ayse").serving is None


def test_a_stranger_who_presses_without_end_is_answered_no_more_and_operators_are(
    bot: FakeTelegram, can: Customer
) -> None:
    """Whoever is in the group, or a customer with a changed app: each answer is a call to Telegram, one at a time."""
    at_desk("bob")
    shown_to_all = bot.messages[-1].message_id
    for number in range(40):
        data = templates.accept_data(can.cid) if number % 2 else f"take:{number:032x}"
        assert post(bot.updates.make_press(AYSE, shown_to_all, data, person=4242)).status_code == 200

    assert len(bot.updates.answers) == 12
    assert press(bot, BOB).text.startswith("✅")
    assert Operator("bob").serving == can.cid


def test_an_operator_who_may_not_work_any_more_is_a_stranger(bot: FakeTelegram, can: Customer, operators) -> None:
    at_desk("ayse")
    del operators[0]

    assert "hiçbir temsilciye" in press(bot, AYSE).text


def test_redis_out_is_answered_with_try_again(bot: FakeTelegram, can: Customer, redis_process) -> None:
    at_desk("bob")
    redis_process.kill()

    answer = press(bot, BOB, data=templates.accept_data(can.cid))

    assert (answer.text, answer.alert) == ("That is not possible just now. Please try again in a moment.", True)


def test_the_database_out_is_answered_with_try_again(bot: FakeTelegram, can: Customer, monkeypatch) -> None:
    def locked(*_: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr("notifications.telling.recipients.of_chat", locked)

    assert "yeniden deneyin" in press(bot, AYSE).text


def test_after_a_wiped_redis_claims_wait_for_who_comes_back(bot: FakeTelegram, can: Customer) -> None:
    at_desk("bob")
    redis().hset(key("meta"), "recover_until", 9_999_999_999_999)

    answer = press(bot, BOB)

    assert "try again in a moment" in answer.text
    assert Operator("bob").serving is None


def test_a_press_that_comes_late_claims_nobody(bot: FakeTelegram, can: Customer) -> None:
    at_desk("bob")
    update = bot.updates.make_press(BOB, 2, templates.accept_data(can.cid))

    accept_button.handle(Update.model_validate(update), late=True)

    assert "too late" in bot.updates.answers[0].text
    assert Operator("bob").serving is None


def test_a_fault_of_our_own_is_answered_too(bot: FakeTelegram, can: Customer, monkeypatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("on purpose")

    monkeypatch.setattr("bot.accept.accept", broken)

    assert "yeniden deneyin" in press(bot, AYSE).text
