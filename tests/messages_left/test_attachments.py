"""Files of messages from strangers: allowed and paid for first, kept with a message or not at all, gone with it."""

from __future__ import annotations

import errno
import itertools
import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.models import Sum
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as drawing
from hypothesis import strategies as st

from accounts.models import Operator
from desk.files import scanner, storage
from desk.files.scanner import CLEAN, SILENT
from harness.fakes.clamd import EICAR, FakeClamd
from harness.fakes.smtp import FakeMail
from infra.errors import DomainError, StoreUnavailable
from messages_left import keeping, limits, tasks, work
from messages_left.attachments import drafts, quota, recordings, sweep, taking
from messages_left.attachments.models import Attachment, Kind, State, Usage
from messages_left.attachments.views import ADDRESSES
from messages_left.models import Message
from notifications.models import Card
from queueing import file_kinds, file_links
from queueing.blocklist import rules
from support.config.schema import BASE_DIR
from tests.desk.files import samples
from tests.desk.files.asking import body, part, refusal
from tests.desk.files.conftest import folder as folder
from tests.drawn import drawn
from tests.messages_left.conftest import CID, TOKEN, Leave, Road
from tests.messages_left.recordings import PICTURE_AND_SOUND, mp4, webm
from tests.messages_left.test_recordings import shown

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folder")]
ADDRESS = "203.0.113.7"
VOICE = webm(3)


@pytest.fixture(autouse=True)
def _counted(_clean: None) -> Iterator[None]:
    """Whatever happens to files, the total is what they are together."""
    yield
    assert quota.used() == (Attachment.objects.aggregate(all=Sum("size"))["all"] or 0)


def ask(address: str = ADDRESS) -> Any:
    return Client().post("/messages/draft/", {}, content_type="application/json", REMOTE_ADDR=address)


def allowed(address: str = ADDRESS) -> str:
    response = ask(address)
    assert response.status_code == 201, response.json()
    return str(response.json()["draft"])


def upload(
    content: bytes = VOICE,
    kind: str = "voice",
    *,
    draft: str | None = None,
    address: str = ADDRESS,
    name: str = "a.txt",
    key: str | None = None,
) -> Any:
    bearer = allowed(address) if draft is None else draft
    return Client().post(
        "/messages/files/",
        {"file": part(content, name, "application/octet-stream")},
        headers={"Authorization": f"Bearer {bearer}"},
        query_params={"key": key or secrets.token_hex(16), "kind": kind, "locale": "tr"},
        REMOTE_ADDR=address,
    )


def kept(content: bytes = VOICE, kind: str = "voice", **more: Any) -> str:
    response = upload(content, kind, **more)
    assert response.status_code == 201, response.json()
    return str(response.json()["id"])


def content_of(pk: str, rendering: str = "content", **headers: str) -> Any:
    return Client().get(ADDRESSES.address(pk, rendering), headers=headers)


