"""The worker as `make run` and systemd run it, told to end in the middle of a send: it finishes what it has in hand."""

from __future__ import annotations

import signal
import time

from harness.fakes.telegram import FakeTelegram, Fault
from support.celery import app
from support.config.schema import BASE_DIR
from support.launcher.supervisor import read_procfile
from tests.notifications.installation import PATIENCE_SECS, Installation


def options_of_the_procfile() -> list[str]:
    command = read_procfile(BASE_DIR / "Procfile")["worker"]
    return command[command.index("worker") + 1 :]


def test_a_message_that_is_being_sent_is_sent_once_and_settled(installation: Installation, fake: FakeTelegram) -> None:
    fake.script(Fault.taken())
    installation.ask("enqueue", "1")
    worker = installation.start_worker(*options_of_the_procfile())
    app.send_task("notifications.sweep")
    fake.wait_for_messages(1, PATIENCE_SECS)

    worker.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE_SECS
    while "Warm shutdown" not in installation.log.read_text():
        assert time.monotonic() < deadline, installation.log.read_text()
        time.sleep(0.02)
    assert worker.poll() is None
    fake.release()

    assert worker.wait(PATIENCE_SECS) == 0
    assert installation.rows() == [("sent", 1)]
    assert len(fake.messages) == 1
