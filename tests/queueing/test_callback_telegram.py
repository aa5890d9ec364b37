"""A callback by Telegram: the link of the page, what the bot hears and answers, what it writes, and to whom never."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st

from bot import hear, strangers, tasks
from bot.updates import Update
from harness.fakes.smtp import FakeMail
from harness.fakes.telegram import FakeTelegram, Fault
from harness.redis_process import RedisProcess
from infra.buckets import Buckets
from infra.errors import StoreUnavailable
from infra.redis.client import client
from infra.redis.scripts import key
from messages_left.models import Message
from notifications import hearing, policy
from notifications.models import Channel, Kind, OutboxMessage
from notifications.telling import recipients
from notifications.telling.recipients import Contact
from notifications.transports import bot_api
from queueing import resume_handles
from queueing.callbacks import by_telegram, chats, starts
from queueing.history.callback_models import Callback
from queueing.history.privacy import personal_data
from queueing.history.recording import journal
from tests.queueing.called import ADDRESS, begin, end_of_hold, on_shift, sent, token_of, waits, work
from tests.queueing.world import Customer, contents, settle

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_server")]
OURS = "https://support.example.org"
AYSE, STRANGER = 5_550_001, 5_550_002
"""Telegram's ids of people."""


@pytest.fixture(autouse=True)
def telegram(settings: Any) -> Iterator[FakeTelegram]:
    settings.ALLOWED_HOSTS = ["support.example.org"]
    settings.MAIL_ADDRESS_LIMIT = "100/hour"
    settings.PUBLIC_URL = OURS
    strangers._while_out = Buckets()
    begin()
    with FakeTelegram() as fake:
        settings.TELEGRAM_BOT_TOKEN, settings.TELEGRAM_API_URL = "4242:of-the-tests", fake.url
        settings.TELEGRAM_WEBHOOK_SECRET = "of-the-bot-0123456789-0123456789"
        fake.updates.webhook = {"url": f"{OURS}/telegram/webhook/"}
        tasks.look()
        yield fake


def call(method: str, customer: Customer, body: Any = None, path: str = "telegram/", locale: str = "tr") -> Any:
    return Client(headers={"Host": "support.example.org"}).generic(
        method,
        f"/chat/callback/{path}?locale={locale}",
        json.dumps(body),
        content_type="application/json",
        secure=True,
        headers={"Authorization": f"Bearer {token_of(customer)}"},
    )


def link(customer: Customer, locale: str = "tr", **fields: Any) -> str:
    """The start token that its page shows."""
    answer = call("POST", customer, {"origin": OURS, **fields}, locale=locale)
    assert answer.status_code == 200, answer.content
    shown = answer.json()
    assert shown["code"].startswith("data:image/svg+xml")
    found = re.fullmatch(r"https://t\.me/fake_bot\?start=([A-Za-z0-9_-]{1,64})", shown["link"])
    assert found is not None, shown
    return found[1]


def standing(customer: Customer) -> str:
    return str(call("GET", customer).json()["state"])


def says(telegram: FakeTelegram, text: str, person: int = AYSE, **others: Any) -> None:
    hear.handle(Update.model_validate(telegram.updates.make_message(person, text, **others)))


def presses(telegram: FakeTelegram, data: str, person: int = AYSE) -> str:
    """What the presser reads at once."""
    before = len(telegram.updates.answers)
    hear.handle(Update.model_validate(telegram.updates.make_press(person, 1, data)))
    [answer] = telegram.updates.answers[before:]
    return answer.text


def leaves(telegram: FakeTelegram, name: str = "ayşe", person: int = AYSE, **fields: Any) -> Customer:
    customer = waits(name)
    says(telegram, f"/start {link(customer, **fields)}", person)
    assert standing(customer) == "linked"
    customer.disconnect()
    return customer


def told(telegram: FakeTelegram, person: int = AYSE) -> list[str]:
    return [message.text for message in telegram.messages if message.chat_id == str(person)]


def buttons(telegram: FakeTelegram) -> dict[str, str]:
    """Of the newest message."""
    rows = telegram.messages[-1].reply_markup["inline_keyboard"]
    return {cell["text"]: cell.get("url") or cell["callback_data"] for row in rows for cell in row}


