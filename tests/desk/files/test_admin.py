"""Files in the admin, in what is told of a person, and among the figures."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.core import Metric

from accounts.models import AuditEvent, Operator
from desk.files import metrics, sweep
from desk.files.models import File, State
from queueing.admin.page import export
from queueing.history.models import Conversation
from queueing.history.privacy import personal_data
from queueing.history.recording import journal
from queueing.history.set_aside_models import SetAsideEntry
from tests.desk.files import samples
from tests.desk.files.asking import get, refusal, send
from tests.desk.files.test_keeping import files_in
from tests.desk.files.test_sharing import desk as box_of_deniz
from tests.desk.files.test_sharing import relay
from tests.queueing.world import Customer

LIST = "/admin/desk/file/"
Browser = Callable[[Operator], Client]


def sent(customer: Customer, content: bytes, name: str) -> dict[str, Any]:
    """A file that stands in a line of the chat."""
    info: dict[str, Any] = send(customer, content, name).json()
    relay(customer, info["id"], number=File.objects.count())
    return info


def text_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return str(response.content.decode())


def test_operators_find_and_open_files_and_only_who_may_deletes(
    ayse: Customer, deniz: Operator, root: Operator, browser: Browser
) -> None:
    picture, letter = (
        sent(ayse, samples.picture(), "<script>alert(1)</script>.png"),
        sent(ayse, samples.PDF, "fatura.pdf"),
    )
    # The history has not heard of the conversation yet: the files are there all the same.
    page = text_of(browser(deniz), LIST)
    assert "fatura.pdf" in page
    assert "<script>alert" not in page
    assert "PDF" in page
    journal.record()
    assert f"/admin/queueing/conversation/{ayse.cid}/change/" in text_of(browser(deniz), LIST)
    for query, found in (
        ("?kind=picture", False), ("?kind=document", True), ("?kind=x", True), ("?state=waiting", False),
        ("?state=erased", True), ("?side=operator", False), ("?q=Ayşe", True), ("?q=fatura", True),
        (f"?q={ayse.cid}", True), ("?q=deniz", False),
    ):  # fmt: skip
        assert ("fatura.pdf" in text_of(browser(deniz), LIST + query)) is found, query

    of_letter = f"{LIST}{letter['id']}/change/"
    facts = text_of(browser(deniz), of_letter)
    assert f'href="/admin/console/files/{letter["id"]}/"' in facts
    assert "deletelink" not in facts
    assert 'name="_save"' not in facts
    assert f"/admin/console/files/{picture['id']}/thumb/" in text_of(browser(root), f"{LIST}{picture['id']}/change/")
    assert browser(deniz).post(f"{LIST}{letter['id']}/delete/", {"post": "yes"}).status_code == 403
    assert browser(deniz).get(f"{LIST}add/").status_code == 403
    assert File.objects.filter(state=State.READY).count() == 2


@pytest.mark.django_db(transaction=True)
def test_who_has_it_in_the_chat_reads_that_a_file_was_deleted(
    ayse: Customer, root: Operator, browser: Browser, folder: Path
) -> None:
    info, other = sent(ayse, samples.picture(), "a.png"), sent(ayse, samples.PDF, "b.pdf")
    journal.record()
    deniz = box_of_deniz()
    response = browser(root).post(
        LIST, {"action": "delete_selected", "_selected_action": [info["id"]], "post": "yes"}, follow=True
    )
    assert "a.png" not in response.content.decode().split('id="result_list"')[1]
    frames = [json.loads(frame) for _seq, _conversation, frame in deniz.box()]
    (seen,) = [frame["file"] for frame in frames if frame["type"] == "chat:file"]
    assert (seen["id"], seen["name"], seen["state"], "url" in seen) == (info["id"], "a.png", "erased", False)
    assert refusal(Client().get(info["url"])) == (404, "file_unknown")
    assert len(files_in(folder)) == 1
    assert File.objects.get(pk=info["id"]).name == ""
    trail = AuditEvent.objects.get(kind="file_deleted")
    assert (trail.actor, trail.detail) == ("root", {"file": info["id"], "conversation": ayse.cid})
    # Whoever reads it later reads the same.
    ayse.leave()
    kept = [line.get("file") for line in get(ayse, "/chat/").json()["transcript"]]
    assert [(file["id"], file["state"]) for file in kept if file] == [(info["id"], "erased"), (other["id"], "ready")]


def test_the_page_of_a_conversation_shows_its_files(ayse: Customer, deniz: Operator, browser: Browser) -> None:
    picture, letter = sent(ayse, samples.picture(size=(600, 300)), "a.png"), sent(ayse, samples.PDF, "<b>.pdf")
    journal.record()
    page = f"/admin/queueing/conversation/{ayse.cid}/change/"
    shown = text_of(browser(deniz), page)
    assert f'src="/admin/console/files/{picture["id"]}/thumb/" alt="a.png" width="240" height="120"' in shown
    assert f'href="/admin/console/files/{letter["id"]}/"' in shown
    assert "_b_.pdf" in shown
    whole = browser(deniz).get(f"/admin/queueing/conversation/{ayse.cid}/export.json").json()
    assert [file["name"] for file in whole["files"]] == ["a.png", "_b_.pdf"]
    # Of a file of which nothing is known any more, its name.
    File.objects.all().delete()
    assert "📎 a.png" in text_of(browser(deniz), page)
    assert "📎 a.png" in export.transcript(Conversation.objects.get())


@pytest.mark.django_db(transaction=True)
def test_a_persons_data_has_the_files_and_erasure_takes_their_content_at_once(
    ayse: Customer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = sent(ayse, samples.PDF, "a.pdf")
    found = personal_data.export(None, ayse.cid, by="test")
    (file,) = found["files"]
    assert (file["id"], file["name"], file["from"]) == (info["id"], "a.pdf", "customer")
    assert file["content"] == f"/admin/console/files/{info['id']}/"
    # Told once, and nothing of how it is stored.
    assert "stored" not in str(found)
    with monkeypatch.context() as patched:
        patched.setattr("desk.files.storage.discard", lambda *_names: False)
        held = personal_data.erase(None, ayse.cid, by="test")["still_held"]
    assert any("files (1)" in sentence for sentence in held)
    assert len(files_in(folder)) == 1
    held = personal_data.erase(None, ayse.cid, by="test")["still_held"]
    assert not any("The storage" in sentence for sentence in held)
    assert not files_in(folder)


def test_what_was_taken_back_in_the_last_moment_goes_after_the_end(ayse: Customer, folder: Path) -> None:
    sent(ayse, samples.PDF, "said.pdf")
    send(ayse, samples.PDF, "never.pdf")
    ayse.leave()
    journal.record()
    File.objects.update(created_at=timezone.now() - timedelta(hours=2))
    assert sweep.clear() == 0, "it ended a moment ago"
    Conversation.objects.update(ended_at=timezone.now() - timedelta(hours=2))
    # A line that could not be recorded may have it.
    entry = SetAsideEntry.objects.create(entry_id="1-1", kind="chat:message", conversation=ayse.cid, fields="{}")
    assert sweep.clear() == 0
    entry.delete()
    assert sweep.clear() == 1
    assert [row.name for row in File.objects.exclude(state=State.ERASED)] == ["said.pdf"]
    assert len(files_in(folder)) == 1


def test_files_that_wait_for_the_scanner_are_counted(ayse: Customer) -> None:
    def figures() -> dict[str, float]:
        families: list[Metric] = list(metrics.collect())
        return {sample.name: sample.value for family in families for sample in family.samples}

    assert figures() == {"files_waiting": 0, "files_waiting_age_seconds": 0}
    for _ in range(2):
        send(ayse, b"x")
    File.objects.update(state=State.WAITING, created_at=timezone.now() - timedelta(minutes=5))
    found = figures()
    assert found["files_waiting"] == 2
    assert 299 < found["files_waiting_age_seconds"] < 400
