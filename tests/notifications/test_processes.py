"""Real Celery workers and real processes on one database file, one Redis and one fake Telegram."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from harness import python
from harness.fakes.telegram import FakeTelegram, Fault
from infra.redis.client import client, key
from support.celery import app
from tests.notifications.conftest import TOKEN
from tests.notifications.installation import PATIENCE_SECS, Installation, await_worker


def sweep() -> None:
    app.send_task("notifications.sweep")


def race(processes: list[python.Process]) -> list[list[Any]]:
    """Lets processes that stand ready go on together, and returns their answers."""
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return [json.loads(process.stdout.read()) for process in processes if process.stdout is not None]


def await_claim() -> None:
    """Returns when a worker has claimed a message and reserved its send, which then is 2.4 s away."""
    deadline = time.monotonic() + PATIENCE_SECS
    with client().monitor() as monitor:
        while time.monotonic() < deadline:
            seconds, microseconds = client().time()
            client().set(key("notify:next-slot"), seconds * 1_000_000 + microseconds + 2_400_000)
            client().echo("postponed")
            while (seen := monitor.next_command())["command"] != "ECHO postponed":
                # Ours is the client's own, a worker's comes from the script.
                if seen["client_type"] == "lua" and seen["command"].startswith(f"SET {key('notify:next-slot')}"):
                    return
            time.sleep(0.02)
    raise AssertionError("no worker took a slot")


@contextmanager
def slots_given() -> Iterator[list[int]]:
    """Fills with the send slots that Redis gave out within the block, in its own µs: no clock of ours is asked."""
    slots: list[int] = []
    with client().monitor() as monitor:
        yield slots
        client().echo("enough")
        for seen in monitor.listen():
            words = seen["command"].split()
            if words[:2] == ["SET", key("notify:next-slot")]:
                slots.append(int(words[2]))
            elif words == ["ECHO", "enough"]:
                return


def all_sent(rows: list[tuple[Any, ...]]) -> bool:
    return {state for state, _ in rows} == {"sent"}


def test_a_worker_killed_between_claim_and_send_loses_nothing(installation: Installation, fake: FakeTelegram) -> None:
    installation.ask("enqueue", "1")
    worker = installation.start_worker("--pool", "solo")
    await_worker()
    sweep()
    await_claim()

    installation.kill(worker)

    assert installation.rows() == [("sending", 0)]
    assert fake.calls == []
    client().delete(key("notify:next-slot"))
    installation.execute("UPDATE notifications_outboxmessage SET claimed_until = '2020-01-01 00:00:00'")
    installation.start_worker("--pool", "solo")
    sweep()
    installation.await_rows(all_sent)
    sweep()
    await_worker()
    assert [call.status for call in fake.calls] == [200]
    assert installation.rows() == [("sent", 1)]


def test_a_worker_killed_while_telegram_is_silent_sends_later(installation: Installation, fake: FakeTelegram) -> None:
    fake.script(Fault.hang())
    installation.ask("enqueue", "1")
    worker = installation.start_worker("--concurrency", "2")
    sweep()
    fake.wait_for_arrivals(1, PATIENCE_SECS)

    installation.kill(worker)

    assert installation.rows() == [("sending", 1)]
    installation.execute("UPDATE notifications_outboxmessage SET claimed_until = '2020-01-01 00:00:00'")
    installation.start_worker("--concurrency", "2")
    sweep()
    installation.await_rows(all_sent)
    assert len(fake.messages) == 1
    assert installation.rows() == [("sent", 2)]


def test_a_worker_killed_before_it_heard_of_success_sends_once_more(
    installation: Installation, fake: FakeTelegram
) -> None:
    """The one double that there can be: Telegram has no key that would make a repeated send the same send."""
    fake.script(Fault.taken())
    installation.ask("enqueue", "1")
    worker = installation.start_worker("--concurrency", "2")
    sweep()
    fake.wait_for_messages(1, PATIENCE_SECS)

    installation.kill(worker)
    fake.release()

    assert installation.rows() == [("sending", 1)]
    installation.execute("UPDATE notifications_outboxmessage SET claimed_until = '2020-01-01 00:00:00'")
    installation.start_worker("--concurrency", "2")
    sweep()
    installation.await_rows(all_sent)
    sweep()
    await_worker()
    assert installation.rows() == [("sent", 2)]
    assert len(fake.messages) == 2


def test_a_broker_that_forgot_what_was_handed_over_loses_nothing(
    installation: Installation, fake: FakeTelegram
) -> None:
    """Claimed, on its way to a worker, and gone with the broker: the lease brings it back."""
    installation.ask("enqueue", "3")
    assert installation.ask("hand_over") == 3
    client().flushall()
    installation.start_worker("--pool", "solo")
    sweep()
    await_worker()
    assert set(installation.rows()) == {("sending", 0)}, "nobody else may take them while the lease runs"

    installation.execute("UPDATE notifications_outboxmessage SET claimed_until = '2020-01-01 00:00:00'")
    sweep()
    installation.await_rows(all_sent)

    assert len({message.text for message in fake.messages}) == len(fake.messages) == 3


def test_worker_retries_are_driven_by_the_row_alone(installation: Installation, fake: FakeTelegram) -> None:
    """Also a broker that lost everything between the attempts loses no message."""
    fake.script(Fault.retry_after(1), Fault.status(500), Fault.status(500))
    installation.ask("enqueue", "1")
    installation.start_worker("--pool", "solo")
    for attempt in range(1, 4):
        sweep()
        installation.await_rows(lambda rows, n=attempt: rows == [("retrying", n)])
        await_worker()
        client().flushall()
        installation.execute("UPDATE notifications_outboxmessage SET next_at = '2020-01-01 00:00:00'")
    sweep()
    installation.await_rows(all_sent)

    assert [call.status for call in fake.calls] == [429, 500, 500, 200]
    assert len(fake.messages) == 1


def test_two_sweeps_in_two_processes_do_not_double_and_keep_the_rate(
    installation: Installation, fake: FakeTelegram
) -> None:
    installation.ask("enqueue", "16")
    racers = [installation.start("sweep") for _ in range(2)]

    with slots_given() as slots:
        answers = race(racers)

    claimed = [row_id for answer in answers for row_id in answer]
    texts = [message.text for message in fake.messages]
    assert len(texts) == len(set(texts)) == 16
    assert all(answers), "both processes took part"
    assert set(claimed) == {row_id for (row_id,) in installation.rows("id")}
    assert all_sent(installation.rows())
    assert len(slots) == 16
    assert all(later - earlier >= 200_000 for earlier, later in pairwise(slots))


def test_two_processes_share_five_slots_a_second(installation: Installation) -> None:
    takers = [installation.start("slots", "8") for _ in range(2)]

    with slots_given() as slots:
        taken = race(takers)

    assert [len(times) for times in taken] == [8, 8]
    assert len(slots) == 16
    assert all(later - earlier >= 200_000 for earlier, later in pairwise(slots))


def test_a_code_stands_in_no_file_and_no_log(installation: Installation, fake: FakeTelegram) -> None:
    code = "918273645"
    fake.script(Fault.status(500))
    installation.environment |= {
        "DJANGO_ENV": "staging",
        "PUBLIC_URL": "https://support.example.org",
        "ALLOWED_ORIGINS": "https://www.example.org",
        "SECRET_KEY": "Zk3uQ9vX1rT7pL5nB8mD2hG6wY4cJ0sA-fE_iKoRqUtWyVxP7d",
        "METRICS_TOKEN": "q8Wn3Zk5Rt7Yp1Lx9Vb2Md4Hg6Jc",
        "LOG_LEVEL": "DEBUG",
        "TMPDIR": str(installation.folder),  # staging refuses a DATA_DIR in the temporary folder
    }
    installation.ask("otp", code)
    installation.start_worker("--pool", "solo")
    sweep()
    installation.await_rows(lambda rows: rows == [("retrying", 1)])
    installation.execute("UPDATE notifications_outboxmessage SET next_at = '2020-01-01 00:00:00'")
    sweep()
    installation.await_rows(all_sent)
    await_worker()

    assert code in fake.messages[0].text
    for file in filter(Path.is_file, installation.folder.iterdir()):
        content = file.read_bytes()
        assert code.encode() not in content, file.name
        assert TOKEN.encode() not in content, file.name
    assert b"notification sent" in installation.log.read_bytes()
    stored = {name: client().dump(name) for name in client().keys("*") if "cache" not in name}
    assert not any(code in str(value) for value in stored.values())
