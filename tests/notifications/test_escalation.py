"""Who is told next: operators, backup operators, the group, the fallback."""

from collections.abc import Iterator

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from harness.fakes.fallback import FakeFallback
from harness.fakes.telegram import FakeTelegram, Fault
from notifications import cards, metrics, policy, services
from notifications.models import Card, OutboxMessage, Standing, State, Tier
from notifications.sending import outbox
from notifications.telling import escalation
from tests.notifications.conftest import Road

pytestmark = pytest.mark.django_db

AYSE, BORA, GROUP = "1001", "1002", "-100"


@pytest.fixture
def fallback(settings) -> Iterator[FakeFallback]:
    with FakeFallback() as fake:
        settings.FALLBACK_URLS = [fake.url]
        yield fake


@pytest.fixture
def everybody(operators, settings, telegram: FakeTelegram) -> FakeTelegram:
    """ayse, her backup bora, and the group."""
    operators += [("ayse", AYSE, "tr"), ("bora", BORA, "en", True)]
    settings.TELEGRAM_ADMIN_CHAT_ID = GROUP
    settings.NOTIFY_ESCALATE_SECS = 60
    return telegram


@pytest.fixture
def road() -> Road:
    """Starts a second ahead: nobody is overdue yet."""
    made = Road()
    made.advance(-59)
    return made


def join(key: str = "c1") -> Card:
    services.enqueue(
        "customer_joined", context={"name": "Can", "conversation": key}, dedupe_key=f"customer_joined:{key}"
    )
    return Card.objects.get(conversation=key)


def samples() -> dict[tuple[str, ...], float]:
    return {(s.name, *s.labels.values()): s.value for family in metrics.collect() for s in family.samples}


def told() -> list[tuple[str, str, str]]:
    """(step, chat, state) of every message, in the order of telling."""
    rows = OutboxMessage.objects.filter(edits=None).order_by("id")
    return [(row.tier, row.chat_id, row.state) for row in rows]


def chats(telegram: FakeTelegram) -> list[str]:
    return [message.chat_id for message in telegram.messages]


def test_the_operators_come_first_and_alone(everybody: FakeTelegram, road: Road) -> None:
    join()

    road.finish_all()

    assert chats(everybody) == [AYSE]
    assert not Card.objects.filter(stale=True), "nothing is left to look after"


def test_an_operator_who_blocked_the_bot_passes_it_on_at_once(everybody: FakeTelegram, road: Road) -> None:
    everybody.script(Fault.blocked(), Fault.chat_not_found())
    join()

    road.finish_all()

    assert told() == [
        (Tier.OPERATOR, AYSE, State.BLOCKED),
        (Tier.BACKUP, BORA, State.FAILED),
        (Tier.GROUP, GROUP, State.SENT),
    ]


def test_one_of_the_step_who_got_it_is_enough(everybody: FakeTelegram, operators, road: Road) -> None:
    operators.append(("cem", "1003", "tr"))
    everybody.script(Fault.blocked())
    join()

    road.finish_all()

    assert sorted(state for _, _, state in told()) == [State.BLOCKED, State.SENT]


def test_five_failures_and_the_fallback_got_it(
    telegram: FakeTelegram, fallback: FakeFallback, operators, road: Road, caplog: pytest.LogCaptureFixture
) -> None:
    operators.append(("ayse", AYSE, "tr"))
    telegram.script(*[Fault.status(500)] * 9)
    join()

    road.finish_all()
    road.advance(3600)
    road.finish_all()

    assert len(telegram.calls) == policy.MAX_ATTEMPTS
    (note,) = fallback.taken
    assert note["title"] == "🔔 Yeni müşteri bekliyor"
    assert "Can" in note["message"]
    assert "https://support.example.org/admin/open/console/" in note["message"]
    operator, last = OutboxMessage.objects.order_by("id")
    assert (operator.state, operator.attempts) == (State.FAILED, 5)
    assert (last.channel, last.tier, last.state, last.attempts) == ("fallback", Tier.FALLBACK, State.SENT, 1)
    assert "secret-word" not in str(OutboxMessage.objects.values_list()) + caplog.text
    figures = samples()
    assert figures[("telegram_jobs_failed_total",)] == 1
    assert figures[("jobs_failed_total", "telegram")] == 1
    assert figures[("jobs_failed_total", "fallback")] == 0
    assert figures[("notifications_total", "fallback")] == 1


