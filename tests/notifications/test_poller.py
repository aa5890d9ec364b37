"""Fetching presses: in order, by one process at a time, whatever Telegram and Redis do meanwhile."""

import asyncio
import signal
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot import api, poller
from bot.poller import Poller
from bot.updates import Update
from harness import database, python
from harness.fakes.telegram import FakeTelegram, Fault
from infra.redis.client import client, key
from tests.notifications.installation import PATIENCE_SECS, Installation

Seen = list[tuple[int, bool]]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poller, "STANDBY_SECS", 0.02)
    monkeypatch.setattr(poller, "FIRST_PAUSE_SECS", 0.01)
    monkeypatch.setattr(poller, "LONGEST_PAUSE_SECS", 0.05)


class Run:
    """A poller in this loop, with what it was given to handle: (update id, late)."""

    def __init__(self, handle: Callable[[Update, bool], None] | None = None) -> None:
        self.seen: Seen = []
        self._special = handle
        self._more = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self.stop = asyncio.Event()
        self.poller = Poller(self.stop, self._handle)
        self.task = asyncio.create_task(self.poller.run())

    def _handle(self, update: Update, *, late: bool) -> None:
        if self._special is not None:
            self._special(update, late)
        self.seen.append((update.update_id, late))
        self._loop.call_soon_threadsafe(self._more.set)

    async def handled(self, count: int) -> Seen:
        async with asyncio.timeout(PATIENCE_SECS):
            while len(self.seen) < count:
                await self._more.wait()
                self._more.clear()
        return self.seen

    async def end(self) -> None:
        self.stop.set()
        async with asyncio.timeout(PATIENCE_SECS):
            await self.task


@asynccontextmanager
async def polling(handle: Callable[[Update, bool], None] | None = None) -> AsyncIterator[Run]:
    run = Run(handle)
    try:
        yield run
    finally:
        await run.end()


async def waiting_poll(telegram: FakeTelegram, count: int = 1) -> None:
    """Returns when `count` polls have reached Telegram."""
    await asyncio.to_thread(telegram.wait_for, lambda: telegram.updates.polls >= count, f"{count} polls")


def press(telegram: FakeTelegram) -> int:
    return int(telegram.updates.press("1001", 1, "accept:c1")["update_id"])


async def test_presses_come_in_order_and_are_confirmed(telegram: FakeTelegram) -> None:
    async with polling() as run:
        await waiting_poll(telegram)
        numbers = [press(telegram) for _ in range(3)]
        assert await run.handled(3) == [(number, False) for number in numbers]
        await asyncio.to_thread(telegram.wait_for, lambda: not telegram.updates.pending, "the confirmation")

    assert client().hget(key("telegram:polled"), "offset") == str(numbers[-1] + 1)


async def test_what_people_write_is_fetched_too_and_answered(telegram: FakeTelegram) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(Poller(stop).run())
    await waiting_poll(telegram)
    telegram.updates.add(telegram.updates.make_message(5_550_001, "/start", language="en"))
    await asyncio.to_thread(telegram.wait_for_text, "5550001", "This bot tells customers", PATIENCE_SECS)
    stop.set()
    await asyncio.wait_for(running, PATIENCE_SECS)


async def test_the_next_process_goes_on_where_the_last_one_stopped(telegram: FakeTelegram) -> None:
    async with polling() as first:
        await waiting_poll(telegram)
        one = press(telegram)
        await first.handled(1)
    assert client().get(key("telegram:poller")) is None, "the lease is given back"
    two = press(telegram)

    async with polling() as second:
        assert await second.handled(1) == [(two, False)]

    assert first.seen == [(one, False)]


async def test_a_press_that_may_be_old_is_late(telegram: FakeTelegram) -> None:
    """Nobody fetched for a while, or nobody knows since when."""
    before = press(telegram)

    async with polling() as run:
        await run.handled(1)
        await waiting_poll(telegram, 2)
        fresh = press(telegram)
        assert await run.handled(2) == [(before, True), (fresh, False)]


async def test_one_fetches_at_a_time_and_the_other_takes_over(telegram: FakeTelegram) -> None:
    async with polling() as first:
        await waiting_poll(telegram)
        async with polling() as second:
            one = press(telegram)
            await first.handled(1)
            await waiting_poll(telegram, 2)
            await first.end()
            two = press(telegram)
            await second.handled(1)

    assert [number for number, _ in first.seen] == [one]
    assert [number for number, _ in second.seen] == [two]


async def test_a_lease_that_another_took_ends_the_fetching(telegram: FakeTelegram) -> None:
    async with polling() as run:
        await waiting_poll(telegram)
        client().set(key("telegram:poller"), "somebody else")
        press(telegram)
        await waiting_poll(telegram, 1)
        telegram.updates.release()

    assert run.seen == []
    assert client().get(key("telegram:poller")) == "somebody else", "and is not given back for them"


@pytest.mark.parametrize(
    "fault",
    [Fault.status(502), Fault.reset(), Fault.garbage(), Fault.retry_after(0), Fault.status(401, "Unauthorized")],
)
async def test_a_fault_of_telegram_is_waited_out(telegram: FakeTelegram, fault: Fault) -> None:
    telegram.script(*[fault.of("getUpdates")] * 2)
    number = press(telegram)

    async with polling() as run:
        assert (await run.handled(1))[0][0] == number


