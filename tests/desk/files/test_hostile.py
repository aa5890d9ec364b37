"""What hostile hands send as a file: each gets a clear refusal, and nothing of it is kept."""

from __future__ import annotations

import re
import zipfile
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any
from unicodedata import bidirectional, category

import pytest
from django.core.files.storage import FileSystemStorage
from django.db import OperationalError
from django.test import Client
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from desk.files import kinds, names
from desk.files.models import NAME_MAX, File
from infra import pictures
from infra.errors import DomainError
from queueing.file_kinds import ENDINGS, OFFICE, PICTURES
from tests.desk.files import samples
from tests.desk.files.asking import body, get, part, refusal, send
from tests.queueing.ended import token_of
from tests.queueing.world import Customer

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!DOCTYPE html><script>alert(1)</script>"


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says that it is this large."""
    whole = samples.picture("PNG", (1, 1))
    head = whole[12:16] + width.to_bytes(4, "big") + height.to_bytes(4, "big") + whole[24:29]
    return whole[:12] + head + zlib.crc32(head).to_bytes(4, "big") + whole[33:]


def fat(entries: dict[str, bytes], says: int) -> bytes:
    """A zip whose directory says that its last entry becomes this large."""
    whole = bytearray(samples.archive(entries))
    at = whole.rindex(b"PK\x01\x02")
    whole[at + 24 : at + 28] = says.to_bytes(4, "little")
    return bytes(whole)


def crowded(count: int) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for number in range(count):
            made.writestr(f"{number}", b"")
    return out.getvalue()


def astray() -> bytes:
    """A zip whose directory says that its first entry lies past every end: farther than a file can be sought in."""
    whole = bytearray(samples.open_document("text"))
    at = whole.index(b"PK\x01\x02")
    name = int.from_bytes(whole[at + 28 : at + 30], "little")
    far = (1).to_bytes(2, "little") + (8).to_bytes(2, "little") + (2**64 - 1).to_bytes(8, "little")
    whole[at + 30 : at + 32] = len(far).to_bytes(2, "little")
    whole[at + 42 : at + 46] = b"\xff" * 4
    whole[at + 46 + name : at + 46 + name] = far
    end = whole.index(b"PK\x05\x06")
    size = int.from_bytes(whole[end + 12 : end + 16], "little") + len(far)
    whole[end + 12 : end + 16] = size.to_bytes(4, "little")
    return bytes(whole)


REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "file_empty"),
    "an SVG": (SVG, "file_type_refused"),
    "an SVG behind spaces": (b"\xef\xbb\xbf \n" + SVG, "file_type_refused"),
    "a page": (HTML, "file_type_refused"),
    "a page in UTF-16": (HTML.decode().encode("utf-16"), "file_type_refused"),
    "a program": (b"MZ" + bytes(200), "file_type_refused"),
    "a script for Windows is text that is none": (b"@echo off\r\n\x00", "file_type_refused"),
    "an archive": (samples.archive({"a.txt": b"x"}), "file_type_refused"),
    "half an archive": (samples.office("word/document.xml")[:40], "file_type_refused"),
    "macros": (samples.office("word/document.xml", **{"word/vbaProject.bin": b"x"}), "file_unsafe"),
    "macros in an old document": (samples.ole("WordDocument", "_VBA_PROJECT"), "file_unsafe"),
    "a zip bomb": (fat({"[Content_Types].xml": b"", "xl/workbook.xml": b"x"}, 2**31), "file_unsafe"),
    "a directory of many names": (crowded(kinds.ENTRIES_MOST + 1), "file_unsafe"),
    "an entry past every end": (astray(), "file_type_refused"),
    "an old container of something else": (samples.ole("MsiDatabase"), "file_type_refused"),
    "a picture bomb": (bomb(60_000, 60_000), "picture_too_large"),
    "a picture without a side": (bomb(0, 5), "picture_unreadable"),
    "half a picture": (samples.picture()[:60], "picture_unreadable"),
    "the beginning of a picture": (b"\x89PNG\r\n\x1a\n", "picture_unreadable"),
    "a page behind the name of a picture": (b"GIF89a" + HTML, "picture_unreadable"),
    "too many frames": (samples.moving("GIF", pictures.FRAMES_MOST + 1), "picture_too_large"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused_and_leaves_nothing(ayse: Customer, folder: Path, what: str) -> None:
    content, code = REFUSED[what]
    status, told = refusal(send(ayse, content, "holiday.png", "image/png"))
    assert (status // 100, told) == (4, code)
    assert not File.objects.exists()
    assert not [path for path in folder.rglob("*") if path.is_file()]


TAKEN: dict[str, tuple[bytes, str]] = {
    "png": (samples.picture(), "image/png"),
    "png with holes": (samples.picture("PNG", mode="RGBA"), "image/png"),
    "png of few colours": (samples.picture("PNG", mode="P"), "image/png"),
    "jpeg": (samples.photo(), "image/jpeg"),
    "grey jpeg": (samples.picture("JPEG", mode="L"), "image/jpeg"),
    "jpeg for print": (samples.picture("JPEG", mode="CMYK"), "image/jpeg"),
    "webp": (samples.picture("WEBP"), "image/webp"),
    "moving webp": (samples.moving("WEBP"), "image/webp"),
    "gif": (samples.picture("GIF"), "image/gif"),
    "moving gif": (samples.moving(), "image/gif"),
    "pdf": (samples.PDF, "application/pdf"),
    "text": ("Şifre değişti\r\n".encode(), "text/plain"),
    "text of Windows": ("Şifre değişti\r\n".encode("cp1254"), "text/plain"),
    "text in UTF-16": ("Şifre".encode("utf-16"), "text/plain"),
    "docx": (samples.office("word/document.xml"), f"{OFFICE}wordprocessingml.document"),
    "xlsx": (samples.office("xl/workbook.xml"), f"{OFFICE}spreadsheetml.sheet"),
    "pptx": (samples.office("ppt/presentation.xml"), f"{OFFICE}presentationml.presentation"),
    "odt": (samples.open_document("text"), "application/vnd.oasis.opendocument.text"),
    "doc": (samples.ole("WordDocument"), "application/msword"),
    "xls": (samples.ole("Workbook"), "application/vnd.ms-excel"),
}


@pytest.mark.parametrize("what", TAKEN)
def test_every_kind_is_known_by_its_content(ayse: Customer, what: str) -> None:
    content, mime = TAKEN[what]
    sent = send(ayse, content, "evil.html", "text/html").json()
    assert sent["mime"] == mime
    assert sent["name"] == f"evil.html.{ENDINGS[mime][0]}"
    served = Client().get(sent["url"])
    assert served["Content-Type"] == mime
    kept = body(served)
    assert len(kept) == sent["size"]
    assert mime in PICTURES or kept == content
    assert ("thumb" in sent) == (mime in PICTURES)
    assert served["Content-Disposition"].startswith("inline" if mime in PICTURES else "attachment")


def test_a_large_photo_is_made_smaller_before_it_is_unpacked(ayse: Customer) -> None:
    sent = send(ayse, samples.picture("JPEG", (9000, 5000), mode="L"), "a.jpg").json()
    assert max(sent["width"], sent["height"]) <= pictures.SIDE_MOST
    assert sent["width"] / sent["height"] == pytest.approx(1.8, abs=0.01)


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("../../etc/passwd", "passwd.txt"),
        ("C:\\Windows\\con.txt", "_con.txt"),
        ("a\u202etxt.exe", "atxt.exe.txt"),
        ("a\nb\x00c.txt", "a b c.txt"),
        (".txt", "txt.txt"),
        ("....", "file.txt"),
        ("\u200b\u2066.txt", "txt.txt"),
        ('a"b<c>:d|e?f*g.txt', "a_b_c__d_e_f_g.txt"),
        ("x" * 300 + ".txt", "x" * (NAME_MAX - 4) + ".txt"),
        ("Fatura – Şubat.TXT", "Fatura – Şubat.TXT"),
        ("😀" * 100, "😀" * 49 + ".txt"),
    ],
)
def test_a_name_is_what_people_may_see(given_name: str, shown: str) -> None:
    assert names.clean(given_name, "text/plain") == shown


@given(st.text(max_size=400), st.sampled_from(sorted(ENDINGS)))
@example("\ud800.txt", "text/plain")
@example("a" * 119 + "é.txt", "text/plain")
def test_whatever_it_was_called_the_name_is_harmless(given_name: str, mime: str) -> None:
    name = names.clean(given_name, mime)
    assert 0 < len(name) <= NAME_MAX
    assert len(name.encode()) <= names.BYTES_MOST
    assert not re.search(r'[/\\<>:"|?*\x00-\x1f\x7f]', name)
    assert not any(category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in name)
    assert not any(bidirectional(letter) in ("RLO", "LRO", "RLE", "LRE", "RLI", "LRI", "FSI") for letter in name)
    assert name.rpartition(".")[2].lower() in ENDINGS[mime]
    assert not name.startswith(".")
    assert names.clean(name, mime) == name


HEADS = [content[:cut] for content, _mime in TAKEN.values() for cut in (8, 40, 400)]
CODES = {"file_type_refused", "file_unsafe", "picture_unreadable", "picture_too_large"}


def told_of(content: bytes) -> str:
    """Its type, or why it is refused."""
    try:
        mime = kinds.kind_of(BytesIO(content))
        if mime in PICTURES:
            assert 0 < pictures.redraw(BytesIO(content), mime).width <= pictures.SIDE_MOST
    except DomainError as error:
        return error.code
    return mime


@hypothesis_settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(HEADS), st.binary(max_size=600), st.integers(0, 400))
def test_hostile_bytes_are_of_a_kind_or_refused(head: bytes, tail: bytes, flipped: int) -> None:
    content = bytearray(head + tail)
    if flipped < len(content):
        content[flipped] ^= 0xFF
    assert told_of(bytes(content)) in CODES | ENDINGS.keys()


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"file": "text"},
        {"other": part(b"x", "a.txt", "")},
        {"file": [part(b"x", "a.txt", ""), part(b"y", "b.txt", "")]},
        {"file": part(b"x", "a.txt", ""), "more": part(b"y", "b.txt", "")},
    ],
    ids=["nothing", "a field", "another name", "two", "one more"],
)
def test_a_request_has_exactly_one_file(ayse: Customer, content: dict[str, Any]) -> None:
    headers = {"Authorization": f"Bearer {token_of(ayse)}"}
    assert refusal(Client().post("/files/", content, headers=headers)) == (400, "schema")


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data", "multipart/form-data; boundary=\xff", "x"])
def test_a_body_that_is_no_form_is_refused(ayse: Customer, kind: str) -> None:
    headers = {"Authorization": f"Bearer {token_of(ayse)}"}
    assert refusal(Client().post("/files/", b"nonsense", content_type=kind, headers=headers)) == (400, "schema")


def test_so_many_and_no_more(ayse: Customer, settings: Any) -> None:
    settings.FILES_MAX_PER_CONVERSATION = 2
    cards = [send(ayse, b"x").json() for _ in range(2)]
    assert refusal(send(ayse, b"x")) == (409, "files_full")
    assert [sent["id"] for sent in get(ayse, "/files/").json()["files"]] == [sent["id"] for sent in cards]


def test_so_much_and_no_more(ayse: Customer, settings: Any) -> None:
    settings.FILES_MAX_MB_PER_CONVERSATION, settings.FILE_MAX_MB = 1, 1
    assert send(ayse, b"x" * 700_000).status_code == 201
    assert refusal(send(ayse, b"x" * 700_000)) == (409, "files_full")
    assert refusal(send(ayse, b"x" * 1_100_000)) == (413, "file_too_large")
    assert send(ayse, b"x" * 200_000).status_code == 201


def test_they_can_be_switched_off_and_are_charged(ayse: Customer, settings: Any) -> None:
    settings.FILE_LIMIT = "2/hour"
    assert [send(ayse, content).status_code for content in (b"x", b"", b"x")] == [201, 422, 429]
    settings.FILE_MAX_MB = 0
    assert refusal(send(ayse, b"x")) == (403, "files_off")


@pytest.mark.parametrize(("number", "told"), [(28, (507, "storage_full")), (5, (503, "storage_unavailable"))])
@pytest.mark.parametrize("writes", [0, 1])
def test_a_disk_that_does_not_take_it_leaves_nothing(
    ayse: Customer, folder: Path, monkeypatch: pytest.MonkeyPatch, number: int, told: tuple[int, str], writes: int
) -> None:
    """The thumbnail may have been written by then."""
    saved: list[str] = []
    real = FileSystemStorage._save

    def save(self: FileSystemStorage, name: str, content: Any) -> str:
        if len(saved) == writes:
            Path(self.path(name)).parent.mkdir(parents=True, exist_ok=True)
            Path(self.path(name)).write_bytes(b"half")
            raise OSError(number, "the disk")
        saved.append(name)
        return str(real(self, name, content))  # type: ignore[attr-defined]

    monkeypatch.setattr(FileSystemStorage, "_save", save)
    assert refusal(send(ayse, samples.picture(), "a.png")) == told
    assert not File.objects.exists()
    assert not [path for path in folder.rglob("*") if path.is_file()]


def test_a_database_that_is_locked_is_said_to_be(ayse: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the shape that pages read, whatever they say that they accept."""

    def locked(*_: Any, **__: Any) -> Any:
        raise OperationalError("database is locked")

    monkeypatch.setattr(File, "save", locked)
    answer = send(ayse, b"x")
    assert refusal(answer) == (503, "database_unavailable")
    assert answer["Retry-After"]


def test_a_conversation_that_ends_meanwhile_keeps_nothing(
    ayse: Customer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ends(_content: Any) -> str:
        ayse.leave()
        return "text/plain"

    monkeypatch.setattr(kinds, "kind_of", ends)
    assert refusal(send(ayse, b"x")) == (409, "not_in_call")
    assert not File.objects.exists()
    assert not [path for path in folder.rglob("*") if path.is_file()]


def test_content_that_is_gone_is_said_to_be(ayse: Customer, folder: Path) -> None:
    sent = send(ayse, b"x").json()
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        path.unlink()
    assert refusal(Client().get(sent["url"])) == (404, "file_unknown")
