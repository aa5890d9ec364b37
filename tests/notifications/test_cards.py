"""The living card: one message per customer and chat, which always shows how it stands now."""

import pytest
from django.contrib.auth import get_user_model

from harness.fakes.telegram import FakeTelegram, Fault
from notifications import cards, metrics, services
from notifications.content import templates
from notifications.models import Card, Kind, OutboxMessage, Standing, State
from queueing.history.recording import journal
from tests.notifications.conftest import Road
from tests.queueing.world import Customer, Operator, lease, settle

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _ayse_and_bob(operators) -> None:
    operators += [("ayse", "1001", "tr"), ("bob", "1002", "en")]


def join(key: str = "c1") -> None:
    context = {"name": "Can <Öz>", "topic": "fatura", "conversation": key}
    services.enqueue("customer_joined", context=context, dedupe_key=f"customer_joined:{key}")


def texts(telegram: FakeTelegram) -> dict[str, str]:
    return {message.chat_id: message.text for message in telegram.messages}


def count(telegram: FakeTelegram, method: str) -> int:
    return sum(call.method == method for call in telegram.calls)


def test_all_chats_say_who_took_the_customer(telegram: FakeTelegram, road: Road) -> None:
    join()
    road.finish_all()

    services.conversation_changed("c1", "claimed", "Ayşe")
    road.finish_all()

    assert len(telegram.messages) == 2, "one message for each chat, edited"
    assert texts(telegram)["1001"].startswith("✅ <b>Müşteriyi alan: Ayşe</b>\n👤 Can &lt;Öz&gt;\n💬 fatura")
    assert texts(telegram)["1002"].startswith("✅ <b>Taken by Ayşe</b>")
    assert count(telegram, "editMessageText") == 2


@pytest.mark.parametrize(
    ("standing", "says"),
    [("left", "The customer has left"), ("expired", "The customer waited too long and was taken out of the queue")],
)
def test_a_customer_who_is_gone(telegram: FakeTelegram, road: Road, standing: str, says: str) -> None:
    join()
    road.finish_all()

    services.conversation_changed("c1", standing)
    road.finish_all()

    assert says in texts(telegram)["1002"]


def test_the_end_keeps_the_name(telegram: FakeTelegram, road: Road) -> None:
    join()
    road.finish_all()
    services.conversation_changed("c1", "claimed", "Ayşe")
    road.finish_all()

    services.conversation_changed("c1", "ended")
    road.finish_all()

    assert "Conversation over, taken by Ayşe" in texts(telegram)["1002"]


def test_a_card_only_moves_forward(telegram: FakeTelegram, road: Road) -> None:
    join()
    road.finish_all()

    services.conversation_changed("c1", "left")
    services.conversation_changed("c1", "claimed", "Ayşe")
    services.conversation_changed("c1", "left")
    road.finish_all()

    assert Card.objects.get().standing == Standing.LEFT
    assert count(telegram, "editMessageText") == 2


def test_of_many_changes_only_the_newest_is_sent(telegram: FakeTelegram, road: Road) -> None:
    join()
    road.finish_all()

    services.conversation_changed("c1", "claimed", "Ayşe")
    cards.look_after(road.now)
    services.conversation_changed("c1", "ended")
    road.finish_all()

    assert count(telegram, "editMessageText") == 2
    assert "Conversation over" in texts(telegram)["1002"]


def test_a_message_still_on_its_way_is_not_edited_but_sent_as_it_stands(telegram: FakeTelegram, road: Road) -> None:
    telegram.script(Fault.status(500), Fault.status(500))
    join()
    road.sweep()

    services.conversation_changed("c1", "claimed", "Ayşe")
    road.finish_all()

    assert count(telegram, "editMessageText") == 0
    assert "Taken by Ayşe" in texts(telegram)["1002"]
    silent = {call.params["chat_id"]: call.params.get("disable_notification") for call in telegram.calls[2:]}
    assert silent == {"1001": "true", "1002": "true"}, "nobody needs to come, so it makes no sound"


def test_a_card_that_was_not_delivered_is_never_edited(telegram: FakeTelegram, road: Road) -> None:
    telegram.script(Fault.blocked())
    join()
    road.finish_all()

    services.conversation_changed("c1", "claimed", "Ayşe")
    road.finish_all()

    (edit,) = OutboxMessage.objects.filter(kind=Kind.CARD_EDIT)
    assert edit.chat_id == "1002"


def test_a_change_while_the_message_is_being_sent_is_made_up_for(
    telegram: FakeTelegram, road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The text was made before the change came, and Telegram took it after."""
    render = templates.render_card

    def render_then_change(card: Card, language: str) -> object:
        text = render(card, language)
        if card.standing == Standing.WAITING:
            services.conversation_changed("c1", "claimed", "Ayşe")
        return text

    monkeypatch.setattr("notifications.content.templates.render_card", render_then_change)
    join()
    road.finish_all()

    assert all("Ayşe" in text for text in texts(telegram).values())


def test_edits_obey_flood_control_and_are_retried(telegram: FakeTelegram, road: Road) -> None:
    join()
    road.finish_all()
    services.conversation_changed("c1", "claimed", "Ayşe")
    telegram.script(Fault.retry_after(7), Fault.status(500))

    road.finish_all()

    assert all("Ayşe" in text for text in texts(telegram).values())
    assert count(telegram, "editMessageText") == 4


def test_an_edit_that_is_given_up_passes_nothing_on_and_counts_apart(
    telegram: FakeTelegram, operators, settings, road: Road
) -> None:
    settings.TELEGRAM_ADMIN_CHAT_ID = "-100"
    operators.pop()
    join()
    road.finish_all()
    services.conversation_changed("c1", "claimed", "Ayşe")
    telegram.script(Fault.status(400, "Bad Request: message to edit not found"))

    road.finish_all()
    road.advance(3600)
    road.finish_all()

    assert [message.chat_id for message in telegram.messages] == ["1001"]
    assert count(telegram, "editMessageText") == 1
    samples = {(s.name, *s.labels.values()): s.value for family in metrics.collect() for s in family.samples}
    assert samples[("telegram_jobs_failed_total",)] == 0
    assert samples[("jobs_failed_total", "telegram_edit")] == 1


def test_an_edit_that_telegram_had_taken_already_is_done(telegram: FakeTelegram, operators, road: Road) -> None:
    operators.pop()
    join()
    road.finish_all()
    services.conversation_changed("c1", "claimed", "Ayşe")
    telegram.script(
        Fault.status(400, "Bad Request: message is not modified: specified new message content is the same")
    )

    road.finish_all()

    assert OutboxMessage.objects.get(kind=Kind.CARD_EDIT).state == State.SENT


def test_the_journal_moves_the_card(telegram: FakeTelegram, road: Road) -> None:
    get_user_model().objects.create_user("ayse", name="Ayşe Kaya", chat_id="1001")
    settle()
    lease()
    can, ece, ayse = Customer("can"), Customer("ece"), Operator("ayse")
    can.join()
    ece.join()
    journal.record()
    road.finish_all()

    ayse.connect()
    ayse.available()
    ece.leave()
    journal.record()
    road.finish_all()

    shown = {card.conversation: (card.standing, card.by) for card in Card.objects.all()}
    assert shown == {can.cid: ("claimed", "Ayşe Kaya"), ece.cid: ("left", "")}
    assert len(telegram.messages) == 4
    ayse.end()
    journal.record()
    road.finish_all()
    assert Card.objects.get(conversation=can.cid).standing == Standing.ENDED