def test_flood_control_and_two_server_errors_reach_nobody_else(
    everybody: FakeTelegram, fallback: FakeFallback, settings, road: Road
) -> None:
    settings.NOTIFY_ESCALATE_SECS = 0
    everybody.script(Fault.retry_after(3), Fault.status(500), Fault.status(500))
    join()

    road.finish_all()

    assert chats(everybody) == [AYSE]
    assert fallback.statuses == []
    assert samples()[("telegram_jobs_failed_total",)] == 0


def test_the_fallback_is_retried_with_backoff_and_given_up(
    telegram: FakeTelegram, fallback: FakeFallback, road: Road
) -> None:
    fallback.refuse(500, 503)
    join()
    message = OutboxMessage.objects.get()

    waits = road.finish(message)

    assert (message.state, message.attempts, len(fallback.taken)) == (State.SENT, 3, 1)
    assert 2 <= waits[0] <= 2.5
    assert 4 <= waits[1] <= 5

    fallback.refuse(*[500] * 5)
    join("c2")
    road.finish_all()
    assert OutboxMessage.objects.get(conversation="c2").last_error == "not taken: HTTP 500"
    figures = samples()
    assert figures[("jobs_failed_total", "fallback")] == 1
    assert figures[("telegram_jobs_failed_total",)] == 0


def test_a_service_that_was_taken_out_of_the_settings_ends(
    telegram: FakeTelegram, fallback: FakeFallback, settings, road: Road
) -> None:
    join()
    settings.FALLBACK_URLS = []

    road.finish_all()

    assert "no longer in FALLBACK_URLS" in OutboxMessage.objects.get().last_error
    assert fallback.statuses == []


def test_without_a_bot_the_fallback_is_told(
    settings, redis_server: str, fallback: FakeFallback, operators, road: Road
) -> None:
    settings.TELEGRAM_BOT_TOKEN = ""
    operators.append(("ayse", AYSE, "tr"))
    join()

    road.finish_all()

    assert told()[0][0] == Tier.FALLBACK
    assert len(fallback.taken) == 1


def test_a_customer_nobody_takes_goes_to_the_backup_and_then_to_the_group(
    everybody: FakeTelegram, fallback: FakeFallback, road: Road
) -> None:
    card = join()
    road.finish_all()

    road.advance(61)
    road.finish_all()
    assert chats(everybody) == [AYSE, BORA]
    assert "A customer is still waiting" in everybody.messages[1].text

    road.advance(61)
    road.finish_all()
    assert chats(everybody) == [AYSE, BORA, GROUP]

    road.advance(3600)
    road.finish_all()
    card.refresh_from_db()
    assert (card.standing, card.tier, card.escalate_at) == (Standing.OVERDUE, Tier.GROUP, None)
    assert len(everybody.messages) == 3
    assert fallback.statuses == [], "the fallback is for failures"


def test_a_customer_who_was_taken_is_passed_on_to_nobody(everybody: FakeTelegram, road: Road) -> None:
    join()
    road.finish_all()
    services.conversation_changed("c1", "claimed", "Ayşe")

    road.advance(3600)
    road.finish_all()

    assert chats(everybody) == [AYSE]


def test_a_customer_taken_while_telegram_fails_needs_no_fallback(
    telegram: FakeTelegram, fallback: FakeFallback, operators, road: Road
) -> None:
    operators.append(("ayse", AYSE, "tr"))
    telegram.script(*[Fault.status(500)] * 5)
    join()
    road.sweep()
    services.conversation_changed("c1", "claimed", "Ayşe")

    road.finish_all()

    assert told() == [(Tier.OPERATOR, AYSE, State.FAILED)]
    assert fallback.statuses == []


