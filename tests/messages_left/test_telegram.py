"""The card of a message: "I take it" is pressed by several, one has it, and every chat says so."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import OperationalError, connection

from accounts.models import AuditEvent, Operator
from harness.fakes.telegram import FakeTelegram
from messages_left import keeping, work
from messages_left.models import Message, State
from messages_left.work import Outcome
from notifications.content import templates
from notifications.models import Card, OutboxMessage, Tier
from tests.messages_left.conftest import Leave, Road
from tests.notifications.presses import AYSE, BOB, buttons, press, shown

pytestmark = pytest.mark.django_db


def take_it(bot: FakeTelegram, chat: str, message: Message, **more: Any) -> Any:
    return press(bot, chat, data=templates.take_data(message.pk), **more)


def test_the_card_says_who_wants_what_and_has_a_button(bot: FakeTelegram, leave: Leave, road: Road) -> None:
    leave(text="<b>Nerede</b>\n kaldı?", name="Ada <i>")
    road.finish_all()
    message = Message.objects.get()
    assert shown(bot, AYSE) == "✉️ <b>Bir mesaj bırakıldı</b>\n👤 Ada &lt;i&gt;\n💬 &lt;b&gt;Nerede&lt;/b&gt; kaldı?"
    page = f"https://support.example.org/admin/open/message/{message.pk}/"
    assert buttons(bot, BOB) == [("✋ I take it", f"take:{message.pk}"), ("Open the message", page)]
    assert "ada@example.com" not in str([one.text for one in bot.messages])


def test_one_takes_it_and_every_card_says_so(bot: FakeTelegram, message: Message, road: Road) -> None:
    road.finish_all()
    assert take_it(bot, AYSE, message).text == "✅ Bu mesaj artık sizde. Yönetim sayfasından yanıtlayın."
    second = take_it(bot, BOB, message)
    assert second.text == "Message taken by Ayşe Kaya"
    road.finish_all()
    message.refresh_from_db()
    assert (message.state, message.admin_id, message.owner_name) == (State.TAKEN, "ayse", "Ayşe Kaya")
    assert shown(bot, AYSE).startswith("✅ <b>Mesajı alan: Ayşe Kaya</b>")
    assert shown(bot, BOB).startswith("✅ <b>Message taken by Ayşe Kaya</b>")
    assert [label for label, _ in buttons(bot, BOB)] == ["Open the message"]
    assert AuditEvent.objects.get(kind="message_taken").actor == "ayse"
    # Again is the same, and changes nothing.
    assert not take_it(bot, AYSE, message).alert
    assert AuditEvent.objects.filter(kind="message_taken").count() == 1


def test_done_and_opened_again_stand_on_the_cards(
    bot: FakeTelegram, message: Message, road: Road, people: dict[str, Operator]
) -> None:
    road.finish_all()
    assert work.done(message.pk, people["bob"])
    assert not work.done(message.pk, people["bob"])
    road.finish_all()
    assert shown(bot, AYSE).startswith("☑️ <b>Mesajı bitiren: Bob</b>")
    assert take_it(bot, AYSE, message).text == "Mesajı bitiren: Bob"
    assert work.reopen(message.pk, people["ayse"])
    road.finish_all()
    assert buttons(bot, AYSE)[0][0] == "✋ Ben alıyorum"
    assert take_it(bot, AYSE, message).text.startswith("✅")


@pytest.mark.parametrize("data", ["take:", "take:nothing-of-ours", "take:" + "x" * 33, "take:a b", "take:../x"])
def test_a_forged_button_takes_nothing(bot: FakeTelegram, message: Message, road: Road, data: str) -> None:
    road.finish_all()
    assert press(bot, AYSE, data=data).alert
    message.refresh_from_db()
    assert message.state == State.OPEN


def test_a_stranger_takes_nothing(bot: FakeTelegram, message: Message, road: Road) -> None:
    road.finish_all()
    answer = take_it(bot, AYSE, message, person=99)
    assert answer.alert
    message.refresh_from_db()
    assert message.state == State.OPEN


def test_who_may_no_longer_work_here_takes_nothing(
    bot: FakeTelegram, message: Message, road: Road, people: dict[str, Operator]
) -> None:
    road.finish_all()
    Operator.objects.filter(username="ayse").update(is_staff=False)
    take_it(bot, AYSE, message)
    message.refresh_from_db()
    assert message.state == State.OPEN


def test_nobody_can_be_told_goes_on_to_the_group(bot: FakeTelegram, leave: Leave, road: Road, settings: Any) -> None:
    from harness.fakes.telegram import Fault

    settings.TELEGRAM_ADMIN_CHAT_ID = "-100"
    bot.script(*[Fault.status(403, "Forbidden: bot was blocked by the user").of("sendMessage")] * 2)
    leave()
    road.finish_all()
    card = Card.objects.get()
    assert card.tier == Tier.GROUP
    assert shown(bot, "-100").startswith("✉️")


def test_who_is_erased_goes_from_the_chats(bot: FakeTelegram, message: Message, road: Road) -> None:
    road.finish_all()
    keeping.erase(Message.objects.all())
    road.finish_all()
    assert "Kargom" not in shown(bot, AYSE)
    assert "Ada" not in shown(bot, AYSE)
    assert "Kargom" not in str(list(OutboxMessage.objects.values())) + str(list(Card.objects.values()))


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_has_it(message: Message, people: dict[str, Operator]) -> None:
    who = [people["ayse"], people["bob"]] * 4

    def grab(operator: Operator) -> work.Answer:
        try:
            while True:
                try:
                    return work.take(message.pk, operator)
                except OperationalError:
                    # SQLite in memory has no patience.
                    continue
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(grab, who))
    assert [one.outcome for one in answers].count(Outcome.WON) == 1
    message.refresh_from_db()
    assert AuditEvent.objects.filter(kind="message_taken").count() == 1
    assert Card.objects.get().by == message.owner_name