def on_disk(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


# -- from a page to an operator ---------------------------------------------------------------------------------------


def test_a_voice_message_goes_from_a_page_to_an_operator(
    leave: Leave, people: dict[str, Operator], browser: Callable[[Operator], Client], mail: FakeMail, road: Road
) -> None:
    told = upload().json()
    assert (told["mime"], told["name"], told["seconds"], told["state"]) == ("audio/webm", "voice.webm", 3, "ready")
    photo = kept(samples.photo(), "file", name="IMG.jpg")
    assert leave(text="", files=[told["id"], photo]).status_code == 201
    message = Message.objects.get()
    assert Card.objects.get().context["topic"] == "🎤 0:03 📎 1"
    assert set(Attachment.objects.values_list("message", "draft", "source", "upload_key")) == {
        (message.pk, "", "", None)
    }

    ayse = browser(people["ayse"])
    page = ayse.get(reverse("admin:messages_left_message_change", args=[message.pk])).content.decode()
    where = reverse("admin:messages_left_attachment", args=[told["id"], "content"])
    assert f'<audio controls preload="metadata" src="{where}"' in page
    assert "🎤 0:03 📎 1" in ayse.get(reverse("admin:messages_left_message_changelist")).content.decode()
    heard = ayse.get(ayse.get(where).url)
    assert body(heard) == VOICE
    assert heard["Content-Type"] == "audio/webm"
    assert heard["Content-Disposition"].startswith("inline")
    thumb = ayse.get(ayse.get(reverse("admin:messages_left_attachment", args=[photo, "thumb"])).url)
    assert thumb["Content-Type"] == "image/webp"
    assert b"Secret phone" not in body(content_of(photo))
    stranger = Client().get(where)
    assert (stranger.status_code, "/admin/login/" in stranger.url) == (302, True)

    work.reply(message.pk, "Dinledim.", people["ayse"])
    road.sweep()
    assert "> 🎤 0:03 📎 1" in mail.delivered[-1].body


def test_players_get_the_pieces_that_they_ask_for(leave: Leave) -> None:
    pk = kept()
    leave(files=[pk])
    size = len(VOICE)
    whole = content_of(pk)
    assert (whole.status_code, whole["Accept-Ranges"], whole["Content-Length"]) == (200, "bytes", str(size))
    for asked, first, last in [("bytes=0-1", 0, 1), ("bytes=100-", 100, size - 1), ("bytes=-7", size - 7, size - 1)]:
        piece = content_of(pk, Range=asked)
        assert (piece.status_code, piece["Content-Range"]) == (206, f"bytes {first}-{last}/{size}")
        assert body(piece) == VOICE[first : last + 1]
        assert piece["Content-Length"] == str(last + 1 - first)
    beyond = content_of(pk, Range=f"bytes={size}-")
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{size}")
    changed = content_of(pk, Range="bytes=0-1", **{"If-Range": '"another"'})
    assert (changed.status_code, len(body(changed))) == (200, size)
    for answer in (whole, beyond):
        assert "sandbox" in answer["Content-Security-Policy"]
        assert answer["X-Content-Type-Options"] == "nosniff"


def test_no_address_but_a_signed_one_opens_what_was_sent(leave: Leave) -> None:
    sent, unsent = kept(), kept()
    leave(files=[sent])
    good = ADDRESSES.address(sent, "content")
    for forged in (good[:-1] + "x", good.replace(sent, unsent), f"/messages/files/{sent}/content"):
        assert refusal(Client().get(forged)) == (403, "link_expired")
    other = file_links.FILES.address(sent, "content").partition("?")[2]
    assert refusal(Client().get(f"/messages/files/{sent}/content?{other}")) == (403, "link_expired")
    assert refusal(content_of(unsent)) == (404, "file_unknown")
    assert refusal(content_of(sent, "thumb")) == (404, "file_unknown")


# -- who may upload, and how much -------------------------------------------------------------------------------------


@pytest.mark.parametrize("draft", ["", "nonsense", TOKEN, "a:b:c", "x" * 5000])
def test_without_a_draft_of_ours_nothing_is_taken(draft: str) -> None:
    assert refusal(upload(draft=draft)) == (403, "draft_invalid")
    assert not Attachment.objects.exists()


def test_a_draft_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    draft = allowed()
    monkeypatch.setattr(drafts, "GOOD_SECS", -1)
    assert refusal(upload(draft=draft)) == (403, "draft_invalid")


def test_drafts_are_charged_and_refused_as_messages_are(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MESSAGE_CLIENT_LIMIT = "2/hour"
    answers = [ask(f"2001:db8::{n:x}").status_code for n in range(1, 6)]
    assert answers == [201, 201, 429, 429, 429]

    def out(*_words: Any) -> Any:
        raise StoreUnavailable

    monkeypatch.setattr(limits, "execute", out)
    answers = [ask("198.51.100.9").status_code for _ in range(3)]
    assert answers == [201, 201, 429]
    rules.block_network("192.0.2.0/24", reason="", until=None, by="ayse")
    assert refusal(ask("192.0.2.1")) == (403, "blocked")
    settings.MESSAGES = False
    assert refusal(ask()) == (403, "messages_off")


def test_what_is_not_sent_is_little(settings: Any) -> None:
    """Of one draft, of one network, of everybody together: the row is there before it is counted."""
    settings.HTTP_LIMIT = settings.MESSAGE_CLIENT_LIMIT = settings.MESSAGE_LIMIT = "100000/second"
    settings.MESSAGE_FILES_MAX_MB = 1
    third = b"x" * (quota.MB // 3)
    draft = allowed()
    assert [upload(third, "file", draft=draft).status_code for _ in range(7)] == [201] * 6 + [409]
    # Another draft of the same network, another address of it.
    assert refusal(upload(third, "file", address="203.0.113.7")) == (409, "files_full")
    assert upload(third, "file", address="198.51.100.1").status_code == 201
    settings.MESSAGE_FILES_TOTAL_MB = 9
    assert refusal(upload(third, "file", address="198.51.100.2")) == (507, "storage_full")
    assert Attachment.objects.count() == 7


def steps_of(act: Callable[[], Any]) -> int:
    """How many steps SQLite takes for it: each row that is read is some."""
    steps = itertools.count()
    connection.ensure_connection()
    # Whatever is answered but 0 would end the query.
    connection.connection.set_progress_handler(lambda: next(steps) and 0, 1)
    try:
        act()
    finally:
        connection.connection.set_progress_handler(None, 1)
    return next(steps)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite alone tells how many steps it takes")
def test_an_upload_costs_the_same_however_much_is_kept(leave: Leave) -> None:
    leave()
    before = steps_of(lambda: kept(b"a", "file"))
    filled(10, 1000)
    assert steps_of(lambda: kept(b"a", "file")) < 1.2 * before


def filled(size: int, many: int = 1) -> None:
    """So many files of messages were sent."""
    message = Message.objects.get()
    Attachment.objects.bulk_create([Attachment(message=message, size=size, state=State.READY) for _ in range(many)])
    quota.recount()


def test_what_all_files_take_is_counted_and_never_more_than_may_be(settings: Any, leave: Leave) -> None:
    settings.MESSAGE_FILES_TOTAL_MB = 1
    leave()
    filled(quota.MB - 2 * len(VOICE))
    first, second = kept(), kept()
    assert refusal(upload(b"a", "file")) == (507, "storage_full")
    # What is sent counts as before, and what is erased is free again with its content.
    assert leave(files=[first]).status_code == 201
    assert refusal(upload(b"a", "file")) == (507, "storage_full")
    Attachment.objects.filter(pk=second).update(created_at=timezone.now() - timedelta(hours=3))
    sweep.clear()
    kept()
    settings.MESSAGE_FILES_TOTAL_MB = 2
    assert upload(samples.photo(), "file").status_code == 201
    assert refusal(upload(b"MZ\x90\x00" + bytes(60), "file")) == (415, "file_type_refused")


def test_what_another_release_has_not_counted_is_counted_by_the_worker(leave: Leave) -> None:
    kept()
    Usage.objects.update(bytes=4_000_000_000)
    assert refusal(upload()) == (507, "storage_full")
    tasks.forget_old()
    kept()
    Usage.objects.all().delete()
    assert refusal(upload()) == (507, "storage_full")
    tasks.forget_old()
    kept()


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_as_many_are_taken_as_there_is_room_for(settings: Any, leave: Leave) -> None:
    settings.MESSAGE_FILES_TOTAL_MB = 1
    leave()
    filled(quota.MB - 3 * len(VOICE) - 1)

    def one(number: int) -> str:
        try:
            while True:
                try:
                    taking._reserve(f"draft{number}", f"source{number}", Kind.VOICE, f"key{number}", len(VOICE))
                    return "taken"
                except OperationalError:
                    # SQLite in memory has no patience.
                    continue
        except DomainError as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert Counter(pool.map(one, range(8))) == {"taken": 3, "storage_full": 5}


def test_ten_thousand_files_are_few(settings: Any) -> None:
    settings.HTTP_LIMIT = settings.MESSAGE_CLIENT_LIMIT = settings.MESSAGE_LIMIT = "100000/second"
    draft = allowed()
    answers = [upload(b"a", "file", draft=draft).status_code for _ in range(30)]
    assert answers.count(201) == quota.MOST * quota.TWICE


def test_a_message_has_as_many_files_as_it_may(leave: Leave, settings: Any) -> None:
    settings.MESSAGE_FILES_MAX_MB = 1
    draft = allowed()
    files = [kept(b"x" * (quota.MB // 3), "file", draft=draft) for _ in range(4)]
    assert refusal(leave(files=files)) == (409, "files_full")
    assert not Message.objects.exists()
    assert leave(files=files[:3]).status_code == 201
    assert refusal(leave(files=[secrets.token_hex(16)] * 6)) == (400, "schema")


def test_switched_off_nothing_is_taken(settings: Any) -> None:
    draft = allowed()
    settings.MESSAGE_FILES_MAX_MB = 0
    assert refusal(upload(draft=draft)) == (403, "files_off")
    assert "messageMb" not in Client().get("/").content.decode()


# -- what is taken ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "kind", "told"),
    [
        (b"I am a voice.", "voice", (415, "recording_refused")),
        (samples.picture(), "voice", (415, "recording_refused")),
        (webm(3, PICTURE_AND_SOUND), "voice", (415, "recording_refused")),
        (mp4(126), "voice", (422, "recording_too_long")),
        (VOICE, "file", (415, "file_type_refused")),
        (b"MZ\x90\x00" + bytes(60), "file", (415, "file_type_refused")),
        (b"", "voice", (422, "file_empty")),
        (VOICE, "song", (400, "schema")),
    ],
    ids=shown,
)
def test_content_decides(folder: Path, content: bytes, kind: str, told: tuple[int, str]) -> None:
    response = upload(content, kind)
    assert refusal(response) == told
    assert response.json()["error"]["message"]
    assert not Attachment.objects.exists()
    assert not on_disk(folder)


@pytest.mark.parametrize(
    ("code", "told"), [(errno.ENOSPC, (507, "storage_full")), (errno.EIO, (503, "storage_unavailable"))]
)
def test_a_storage_that_is_full_or_out_is_said_so_and_nothing_stays(
    folder: Path, monkeypatch: pytest.MonkeyPatch, code: int, told: tuple[int, str]
) -> None:
    def broken(_name: str, _content: Any) -> None:
        raise OSError(code, "broken")

    with monkeypatch.context() as patch:
        patch.setattr(storage.storage(), "save", broken)
        assert refusal(upload()) == told
    assert not Attachment.objects.exists()
    assert not on_disk(folder)


def test_while_the_scanner_is_out_a_file_waits_and_then_opens_or_is_refused(leave: Leave, settings: Any) -> None:
    settings.CLAMD_URL = "tcp://127.0.0.1:1"
    good, bad = kept(), kept(EICAR, "file")
    assert leave(files=[good, bad]).status_code == 201
    assert refusal(content_of(good)) == (404, "file_unknown")
    assert sweep.scan_waiting() == 0
    with FakeClamd() as clamd:
        settings.CLAMD_URL = clamd.url
        assert sweep.scan_waiting() == 2
        assert refusal(upload(EICAR, "file")) == (422, "file_infected")
    assert content_of(good).status_code == 200
    assert refusal(content_of(bad)) == (404, "file_unknown")
    sweep.clear()
    assert Attachment.objects.get(pk=bad).stored == ""


def test_a_file_that_the_scanner_has_no_answer_for_holds_up_no_other(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes longer for it than it is waited for: whoever sends such a one would have nobody's file opened."""
    settings.CLAMD_URL = "tcp://127.0.0.1:1"
    slow, good = kept(webm(4)), kept()
    # As many as are asked about at once: the first of them are not always those that have waited longest.
    monkeypatch.setattr(sweep, "BATCH", 1)
    monkeypatch.setattr(scanner, "scan", lambda content: CLEAN if content.read() == VOICE else SILENT)
    for _ in range(60):
        sweep.scan_waiting()
    assert dict(Attachment.objects.values_list("pk", "state")) == {slow: State.WAITING, good: State.READY}


def test_the_same_upload_again_is_the_same_file() -> None:
    key, draft = secrets.token_hex(16), allowed()
    first, again = upload(key=key, draft=draft), upload(key=key, draft=draft)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


# -- one message, or none ---------------------------------------------------------------------------------------------


def test_a_file_belongs_to_one_message_and_what_is_gone_is_refused_as_a_whole(leave: Leave) -> None:
    mine, other = kept(), kept()
    assert leave(files=[mine]).status_code == 201
    for files in ([mine], [other, mine], [other, secrets.token_hex(16)]):
        assert refusal(leave(files=files)) == (409, "files_gone")
    assert Message.objects.count() == 1
    assert Attachment.objects.get(pk=other).message is None
    key = secrets.token_hex(16)
    assert [leave(key=key, files=[other]).status_code for _ in range(2)] == [201, 200]


def test_what_nobody_sends_goes_by_itself(folder: Path, leave: Leave) -> None:
    sent, unsent, cut_off = kept(), kept(samples.picture(), "file"), kept()
    leave(files=[sent])
    Attachment.objects.filter(pk=cut_off).update(state=State.RECEIVING)
    assert sweep.clear() == 0
    Attachment.objects.update(created_at=timezone.now() - timedelta(hours=3))
    assert sweep.clear() == 2
    assert [row.pk for row in Attachment.objects.all()] == [sent]
    assert len(on_disk(folder)) == 1
    assert refusal(leave(files=[unsent])) == (409, "files_gone")


def test_what_the_storage_does_not_let_go_is_found_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept()
    Attachment.objects.update(created_at=timezone.now() - timedelta(hours=3))
    with monkeypatch.context() as patch:
        patch.setattr(storage.storage(), "delete", lambda _name: 1 / 0)
        assert sweep.clear() == 0
    assert Attachment.objects.get().state == State.ERASED
    assert sweep.clear() == 1
    assert not on_disk(folder)


# -- kept of people ---------------------------------------------------------------------------------------------------


def test_content_that_the_storage_keeps_for_good_holds_up_no_other(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock on one object, or a folder with other rights: what was erased after it goes all the same."""
    first, later = kept(), kept()
    long_ago = timezone.now() - sweep.UNSENT - timedelta(minutes=1)
    Attachment.objects.filter(pk=later).update(created_at=long_ago)
    Attachment.objects.filter(pk=first).update(created_at=long_ago - timedelta(minutes=1))
    held = Attachment.objects.get(pk=first).stored
    let_go = storage.discard
    monkeypatch.setattr(storage, "discard", lambda *names: held not in names and let_go(*names))
    assert sweep.clear() == 1
    assert list(Attachment.objects.values_list("stored", "state")) == [(held, State.ERASED)]
    assert [str(path.relative_to(folder)) for path in on_disk(folder)] == [held]


def test_export_tells_of_them_and_erasing_takes_them_along(
    folder: Path, leave: Leave, django_capture_on_commit_callbacks: Any
) -> None:
    pk = kept()
    assert leave(files=[pk], token=TOKEN).status_code == 201
    (told,) = keeping.exported([CID], None)["messages_left"]
    (file,) = told["files"]
    assert (file["kind"], file["seconds"], file["content"]) == (
        "voice", 3, reverse("admin:messages_left_attachment", args=[pk, "content"])
    )  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        keeping.forget([CID])
    assert not Attachment.objects.exists()
    assert not on_disk(folder)
    assert refusal(content_of(pk)) == (404, "file_unknown")
    assert keeping.exported([CID], None)["messages_left"][0]["files"] == []


def test_retention_and_deleting_by_hand_take_them_along(
    folder: Path,
    leave: Leave,
    settings: Any,
    browser: Callable[[Operator], Client],
    django_capture_on_commit_callbacks: Any,
) -> None:
    settings.RETENTION_DAYS = 30
    leave(files=[kept()])
    leave(files=[kept()])
    old, new = Message.objects.order_by("left_at")
    Message.objects.filter(pk=old.pk).update(left_at=timezone.now() - timedelta(days=31))
    with django_capture_on_commit_callbacks(execute=True):
        assert keeping.forget_old() == 1
    assert len(on_disk(folder)) == 1
    root = Operator.objects.create_user("root", name="Root", is_superuser=True)
    with django_capture_on_commit_callbacks(execute=True):
        deleted = browser(root).post(reverse("admin:messages_left_message_delete", args=[new.pk]), {"post": "yes"})
    assert deleted.status_code == 302
    assert not Attachment.objects.exists()
    assert not on_disk(folder)


@pytest.fixture
def unlimited(settings: Any) -> None:
    settings.HTTP_LIMIT = "1000000/second"


def test_the_page_knows_what_the_server_takes() -> None:
    script = (BASE_DIR / "static/js/app/customer/message/message.js").read_text()
    assert file_kinds.accepted() in script.replace('" +\n  "', "")
    assert f"const MOST = {quota.MOST};" in script
    assert f"const SECS = {recordings.SECS_MOST};" in script
    assert '"messageMb": [10, 20]' in Client().get("/").content.decode()


# -- hostile values ---------------------------------------------------------------------------------------------------


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "key": st.text(max_size=70) | st.just("a" * 16),
            "kind": st.sampled_from(["file", "voice", "video", "\x00", "VOICE"]) | st.text(max_size=9),
            "locale": st.text(max_size=5),
        },
    ),
    st.binary(max_size=40) | st.just(VOICE),
    st.text(max_size=40),
)
@drawing(max_examples=drawn(20), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_an_upload_says_it_is_taken_or_refused(
    unlimited: None, query: dict[str, str], content: bytes, name: str
) -> None:
    response = Client().post(
        "/messages/files/",
        {"file": part(content, name or "a", "text/plain")},
        headers={"Authorization": f"Bearer {drafts.make().token}"},
        query_params=query,
        REMOTE_ADDR=f"2001:db8:{secrets.token_hex(2)}::1",
    )
    assert response.status_code in (200, 201, 400, 409, 415, 422)
    for row in Attachment.objects.filter(message=None):
        row.full_clean(exclude=["message", "width", "height", "seconds"])  # no wider than its columns
        assert "\x00" not in row.name


@pytest.mark.parametrize("files", [None, "abc", [1], ["x"], ["A" * 32], ["a" * 32 + "\n"], [["a" * 32]], ["\x00" * 32]])
def test_names_of_files_that_no_page_sends_are_refused(leave: Leave, files: Any) -> None:
    assert refusal(leave(files=files)) == (400, "schema")
