"""What everybody may see leaves compressed, made once; what is somebody's own does not."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import Any

import brotli
import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from support.http.assets import compression
from support.http.assets.compression import CompressionMiddleware, Kept, preferred

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_server")]

BODY = b"support " * 200
UNPACK = {"br": brotli.decompress, "gzip": gzip.decompress}


def answer(client: Client, path: str, accepted: str = "gzip, deflate, br", **headers: str) -> HttpResponse:
    response = client.get(path, headers={"Accept-Encoding": accepted, **headers})
    body = b"".join(response) if response.streaming else response.content  # type: ignore[attr-defined]
    made = HttpResponse(body, status=response.status_code)
    made.headers = response.headers
    return made


def middleware(**headers: str) -> CompressionMiddleware:
    def view(request: HttpRequest) -> HttpResponse:
        told = {"ETag": '"1"', "Cache-Control": "public, max-age=9", "Content-Type": "text/css", **headers}
        return HttpResponse(BODY, headers={name: value for name, value in told.items() if value})

    return CompressionMiddleware(view)


def asked(**headers: str) -> HttpRequest:
    return RequestFactory().get("/x.css", headers={"Accept-Encoding": "br", **headers})


@pytest.mark.parametrize("path", ["/embed.js", "/static/js/net/session.js", "/static/css/base.css"])
@pytest.mark.parametrize(("accepted", "coding"), [("gzip, deflate", "gzip"), ("gzip, deflate, br, zstd", "br")])
def test_scripts_and_sheets_leave_compressed(client: Client, path: str, accepted: str, coding: str) -> None:
    plain, packed = answer(client, path, "identity"), answer(client, path, accepted)
    assert packed["Content-Encoding"] == coding
    assert UNPACK[coding](packed.content) == plain.content
    assert int(packed["Content-Length"]) == len(packed.content) < len(plain.content) / 2
    assert "Content-Encoding" not in plain
    assert "Accept-Encoding" in plain["Vary"]
    assert "Accept-Encoding" in packed["Vary"]
    assert packed["ETag"] != plain["ETag"]


def test_texts_leave_compressed(client: Client) -> None:
    page = client.get("/").content.decode()
    address = page.split('data-texts="')[1].split('"')[0]
    assert answer(client, address)["Content-Encoding"] == "br"


@pytest.mark.parametrize("path", ["/embed.js", "/static/css/base.css"])
def test_what_a_browser_holds_is_not_sent_again(client: Client, path: str) -> None:
    first = answer(client, path)
    again = answer(client, path, **{"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert again["ETag"] == first["ETag"]
    assert again.content == b""


def test_every_static_file_of_ours_that_is_text_is_smaller(client: Client) -> None:
    paths = [path for finder in finders.get_finders() for path, _storage in finder.list([])]
    texts = [path for path in paths if path.startswith(("js/", "css/")) and path.endswith((".js", ".css"))]
    assert len(texts) > 100
    for path in texts:
        response = answer(client, f"{settings.STATIC_URL}{path}")
        small = "Content-Encoding" not in response
        assert not small or len(response.content) < 600, path


def test_it_is_compressed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    real = compression.compressed
    monkeypatch.setattr(compression, "compressed", lambda body, coding: made.append(coding) or real(body, coding))
    serve = middleware()
    bodies = {serve(asked()).content for _ in range(3)}  # type: ignore[attr-defined]
    assert made == ["br"]
    assert [brotli.decompress(body) for body in bodies] == [BODY]


LARGE = b"".join(b"line %d of a script\n" % line for line in range(2000))


def test_what_takes_long_is_done_once_for_all_processes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Any
) -> None:
    settings.DATA_DIR = tmp_path
    made: list[str] = []
    real = compression.compressed
    monkeypatch.setattr(compression, "compressed", lambda body, coding: made.append(coding) or real(body, coding))
    for coding, unpack in UNPACK.items():
        assert [unpack(compression.stored(LARGE, coding) or b"") for _ in range(3)] == [LARGE] * 3
    assert made == ["br", "gzip"]
    assert len(list(compression.folder().iterdir())) == 2
    assert compression.stored(BODY, "br") == real(BODY, "br")
    assert len(list(compression.folder().iterdir())) == 2  # it is small


def test_what_is_stored_is_of_these_releases(tmp_path: Path, settings: Any) -> None:
    settings.DATA_DIR = tmp_path
    compression.stored(LARGE, "br")
    (old,) = compression.folder().iterdir()
    os.utime(old, (1, 1))
    assert compression.stored(LARGE, "br")  # and so it is of today
    compression.stored(LARGE * 2, "br")
    assert len(list(compression.folder().iterdir())) == 2
    os.utime(old, (1, 1))
    compression.stored(LARGE * 3, "br")
    assert len(list(compression.folder().iterdir())) == 2
    assert not old.exists()


def test_without_a_place_to_store_it_is_compressed_all_the_same(tmp_path: Path, settings: Any) -> None:
    settings.DATA_DIR = tmp_path / "file"
    settings.DATA_DIR.write_text("no folder")
    assert brotli.decompress(compression.stored(LARGE, "br") or b"") == LARGE


@pytest.mark.parametrize(
    "headers",
    [
        {"Cache-Control": "no-store"},
        {"Cache-Control": "private, max-age=9"},
        {"Vary": "Cookie"},
        {"ETag": ""},
        {"ETag": 'W/"1"'},
        {"Content-Type": "font/woff2"},
        {"Content-Encoding": "gzip"},
    ],
)
def test_what_is_not_everybodys_or_compressed_already_stays_as_it_is(headers: dict[str, str]) -> None:
    response = middleware(**headers)(asked())
    assert response.content == BODY  # type: ignore[attr-defined]


def test_a_part_is_of_the_plain_file(client: Client) -> None:
    part = answer(client, "/static/css/base.css", Range="bytes=0-9")
    assert part.status_code == 206
    assert "Content-Encoding" not in part
    assert len(part.content) == 10


@pytest.mark.parametrize("path", ["/", "/widget/"])
def test_the_page_of_customers_is_the_same_for_all_and_leaves_compressed(client: Client, path: str) -> None:
    packed = answer(client, path)
    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"]
    assert b"adminara-config" in gzip.decompress(packed.content)


def test_no_comments_are_shipped_with_the_loader(client: Client) -> None:
    loader = answer(client, "/embed.js", "identity").content.decode()
    assert "/*" not in loader
    assert "\n  //" not in loader
    assert "@media (max-width:480px)" in loader


def test_pages_of_operators_stay_as_they_are(client: Client) -> None:
    assert "Content-Encoding" not in answer(client, "/admin/login/")


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("", None),
        ("*", None),
        ("identity", None),
        ("gzip", "gzip"),
        ("GZIP ; q=0.5 , BR;q=0", "gzip"),
        ("br;q=0.000", None),
        ("gzip, br;q=0.1", "br"),
        ("brx, gzi", None),
    ],
)
def test_the_browser_chooses(accepted: str, coding: str | None) -> None:
    assert preferred(accepted) == coding


@given(st.text(alphabet=' ,;=*."-qgzipbr0123456789\t\u0130', max_size=80))
def test_any_wish_gets_an_answer(wish: str) -> None:
    response = middleware()(RequestFactory().get("/x.css", headers={"Accept-Encoding": wish, "If-None-Match": wish}))
    coding = response.headers.get("Content-Encoding")
    content = response.content  # type: ignore[attr-defined]
    assert (UNPACK[coding](content) if coding else content) == BODY


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 900)), max_size=60))
def test_what_is_kept_is_bounded(puts: list[tuple[int, int]]) -> None:
    kept = Kept(most_bytes=3000)
    for name, size in puts:
        kept.put((str(name), "", "br"), b"x" * size)
        assert kept._bytes <= 3000
    assert sum(compression._cost(*item) for item in kept._bodies.items()) == kept._bytes


def test_browsers_keep_what_libraries_bring_and_ask_for_ours(client: Client) -> None:
    assert answer(client, "/static/admin/css/changelists.css", "identity")["Cache-Control"] == "public, max-age=3600"
    assert "max-age=3600" not in answer(client, "/static/css/base.css", "identity")["Cache-Control"]
