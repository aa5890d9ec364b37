"""Nothing of a file stays when who sent it is erased, or its conversation is too old."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.test import Client
from django.utils import timezone

from desk.files import sweep
from desk.files.models import File, State
from queueing.history.models import Conversation
from queueing.history.privacy import extensions, personal_data
from queueing.history.recording import journal
from tests.desk.files import samples
from tests.desk.files.asking import refusal, send
from tests.queueing.world import Customer


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_erasure_takes_the_name_at_once_and_the_content_with_the_next_sweep(ayse: Customer, folder: Path) -> None:
    sent = send(ayse, samples.picture(), "Ayşe'nin faturası.png").json()
    assert len(files_in(folder)) == 2
    extensions.forget([ayse.cid])
    row = File.objects.get()
    assert (row.state, row.name) == (State.ERASED, "")
    assert refusal(Client().get(sent["url"])) == (404, "file_unknown")
    assert sweep.clear() == 1
    assert not files_in(folder)


def test_a_storage_that_is_out_is_asked_again(ayse: Customer, folder: Path, monkeypatch: Any) -> None:
    send(ayse, samples.picture(), "a.png")
    extensions.forget([ayse.cid])
    with monkeypatch.context() as patched:
        patched.setattr("desk.files.storage.discard", lambda *_names: False)
        assert sweep.clear() == 0
    assert len(files_in(folder)) == 2
    assert sweep.clear() == 1
    assert not files_in(folder)


def test_an_upload_that_was_cut_off_leaves_nothing(ayse: Customer, folder: Path) -> None:
    send(ayse, samples.picture(), "a.png")
    File.objects.update(state=State.RECEIVING, created_at=timezone.now() - sweep.CUT_OFF - timedelta(minutes=1))
    assert sweep.clear() == 1
    assert not files_in(folder)
    assert not File.objects.exists()


def test_an_upload_that_was_killed_while_its_sender_was_erased_leaves_nothing(ayse: Customer, folder: Path) -> None:
    """Its row was written, and nobody was there any more to find the conversation over."""
    send(ayse, samples.picture(), "Ayşe'nin faturası.png")
    row = File.objects.get()
    File.objects.update(state=State.RECEIVING, name="")
    journal.record()
    personal_data.take_out([ayse.cid])
    assert File.objects.get().state == State.RECEIVING
    row.save()
    long_ago = timezone.now() - sweep.CUT_OFF - timedelta(minutes=1)
    File.objects.update(created_at=long_ago)
    Conversation.objects.update(ended_at=long_ago)
    assert sweep.clear() == 1
    assert not files_in(folder)
    assert (File.objects.get().name, File.objects.get().stored) == ("", "")


def test_files_of_which_no_history_knows_go_when_they_are_old(ayse: Customer, folder: Path, settings: Any) -> None:
    """The journal was lost with Redis before the worker had read it."""
    send(ayse, samples.picture(), "a.png")
    File.objects.update(created_at=timezone.now() - timedelta(days=91))
    settings.RETENTION_DAYS = 0
    assert sweep.clear() == 0
    settings.RETENTION_DAYS = 90
    assert sweep.clear() == 1
    assert not files_in(folder)