def test_from_the_link_to_the_place(telegram: FakeTelegram) -> None:
    ayse = waits()
    assert standing(ayse) == "open"
    token = link(ayse)
    assert client().zcard(key("callback")) == 0, "until the bot has heard, they wait as ever"
    assert standing(ayse) == "open"
    says(telegram, f"/start {token}")
    assert standing(ayse) == "linked"
    ayse.disconnect()
    work()
    [kept] = told(telegram)
    assert "Yeriniz saklandı: support.example.org" in kept
    deniz = on_shift()
    work()
    work()
    [_kept, called] = told(telegram)
    assert "Sıranız yaklaştı: support.example.org" in called
    assert not any(word in called + kept for word in ("ayşe", "iade"))
    place = buttons(telegram)["Yerimi al"]
    origin, _, handle = place.partition("/#place=")
    assert origin == OURS
    assert resume_handles.read(handle, OURS) == token_of(ayse)
    end_of_hold(ayse)
    work()
    assert "son çağrı" in told(telegram)[2]
    ayse.reconnect()
    assert deniz.serving == ayse.cid
    work()
    row = Callback.objects.get()
    assert (row.state, row.channel, row.chat, row.handle) == ("came", "telegram", "", "")
    assert sent() == [(Channel.CHAT, "sent")] * 2