def test_the_next_step_is_taken_once_by_two_sweeps(everybody: FakeTelegram, road: Road) -> None:
    everybody.script(Fault.blocked())
    join()
    road.sweep()
    first, second = Card.objects.get(), Card.objects.get()

    assert escalation.escalate(first, road.now)
    assert not escalation.escalate(second, road.now)
    assert [chat for _, chat, _ in told()] == [AYSE, BORA]


def test_a_card_that_cannot_be_read_holds_up_nothing(everybody: FakeTelegram, road: Road) -> None:
    """Of a step that only a later release knows, for one; the sweep looks after cards before it sends."""
    everybody.script(Fault.blocked(), Fault.chat_not_found())
    join()
    road.sweep()
    Card.objects.update(tier="courier", stale=True)
    services.enqueue(
        "customer_joined", context={"name": "Ece", "topic": "", "conversation": "c2"}, dedupe_key="customer_joined:c2"
    )
    for _ in range(3):
        road.sweep()
        road.advance(1)

    sent = OutboxMessage.objects.filter(conversation="c2", state=State.SENT)
    assert [row.tier for row in sent] == [Tier.BACKUP]


def test_cards_that_cannot_be_read_take_nobodys_place(
    everybody: FakeTelegram, road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many as are looked after at once, and older than those that can."""
    join("c1")
    join("c2")
    road.sweep()
    Card.objects.update(stale=True)
    Card.objects.filter(conversation="c1").update(tier="courier", escalate_at=road.now)
    monkeypatch.setattr(cards, "AT_ONCE", 1)
    for _ in range(60):
        cards.look_after(road.now)
    assert list(Card.objects.filter(stale=True).values_list("conversation", flat=True)) == ["c1"]


def test_codes_and_test_messages_go_to_nobody_else(everybody: FakeTelegram, fallback: FakeFallback, road: Road) -> None:
    everybody.script(Fault.blocked(), Fault.blocked())
    services.send_otp("ayse", AYSE, "tr", "481516")
    services.send_test("ayse")

    road.finish_all()

    assert [state for _, _, state in told()] == [State.BLOCKED, State.BLOCKED]
    assert fallback.statuses == []


def test_a_worker_that_died_in_the_last_attempt_passes_it_on(everybody: FakeTelegram, road: Road) -> None:
    join()
    for _ in range(policy.MAX_ATTEMPTS):
        ((row_id, claim),) = outbox.claim_due(road.now)
        held = outbox.claimed(row_id, claim, road.now)
        assert held is not None
        assert outbox.count_attempt(held)
        road.advance(policy.LEASE_SECS + 1)
    Card.objects.update(escalate_at=None)

    outbox.claim_due(road.now)
    road.finish_all()

    assert told() == [(Tier.OPERATOR, AYSE, State.FAILED), (Tier.BACKUP, BORA, State.SENT)]


def test_receipts_stand_in_the_admin_step_by_step(
    everybody: FakeTelegram, client: Client, settings, road: Road
) -> None:
    settings.LANGUAGE_CODE = "en"
    everybody.script(Fault.blocked())
    card = join()
    road.finish_all()
    boss = get_user_model()(username="boss", is_staff=True, is_superuser=True)
    boss.save()
    client.force_login(boss)

    page = client.get(reverse("admin:notifications_card_changelist")).content.decode()
    assert "ayse bot blockedbora sent" in strip_tags(page), "the recipients in the order of telling"
    page = client.get(reverse("admin:notifications_card_change", args=[card.pk])).content.decode()
    assert "bot was blocked by the user" in page
    assert BORA in page
    page = client.get(
        reverse("admin:notifications_outboxmessage_changelist"), {"tier__exact": "backup"}
    ).content.decode()
    assert BORA in page
    assert AYSE not in page