async def test_a_webhook_that_is_set_is_said_and_waited_out(
    telegram: FakeTelegram, caplog: pytest.LogCaptureFixture
) -> None:
    telegram.updates.webhook = {"url": "https://elsewhere.example/"}

    async with polling() as run:
        await asyncio.to_thread(
            telegram.wait_for, lambda: any(call.status == 409 for call in telegram.calls), "a conflict"
        )
        telegram.updates.webhook = {}
        press(telegram)
        await run.handled(1)

    assert "telegram gives presses to somebody else" in caplog.text


async def test_what_cannot_be_read_or_handled_stops_nothing(telegram: FakeTelegram) -> None:
    def break_once(update: Update, _late: bool) -> None:
        if update.callback_query is None:
            raise RuntimeError("on purpose")

    telegram.updates.add({"update_id": 1}, {"update_id": 2, "callback_query": "x"}, {"update_id": 3, "y": 1})
    async with polling(break_once) as run:
        number = press(telegram)
        assert (await run.handled(1))[0][0] == number
        await asyncio.to_thread(telegram.wait_for, lambda: not telegram.updates.pending, "the confirmation")


async def test_while_redis_is_out_presses_are_still_answered(telegram: FakeTelegram, redis_process) -> None:
    """Nobody else can take the lease then, and the operator is told to try again."""
    async with polling() as run:
        await waiting_poll(telegram)
        redis_process.kill()
        numbers = [press(telegram)]
        await run.handled(1)
        numbers.append(press(telegram))
        await run.handled(2)
        redis_process.start()
        numbers.append(press(telegram))
        await run.handled(3)

    assert [number for number, _ in run.seen] == numbers, "each once: the offset is kept in the process"


async def test_a_poller_that_starts_while_redis_is_out_waits(telegram: FakeTelegram, redis_process) -> None:
    redis_process.kill()
    press(telegram)
    async with polling() as run:
        await asyncio.sleep(0)
        redis_process.start()
        await run.handled(1)
        assert len(run.seen) == 1


def test_whoever_gets_a_webhook_does_not_fetch(settings) -> None:
    settings.TELEGRAM_BOT_TOKEN, settings.TELEGRAM_WEBHOOK_SECRET = "1:x", ""
    assert api.polling()
    settings.TELEGRAM_WEBHOOK_SECRET = "x" * 24
    assert not api.polling()


# ---- the command, as a process ----


@pytest.fixture
def installation(tmp_path: Path, fake: FakeTelegram, redis_server: str) -> Iterator[Installation]:
    built = Installation(tmp_path, fake.url)
    yield built
    built.end()


@pytest.fixture
def migrated(installation: Installation) -> Installation:
    database.place(installation.database)
    return installation


def start_bot(installation: Installation, **settings: str) -> python.Process:
    words = ["manage.py", "telegrambot"]
    environment = installation.environment | {"LOG_LEVEL": "INFO"} | settings
    bot = python.start(words, env=environment, stderr=subprocess.PIPE)
    installation.take_care_of(bot)
    return bot


def test_the_command_answers_and_ends_at_once_when_nothing_is_in_hand(
    migrated: Installation, fake: FakeTelegram
) -> None:
    bot = start_bot(migrated)
    fake.wait_for(lambda: fake.updates.polls >= 1, "a poll", PATIENCE_SECS)
    fake.updates.press("1001", 1, "accept:c1", language="en")
    fake.wait_for_answers(1, PATIENCE_SECS)
    fake.wait_for(lambda: fake.updates.polls >= 2, "the next poll", PATIENCE_SECS)

    bot.send_signal(signal.SIGTERM)

    assert bot.wait(PATIENCE_SECS) == 0
    assert "belongs to no operator" in fake.updates.answers[0].text
    assert client().get(key("telegram:poller")) is None


def test_the_update_in_hand_is_finished_before_the_end(migrated: Installation, fake: FakeTelegram) -> None:
    fake.script(Fault.slow(60).of("answerCallbackQuery"))
    bot = start_bot(migrated)
    fake.wait_for(lambda: fake.updates.polls >= 1, "a poll", PATIENCE_SECS)
    first, _second = (fake.updates.make_press("1001", 1, "accept:c1") for _ in range(2))
    fake.updates.add(first, _second)
    fake.wait_for_arrivals(1, PATIENCE_SECS)

    bot.send_signal(signal.SIGTERM)
    fake.release()

    assert bot.wait(PATIENCE_SECS) == 0
    assert [answer.press_id for answer in fake.updates.answers] == [first["callback_query"]["id"]]
    assert client().hget(key("telegram:polled"), "offset") == str(first["update_id"] + 1)
    assert len(fake.updates.pending) == 2, "the second stays at Telegram for the next process"


@pytest.mark.parametrize(
    "changed", [{"TELEGRAM_BOT_TOKEN": ""}, {"TELEGRAM_WEBHOOK_SECRET": "Hq3vT8mZ1xK6wB0rL5yN2cD9"}]
)
def test_where_there_is_nothing_to_fetch_it_says_so_and_stays(
    installation: Installation, fake: FakeTelegram, changed: dict[str, str]
) -> None:
    bot = start_bot(installation, **changed)
    assert bot.stderr is not None
    assert any("nothing to fetch" in line for line in bot.stderr)

    bot.send_signal(signal.SIGTERM)

    assert bot.wait(PATIENCE_SECS) == 0
    assert fake.calls == []
