"""Accept under a card: who presses first has the customer, and every card says so."""

import pytest

from harness.fakes.telegram import FakeTelegram, Fault
from infra.redis.client import execute
from notifications import services
from notifications.content import templates
from notifications.models import Card, OutboxMessage, Standing
from notifications.sending import prompt
from queueing.history.recording import journal
from queueing.live import store
from tests.notifications.conftest import Road
from tests.notifications.presses import AYSE, BOB, CONSOLE, at_desk, buttons, post, press, shown
from tests.queueing.world import Customer, is_available, problems

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bot")]


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


def test_the_cards_need_no_journal_to_change(
    bot: FakeTelegram, can: Customer, django_capture_on_commit_callbacks
) -> None:
    """The journal would tell a second later; by then the others have pressed."""
    at_desk("ayse")

    with django_capture_on_commit_callbacks() as committed:
        press(bot, AYSE)

    card = Card.objects.get()
    assert (card.standing, card.by, card.stale) == (Standing.CLAIMED, "Ayşe Kaya", True)
    assert prompt.starter.ask in committed


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
    update = bot.updates.make_press(AYSE, 1, templates.accept_data(can.cid))

    assert [post(update).status_code for _ in range(3)] == [200] * 3

    assert len(bot.updates.answers) == 1


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
    monkeypatch.setattr("bot.api.ANSWER_TIMEOUT_SECS", 0.2)
    bot.script(*[Fault.hang().of("answerCallbackQuery")] * 2)
    ayse = at_desk("ayse")

    post(bot.updates.make_press(AYSE, 1, templates.accept_data(can.cid)))
    road.finish_all()

    assert ayse.serving == can.cid
    assert "Ayşe Kaya" in shown(bot, BOB)
    assert bot.updates.answers == []


def test_a_query_too_old_for_telegram_is_not_answered_twice(bot: FakeTelegram, can: Customer) -> None:
    bot.script(Fault.status(400, "Bad Request: query is too old").of("answerCallbackQuery"))

    post(bot.updates.make_press(AYSE, 1, templates.accept_data(can.cid)))

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
    assert len(templates.accept_data("x" * 57).encode()) == 64
    assert templates.accept_data("x" * 58) == ""
    assert templates.accept_data("") == ""
    assert templates.accepted_conversation(templates.accept_data("aZ09")) == "aZ09"
