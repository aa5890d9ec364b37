"""Accept under a card: who may press, who wins, and that every press is answered."""

import json
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import OperationalError
from django.test import Client

from infra.redis import client as redis
from infra.redis import execute, key
from notifications import messages, pressing, services, tasks
from notifications.models import Card, OutboxMessage, Standing
from notifications.updates import Update
from queueing import journal, store
from tests.fakes.telegram import Answer, FakeTelegram, Fault
from tests.notifications.conftest import Road
from tests.queueing.world import Customer, Operator, is_available, lease, problems, settle

pytestmark = pytest.mark.django_db

SECRET = "Hq3vT8mZ1xK6wB0rL5yN2cD9"
AYSE, BOB = "1001", "1002"
CONSOLE = "https://support.example.org/admin/open/console/"


@pytest.fixture(autouse=True)
def bot(telegram: FakeTelegram, operators, settings, monkeypatch: pytest.MonkeyPatch) -> FakeTelegram:
    """Two operators, a webhook, an empty line; sweeps are made by the tests alone."""
    operators += [("ayse", AYSE, "tr", False, "Ayşe Kaya"), ("bob", BOB, "en", False, "Bob")]
    settings.TELEGRAM_WEBHOOK_SECRET = SECRET
    monkeypatch.setattr(tasks.sweep, "apply_async", lambda **_: None)
    settle()
    lease()
    return telegram


@pytest.fixture
def can(road: Road) -> Customer:
    """Waits, and both operators have his card."""
    customer = Customer("can")
    customer.join()
    journal.record()
    road.finish_all()
    return customer


def at_desk(name: str) -> Operator:
    """Has a console open and takes a break: nobody is given to them by themselves."""
    operator = Operator(name)
    operator.connect()
    return operator


def post(update: Any, secret: str = SECRET) -> Any:
    body = update if isinstance(update, bytes) else json.dumps(update).encode()
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
    return Client().post("/telegram/webhook/", body, content_type="application/json", headers=headers)


def press(bot: FakeTelegram, chat: str, *, data: str = "", **others: Any) -> Answer:
    """Presses the button of the newest message in a chat; what the presser reads."""
    shown = next(message for message in reversed(bot.messages) if message.chat_id == chat)
    before = len(bot.updates.answers)
    carried = data or messages.accept_data(Card.objects.get().conversation)
    assert post(bot.updates.make_press(chat, shown.message_id, carried, **others)).status_code == 200
    assert len(bot.updates.answers) == before + 1
    return bot.updates.answers[-1]


def shown(bot: FakeTelegram, chat: str) -> str:
    return next(message.text for message in reversed(bot.messages) if message.chat_id == chat)


def buttons(bot: FakeTelegram, chat: str) -> list[Any]:
    """(label, what it carries or opens) of each button under the newest message."""
    markup = next(message.reply_markup for message in reversed(bot.messages) if message.chat_id == chat)
    return [
        (cell["text"], cell.get("callback_data") or cell.get("url"))
        for row in markup["inline_keyboard"]
        for cell in row
    ]


def test_a_card_carries_the_button_until_the_customer_is_taken(bot: FakeTelegram, can: Customer, road: Road) -> None:
    assert buttons(bot, AYSE) == [("✋ Kabul et", f"accept:{can.cid}"), ("Konsolu aç", CONSOLE)]
    assert buttons(bot, BOB)[0] == ("✋ Accept", f"accept:{can.cid}")

    at_desk("bob")
    press(bot, BOB)
    road.finish_all()

    assert buttons(bot, AYSE) == [("Konsolu aç", CONSOLE)]


def test_accept_claims_and_every_card_says_by_whom(bot: FakeTelegram, can: Customer, road: Road) -> None:
    ayse = at_desk("ayse")

    answer = press(bot, AYSE)
    road.finish_all()

    assert answer.text == "✅ Bu müşteri artık sizde. Konsolunuzdan devam edin."
    assert not answer.alert
    assert ayse.serving == can.cid
    assert shown(bot, AYSE).startswith("✅ <b>Müşteriyi alan: Ayşe Kaya</b>")
    assert shown(bot, BOB).startswith("✅ <b>Taken by Ayşe Kaya</b>")
    assert problems() == []