def test_nothing_of_the_chat_is_kept_readable(telegram: FakeTelegram, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    leaves(telegram, address="", name="ayşe")
    on_shift()
    work()
    row = Callback.objects.get()
    kept = list(OutboxMessage.objects.values("chat_id", "dedupe_key", "context"))
    shown = json.dumps([contents(), row.chat, row.counts_for, kept, caplog.text], default=str)
    assert str(AYSE) not in shown
    assert chats.unseal(row.chat) == str(AYSE)
    assert chats.unseal("gAAAAA") == ""


def test_a_link_is_good_once_for_one_ticket_and_the_newest_alone(telegram: FakeTelegram) -> None:
    ayse = waits()
    older, newer = link(ayse), link(ayse)
    says(telegram, f"/start {older}", STRANGER)
    assert standing(ayse) == "open"
    says(telegram, f"/start {newer}")
    says(telegram, f"/start {newer}", STRANGER, language="en")
    work()
    assert len(told(telegram)) == 1
    assert ["kullanıldı" in told(telegram, STRANGER)[0], "was used already" in told(telegram, STRANGER)[1]] == [
        True
    ] * 2
    assert chats.unseal(Callback.objects.get().chat) == str(AYSE)
    client().delete(*client().keys(key("callback:start*")))
    bora = waits("bora")
    old = link(bora)
    client().delete(key(f"callback:start:{starts.digest(old)}"))  # its time is over
    says(telegram, f"/start {old}")
    assert standing(bora) == "open"


@pytest.fixture
def thawed(redis_process: RedisProcess) -> Iterator[None]:
    """Redis runs again behind the test, and finds nothing of it at the next start."""
    yield
    redis_process.resume()
    (redis_process.folder / "dump.rdb").unlink(missing_ok=True)


@pytest.mark.usefixtures("thawed")
@pytest.mark.parametrize("killed", [True, False])
def test_a_link_is_not_used_up_by_a_redis_that_fails_in_the_middle(
    killed: bool, telegram: FakeTelegram, redis_process: RedisProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It fails behind the token and before the place. Killed, it has not done it; frozen, it may do it once it thaws,
    and nobody knows: the same chat presses again, and another one still has no use of the link."""
    ayse = waits()
    token = link(ayse)
    execute = by_telegram.execute

    def fails(command: Any) -> Any:
        if killed:
            client().save()
            redis_process.kill()
        else:
            redis_process.pause()
        return execute(command)

    with monkeypatch.context() as broken:
        broken.setattr(by_telegram, "execute", fails)
        says(telegram, f"/start {token}")
    assert told(telegram) == ["Bu şu anda yapılamıyor. Lütfen birazdan yeniden deneyin."]
    if killed:
        redis_process.start()
    else:
        redis_process.resume()
    client().connection_pool.disconnect()
    says(telegram, f"/start {token}", STRANGER)
    assert "kullanıldı" in told(telegram, STRANGER)[0]
    says(telegram, f"/start {token}")
    assert standing(ayse) == "linked"
    work()
    assert chats.unseal(Callback.objects.get().chat) == str(AYSE)
    says(telegram, f"/start {token}")
    assert "kullanıldı" in told(telegram)[-1], "and then it is used up"


def test_a_place_that_is_kept_is_kept_though_its_link_cannot_be_taken_away(
    telegram: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    ayse = waits()
    token = link(ayse)

    def fails(_token: str) -> None:
        raise StoreUnavailable

    with monkeypatch.context() as broken:
        broken.setattr(starts, "spend", fails)
        says(telegram, f"/start {token}")
    assert (standing(ayse), told(telegram)) == ("linked", [])
    says(telegram, f"/start {token}", STRANGER)
    says(telegram, f"/start {token}")
    work()
    assert chats.unseal(Callback.objects.get().chat) == str(AYSE)


def test_an_update_that_comes_twice_is_heard_once(telegram: FakeTelegram) -> None:
    ayse = waits()
    update = Update.model_validate(telegram.updates.make_message(AYSE, f"/start {link(ayse)}"))
    hear.handle(update)
    hear.handle(update)
    work()
    assert len(telegram.messages) == 1


def test_who_has_left_meanwhile_reads_so(telegram: FakeTelegram) -> None:
    ayse = waits()
    token = link(ayse, locale="en")
    ayse.leave()
    says(telegram, f"/start {token}")
    assert told(telegram) == ["Nobody waits there any more. If you still need us, join the queue again on the page."]
    assert call("POST", ayse, {"origin": OURS}).json()["error"]["code"] == "not_waiting"


def test_one_account_has_so_many(telegram: FakeTelegram) -> None:
    for name in ("ada", "bora"):
        leaves(telegram, name)
    cem = waits("cem")
    says(telegram, f"/start {link(cem)}")
    assert standing(cem) == "open"
    assert "söz verilemiyor" in told(telegram)[-1]


def test_groups_are_refused_and_cost_the_link_nothing(telegram: FakeTelegram) -> None:
    ayse = waits()
    token = link(ayse)
    says(telegram, f"/start@fake_bot {token}", chat=-100_200, kind="supergroup")
    says(telegram, f"/start {token}", chat=-100_200, kind="private")
    says(telegram, "hello", chat=-100_200, kind="group")
    assert standing(ayse) == "open"
    assert [message.chat_id for message in telegram.messages] == ["-100200"] * 2
    says(telegram, f"/start {token}")
    assert standing(ayse) == "linked"


@pytest.mark.parametrize("text", ["/start", "/help", "merhaba", "", "/start " + "x" * 65])
def test_strangers_read_what_this_is_and_only_so_often(text: str, telegram: FakeTelegram) -> None:
    for _ in range(20):
        says(telegram, text, STRANGER)
    assert len(set(told(telegram, STRANGER))) == 1
    assert len(told(telegram, STRANGER)) == 12
    assert "Bu bot" in told(telegram, STRANGER)[0]
    assert len(client().keys(key("telegram:update:*"))) == 12


def test_many_strangers_are_answered_no_more_and_customers_still_are(
    telegram: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strangers, "ALL", "3/hour")
    for person in range(9):
        says(telegram, "/start x", 7_000_000 + person)
    assert len(telegram.messages) == 3
    leaves(telegram)


def test_who_presses_without_end_is_answered_no_more(telegram: FakeTelegram) -> None:
    ayse = leaves(telegram)
    data, before = chats.give_up_data(ayse.cid), len(telegram.updates.answers)
    for _ in range(20):
        hear.handle(Update.model_validate(telegram.updates.make_press(STRANGER, 1, data)))
    assert len(telegram.updates.answers) - before == 12
    assert len(client().keys(key("telegram:update:*"))) == 13, "nor does anything stay of what was not"
    assert presses(telegram, data) == ""


def test_their_place_is_given_up_when_they_say_so_twice(telegram: FakeTelegram) -> None:
    ayse = leaves(telegram)
    on_shift()
    work()
    assert presses(telegram, buttons(telegram)["Gelemiyorum"], STRANGER) == "Bu yer artık saklanmıyor."
    assert presses(telegram, buttons(telegram)["Gelemiyorum"]) == ""
    assert client().zcard(key("callback")) == 1
    yes = buttons(telegram)["Evet, vazgeçiyorum"]
    assert presses(telegram, yes, STRANGER) == "Bu yer artık saklanmıyor."
    assert not by_telegram.give_up(ayse.cid, STRANGER), "nor between two looks"
    assert "vazgeçtiniz" in presses(telegram, yes)
    assert telegram.messages[0].text.startswith("🚪"), "the message that was pressed says so"
    assert client().zcard(key("line")) == 0
    assert presses(telegram, yes) == "Bu yer artık saklanmıyor."
    work()
    assert Callback.objects.get().state == "cancelled"
    assert not Message.objects.exists()


def test_a_call_that_has_begun_is_not_given_up(telegram: FakeTelegram) -> None:
    ayse = leaves(telegram)
    deniz = on_shift()
    ayse.reconnect()
    assert presses(telegram, chats.give_up_data(ayse.cid, sure=True)) == "Bu yer artık saklanmıyor."
    assert not by_telegram.give_up(ayse.cid, AYSE), "nor between two looks"
    assert deniz.serving == ayse.cid


def test_stop_is_honoured(telegram: FakeTelegram, mail: FakeMail) -> None:
    says(telegram, "/stop", STRANGER)
    leaves(telegram, address=ADDRESS)
    work()
    says(telegram, "/stop")
    assert "e-posta" in told(telegram)[-1]
    on_shift()
    work()
    assert len(told(telegram)) == 2
    assert [letter.recipients for letter in mail.delivered] == [[ADDRESS]]


def test_stop_without_an_address_waits_on_the_page(telegram: FakeTelegram) -> None:
    ayse = waits()
    says(telegram, f"/start {link(ayse)}")
    work()
    says(telegram, "/stop")
    assert standing(ayse) == "open"
    work()
    assert Callback.objects.get().state == "cancelled"
    assert client().zcard(key("line")) == 1


@pytest.mark.parametrize("fault", [Fault.blocked(), Fault.chat_not_found()])
def test_whose_chat_is_gone_is_written_to_once(fault: Fault, telegram: FakeTelegram, mail: FakeMail) -> None:
    ayse = leaves(telegram, address=ADDRESS)
    work()
    assert mail.delivered == [], "they read that it is kept where they asked for it"
    telegram.script(fault)
    on_shift()
    work()
    assert [letter.recipients for letter in mail.delivered] == [[ADDRESS]]
    assert (Callback.objects.get().chat == "") == (fault.code == 403), "a chat that is shut is forgotten"
    end_of_hold(ayse)
    work()
    assert len(mail.delivered) == 2


def test_who_blocks_the_bot_at_once_has_the_confirmation_by_mail(telegram: FakeTelegram, mail: FakeMail) -> None:
    telegram.script(Fault.blocked())
    leaves(telegram, address=ADDRESS)
    work()
    [letter] = mail.delivered
    assert letter.message["Subject"] == "Yeriniz saklandı: support.example.org"
    assert sent(Kind.CALLBACK_KEPT) == [(Channel.CHAT, "refused"), (Channel.EMAIL, "sent")]


def test_who_cannot_be_told_at_all_is_held_as_ever_and_then_somebodys_work(telegram: FakeTelegram) -> None:
    ayse = leaves(telegram)
    work()
    telegram.script(Fault.blocked())
    on_shift()
    work()
    assert Callback.objects.get().chat == ""
    end_of_hold(ayse)
    work()
    assert Callback.objects.get().state == "open"
    end_of_hold(ayse)
    work()
    assert Callback.objects.get().state == "missed"
    assert Message.objects.get().why == "callback"


def test_telegram_may_be_out_for_minutes(telegram: FakeTelegram, mail: FakeMail) -> None:
    from notifications import metrics

    leaves(telegram, address=ADDRESS)
    work()
    telegram.script(Fault.retry_after(40), Fault.status(502), Fault.reset())
    on_shift()
    work()
    [row] = OutboxMessage.objects.filter(kind=Kind.CALLBACK)
    assert (row.state, row.attempts) == ("retrying", 1)
    assert (row.next_at - timezone.now()).total_seconds() > 35
    assert metrics.oldest_age_secs(timezone.now() + timedelta(seconds=130)) > 120, "health says so"
    for later_s in (45, 80, 160):
        work(later_s)
    assert sent() == [(Channel.CHAT, "sent")]
    assert mail.delivered == []


def test_a_telegram_that_stays_away_is_followed_by_the_letter(telegram: FakeTelegram, mail: FakeMail) -> None:
    leaves(telegram, address=ADDRESS)
    work()
    telegram.script(Fault.status(500))
    on_shift()
    work()
    work(policy.PUSH_LIVES_SECS + 1)
    assert sent() == [(Channel.CHAT, "refused"), (Channel.EMAIL, "sent")]


def test_without_a_bot_nothing_is_written_into_the_log(telegram: FakeTelegram, settings: Any) -> None:
    leaves(telegram)
    settings.TELEGRAM_BOT_TOKEN = ""
    on_shift()
    work()
    assert sent() == [(Channel.CHAT, "refused")]


def test_only_what_is_heard_is_offered(telegram: FakeTelegram, settings: Any) -> None:
    page = lambda path: Client().get(path, headers={"Host": "support.example.org"}).content.decode()  # noqa: E731
    assert '"callbacks": ["push", "telegram"]' in page("/")
    assert '"callbacks": ["telegram"]' in page("/widget/")
    ayse = waits()
    telegram.updates.webhook = {"url": f"{OURS}/telegram/webhook/", "allowed_updates": ["callback_query"]}
    tasks.look()
    assert standing(ayse) == "off", "one that was set before brings presses alone"
    failed_s = int(timezone.now().timestamp()) - 30
    telegram.updates.webhook = {
        "url": f"{OURS}/telegram/webhook/",
        "last_error_date": failed_s,
        "last_error_message": "Connection refused",
    }
    tasks.look()
    assert standing(ayse) == "open", "it failed, and what was not brought then was brought since"
    telegram.updates.add(telegram.updates.make_message(STRANGER, "/start"))
    tasks.look()
    assert standing(ayse) == "off", "Telegram does not reach us"
    refused = call("POST", ayse, {"origin": OURS})
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "telegram_off")
    settings.TELEGRAM_WEBHOOK_SECRET = ""
    tasks.look()
    assert standing(ayse) == "off", "nobody fetches"
    client().hset(key("telegram:polled"), "at", str(int(timezone.now().timestamp() * 1000)))
    tasks.look()
    assert standing(ayse) == "open"
    telegram.script(Fault.status(502).of("getMe"))
    tasks.look()
    assert standing(ayse) == "open", "what was found out is believed for a while"
    assert 0 < client().ttl(key("telegram:bot")) <= hearing.HEARD_SECS
    settings.CALLBACKS_BY_TELEGRAM = False
    assert '"callbacks": ["push"]' in page("/")
    assert standing(ayse) == "off"


def test_what_is_said_is_in_the_language_of_the_page(telegram: FakeTelegram) -> None:
    ayse = waits()
    says(telegram, f"/start {link(ayse, locale='en')}")
    ayse.disconnect()
    work()
    assert list(buttons(telegram)) == ["Give up my place"]
    on_shift()
    work()
    kept, called = told(telegram)
    assert "Your place at support.example.org is kept" in kept
    assert "It is nearly your turn at support.example.org" in called
    assert list(buttons(telegram)) == ["Take my place", "I cannot come"]
    presses(telegram, buttons(telegram)["I cannot come"])
    assert list(buttons(telegram)) == ["Yes, give it up"]


def test_an_operator_who_follows_the_link_is_called_as_a_customer(
    telegram: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    contact = Contact("deniz", str(AYSE), "tr", False, "Deniz")
    monkeypatch.setattr(recipients, "_providers", [lambda: [contact]])
    ayse = leaves(telegram)
    work()
    assert len(told(telegram)) == 2, "a new customer for the operator, and a place that is kept"
    assert "vazgeçtiniz" in presses(telegram, chats.give_up_data(ayse.cid, sure=True))
    # The buttons of operators go on being theirs.
    assert presses(telegram, f"accept:{ayse.cid}") == "Müşteri ayrıldı"


def test_a_press_that_was_long_under_way_counts(telegram: FakeTelegram) -> None:
    ayse = leaves(telegram)
    press = telegram.updates.make_press(AYSE, 1, chats.give_up_data(ayse.cid, sure=True))
    hear.handle(Update.model_validate(press), late=True)
    assert client().zcard(key("line")) == 0


def test_while_redis_is_out_they_are_told_to_wait_and_not_without_end(
    telegram: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    ayse = leaves(telegram)
    data = chats.give_up_data(ayse.cid, sure=True)
    telegram.messages.clear()

    def out(_command: Any) -> Any:
        raise StoreUnavailable

    with monkeypatch.context() as broken:
        broken.setattr(strangers, "execute", out)
        for _ in range(5):
            says(telegram, "/stop")
        assert told(telegram) == ["Bu şu anda yapılamıyor. Lütfen birazdan yeniden deneyin."] * 2
        assert presses(telegram, data) == "Bu şu anda yapılamıyor. Lütfen birazdan yeniden deneyin."
    assert client().zcard(key("line")) == 1


def test_a_telegram_that_does_not_answer_in_time_is_asked_again(
    telegram: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaves(telegram)
    work()
    monkeypatch.setattr(bot_api, "SEND_TIMEOUT_SECS", 0.3)
    telegram.script(Fault.hang())
    on_shift()
    work()
    assert sent() == [(Channel.CHAT, "retrying")]
    monkeypatch.undo()
    work(10)
    assert sent() == [(Channel.CHAT, "sent")]


@given(
    text=st.one_of(
        st.text(max_size=200).map(lambda text: f"/start {text}"),
        st.text(max_size=200),
        st.from_regex(r"/start [A-Za-z0-9_-]{0,70}", fullmatch=True),
    )
)
@example(text="/start " + "A" * 32)
@example(text="/start\x00" + "A" * 32)
@example(text="/start \ud800")
@example(text="/start " + "\u0661" * 32)
@example(text="/start ../callback:start")
def test_whatever_a_stranger_starts_with_reaches_nobody(text: str) -> None:
    client().delete(key("rates"))
    ayse = waits()
    before = link(ayse)
    with FakeTelegram() as fake:
        says(fake, text, STRANGER)
    assert standing(ayse) == "open"
    assert client().zcard(key("callback")) == 0
    says(fake, f"/start {before}")
    assert standing(ayse) == "linked"
    client().flushall()
    settle()
    tasks.look()


@given(
    body=st.dictionaries(
        st.sampled_from(["address", "origin", "more"]),
        st.one_of(
            st.text(max_size=300),
            st.integers(),
            st.none(),
            st.just(OURS),
            st.just(ADDRESS),
            st.lists(st.text(max_size=20), max_size=9),
        ),
    )
)
@example(body={"address": "a@example.com\r\nBcc: b@example.com", "origin": OURS})
@example(body={"address": "a\x00@example.com", "origin": OURS})
@example(body={"origin": "https://evil.example"})
def test_whatever_a_page_asks_with_is_a_link_of_ours_or_refused_in_words(body: dict[str, Any]) -> None:
    client().delete(key("rates"))
    ayse = waits()
    answer = call("POST", ayse, body)
    assert answer.status_code in (200, 400, 403, 413), answer.content
    if answer.status_code != 200:
        assert answer.json()["error"]["message"]
    assert bool(client().keys(key("callback:start:*"))) == (answer.status_code == 200)
    client().flushall()
    settle()
    tasks.look()


@given(signed=st.text(max_size=200))
@example(signed="a" * 5000)
@example(signed="\x00")
def test_whatever_stands_behind_a_letters_link_gives_nothing_up(signed: str) -> None:
    ayse = waits()
    assert Client(headers={"Host": "support.example.org"}).post(
        f"/give-up/{ayse.cid}/?{urlencode({'key': signed})}", secure=True
    ).status_code in (400, 404, 429)
    assert client().zcard(key("line")) == 1
    client().flushall()
    settle()
    tasks.look()


@pytest.mark.django_db(transaction=True)
def test_a_persons_data_says_that_a_chat_is_told_and_erasure_takes_it(telegram: FakeTelegram) -> None:
    ayse = leaves(telegram)
    work()
    [told_of] = personal_data.export(None, ayse.cid, by="test")["callbacks"]
    assert (told_of["channel"], told_of["telegram"], "chat" in told_of) == ("telegram", True, False)
    on_shift()
    journal.record()
    personal_data.erase(None, ayse.cid, by="test")
    work()
    row = Callback.objects.get()
    assert (row.chat, row.handle, row.state, len(telegram.messages)) == ("", "", "cancelled", 1)