def test_the_cards_need_no_journal_to_change(bot: FakeTelegram, can: Customer, monkeypatch) -> None:
    """The journal would tell a second later; by then the others have pressed."""
    swept: list[dict[str, Any]] = []
    monkeypatch.setattr(tasks.sweep, "apply_async", lambda **options: swept.append(options))
    at_desk("ayse")

    press(bot, AYSE)

    card = Card.objects.get()
    assert (card.standing, card.by, card.stale) == (Standing.CLAIMED, "Ayşe Kaya", True)
    assert len(swept) == 1


def test_who_comes_second_reads_who_was_first(bot: FakeTelegram, can: Customer, road: Road) -> None:
    at_desk("ayse")
    bob = at_desk("bob")
    press(bot, AYSE)

    answer = press(bot, BOB)

    assert answer.text == "Taken by Ayse"
    assert bob.serving is None
    road.finish_all()
    assert "Taken by Ayşe Kaya" in shown(bot, BOB)


def test_pressing_twice_is_pressing_once(bot: FakeTelegram, can: Customer) -> None:
    ayse = at_desk("ayse")

    assert press(bot, AYSE).text == press(bot, AYSE).text
    assert ayse.serving == can.cid


def test_the_same_update_again_does_nothing(bot: FakeTelegram, can: Customer) -> None:
    at_desk("ayse")
    update = bot.updates.make_press(AYSE, 1, messages.accept_data(can.cid))

    assert [post(update).status_code for _ in range(3)] == [200] * 3

    assert len(bot.updates.answers) == 1


def test_without_a_console_nothing_is_claimed_and_the_link_is_given(bot: FakeTelegram, can: Customer) -> None:
    answer = press(bot, BOB)

    assert answer == Answer(answer.press_id, f"Open your console first, then press again: {CONSOLE}", True)
    at_desk("ayse").available()
    assert Operator("ayse").serving == can.cid, "the line goes on as it was"


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

    answer = press(bot, BOB, data=messages.accept_data(ece.cid))

    assert (answer.text, answer.alert) == ("You are in a conversation. Finish it first, then press again.", True)
    assert bob.serving == can.cid


@pytest.mark.parametrize(
    ("reason", "says", "standing"),
    [
        ("left", "The customer has left", Standing.LEFT),
        ("max-wait", "The customer waited too long and was let go", Standing.EXPIRED),
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


def test_in_the_group_it_counts_who_presses(bot: FakeTelegram, operators, settings, road: Road) -> None:
    operators.clear()
    settings.TELEGRAM_ADMIN_CHAT_ID = "-100"
    can = Customer("can")
    can.join()
    journal.record()
    road.finish_all()
    operators.append(("ayse", AYSE, "tr", False, "Ayşe Kaya"))
    ayse = at_desk("ayse")

    press(bot, "-100", person=int(AYSE))
    road.finish_all()

    assert ayse.serving == can.cid
    assert "Ayşe Kaya" in shown(bot, "-100")


def test_of_two_operators_with_one_account_the_one_at_the_console_takes(
    bot: FakeTelegram, can: Customer, operators
) -> None:
    operators.append(("ayse-2", AYSE, "tr", False, "Ayşe, second desk"))
    second = at_desk("ayse-2")

    assert press(bot, AYSE).text.startswith("✅")
    assert second.serving == can.cid


def test_an_operator_who_may_not_work_any_more_is_a_stranger(bot: FakeTelegram, can: Customer, operators) -> None:
    at_desk("ayse")
    del operators[0]

    assert "hiçbir operatöre" in press(bot, AYSE).text


def test_redis_out_is_answered_with_try_again(bot: FakeTelegram, can: Customer, redis_process) -> None:
    at_desk("bob")
    redis_process.kill()

    answer = press(bot, BOB, data=messages.accept_data(can.cid))

    assert (answer.text, answer.alert) == ("That is not possible just now. Please try again in a moment.", True)


def test_the_database_out_is_answered_with_try_again(bot: FakeTelegram, can: Customer, monkeypatch) -> None:
    def locked(*_: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr("notifications.recipients.of_chat", locked)

    assert "tekrar deneyin" in press(bot, AYSE).text


def test_after_a_wiped_redis_claims_wait_for_who_comes_back(bot: FakeTelegram, can: Customer) -> None:
    at_desk("bob")
    redis().hset(key("meta"), "recover_until", 9_999_999_999_999)

    answer = press(bot, BOB)

    assert "try again in a moment" in answer.text
    assert Operator("bob").serving is None


def test_a_press_that_comes_late_claims_nobody(bot: FakeTelegram, can: Customer) -> None:
    at_desk("bob")
    update = bot.updates.make_press(BOB, 2, messages.accept_data(can.cid))

    pressing.handle(Update.model_validate(update), late=True)

    assert "too late" in bot.updates.answers[0].text
    assert Operator("bob").serving is None


def test_a_stale_button_brings_the_card_up_to_date(bot: FakeTelegram, can: Customer, road: Road) -> None:
    """The edit of this chat was given up once; whoever presses there sees the truth after that."""
    at_desk("ayse")
    press(bot, AYSE)
    bot.script(Fault.status(400, "Bad Request: message can't be edited").of("editMessageText"))
    journal.record()
    road.finish_all()
    stale = [message.chat_id for message in bot.messages if "Ayşe" not in message.text]
    assert len(stale) == 1

    press(bot, stale[0])
    road.finish_all()

    assert "Ayşe Kaya" in shown(bot, stale[0])


def test_an_answer_that_fails_is_tried_once_more(bot: FakeTelegram, can: Customer) -> None:
    bot.script(Fault.status(502).of("answerCallbackQuery"))

    press(bot, AYSE)

    tries = [call.status for call in bot.calls if call.method == "answerCallbackQuery"]
    assert tries == [502, 200]


def test_a_telegram_that_does_not_take_the_answer_undoes_no_claim(
    bot: FakeTelegram, can: Customer, road: Road, monkeypatch
) -> None:
    monkeypatch.setattr("notifications.inbound.ANSWER_TIMEOUT_SECS", 0.2)
    bot.script(*[Fault.hang().of("answerCallbackQuery")] * 2)
    ayse = at_desk("ayse")

    post(bot.updates.make_press(AYSE, 1, messages.accept_data(can.cid)))
    road.finish_all()

    assert ayse.serving == can.cid
    assert "Ayşe Kaya" in shown(bot, BOB)
    assert bot.updates.answers == []


def test_a_query_too_old_for_telegram_is_not_answered_twice(bot: FakeTelegram, can: Customer) -> None:
    bot.script(Fault.status(400, "Bad Request: query is too old").of("answerCallbackQuery"))

    post(bot.updates.make_press(AYSE, 1, messages.accept_data(can.cid)))

    assert [call.method for call in bot.calls].count("answerCallbackQuery") == 1


def test_maintenance_keeps_who_waits(bot: FakeTelegram, can: Customer) -> None:
    """Maintenance takes no new customers; who waits is served on, by this road too."""
    execute(store.maintenance("on"))
    ayse = at_desk("ayse")

    press(bot, AYSE)

    assert ayse.serving == can.cid
    assert not is_available("ayse")


def test_a_card_of_an_overdue_customer_still_has_the_button(bot: FakeTelegram, can: Customer, road: Road) -> None:
    Card.objects.update(standing=Standing.OVERDUE, version=2, stale=True)
    road.finish_all()

    assert buttons(bot, BOB)[0][0] == "✋ Accept"
    assert services.resend(OutboxMessage.objects.filter(admin_id="bob").first())


def test_a_button_holds_what_telegram_allows() -> None:
    assert len(messages.accept_data("x" * 57).encode()) == 64
    assert messages.accept_data("x" * 58) == ""
    assert messages.accept_data("") == ""
    assert messages.accepted_conversation(messages.accept_data("aZ09")) == "aZ09"
    assert django_settings.TELEGRAM_WEBHOOK_SECRET == SECRET
