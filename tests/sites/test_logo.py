"""The logo of a site: what may be one, what of it is kept, and who fetches it."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from PIL import Image

from accounts.models import AuditEvent
from sites import lookup
from sites.models import LOGO_BOX, Logo, Site
from tests.desk.files import samples
from tests.drawn import drawn
from tests.sites.form import filled
from tests.sites.test_admin import LIST, errors, page_of

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def upload(owner: Client, content: bytes, name: str = "logo.png", **fields: Any) -> Any:
    """Onto the default site."""
    site = Site.objects.get(key="")
    answer = owner.post(page_of(site), {**filled(name="", **fields), "logo": SimpleUploadedFile(name, content)})
    lookup.sites.clear()
    return answer


def head(client: Client) -> str:
    page = client.get("/widget/").content.decode()
    return page[page.index('class="ad-brand"') : page.index("ad-head__buttons")]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_picture_becomes_a_small_logo(owner: Client, client: Client, kind: str) -> None:
    content = samples.picture(kind, (900, 300), "RGBA" if kind == "PNG" else "RGB")
    assert upload(owner, content, brand="  Leather & <b> ").status_code == 302
    shown = re.search(
        r'<img class="ad-logo" src="(/logos/\w+\.webp)" alt="Leather &amp; &lt;b&gt;" width="(\d+)" height="(\d+)">',
        head(client),
    )
    assert shown
    assert "Adminara" not in head(client)
    answer = client.get(shown[1])
    assert answer["Content-Type"] == "image/webp"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer["Cache-Control"]
    with Image.open(BytesIO(answer.content)) as picture:
        assert picture.format == "WEBP"
        assert picture.size == (int(shown[2]), int(shown[3])) == (288, LOGO_BOX[1])


def test_nothing_of_a_photo_but_its_pixels_is_kept(owner: Client) -> None:
    assert upload(owner, samples.photo(orientation=6)).status_code == 302
    logo = Logo.objects.get()
    content = bytes(logo.content)
    assert b"Secret" not in content
    assert b"at home" not in content
    # Upright.
    assert logo.width < logo.height
    assert upload(owner, samples.moving("GIF")).status_code == 302
    with Image.open(BytesIO(bytes(Logo.objects.get().content))) as picture:
        assert getattr(picture, "n_frames", 1) == 1


def test_it_is_changed_and_taken_away(owner: Client, client: Client) -> None:
    assert upload(owner, samples.picture()).status_code == 302
    first = Logo.objects.get().digest
    # The form without a file leaves it.
    site = Site.objects.get(key="")
    assert f"/logos/{first}.webp" in owner.get(page_of(site)).content.decode()
    assert owner.post(page_of(site), filled(name="", brand="Shop")).status_code == 302
    assert Logo.objects.get().digest == first
    assert upload(owner, samples.picture(size=(50, 20))).status_code == 302
    second = Logo.objects.get().digest
    assert second != first
    assert client.get(f"/logos/{first}.webp").status_code == 404
    assert owner.post(page_of(site), {**filled(name="", brand="Shop"), "logo-clear": "on"}).status_code == 302
    lookup.sites.clear()
    assert not Logo.objects.exists()
    assert "<bdi>Shop</bdi>" in head(client)
    assert client.get(f"/logos/{second}.webp").status_code == 404
    told = [event.detail.get("logo") for event in AuditEvent.objects.filter(kind="site_changed").order_by("pk")]
    assert told == [["", first], None, [first, second], [second, ""]]
    owner.post(f"{LIST}add/", filled())
    assert "Adminara" in client.get("/widget/", {"site": Site.objects.exclude(key="").get().key}).content.decode()


REFUSED: dict[str, tuple[bytes | Callable[[], bytes], str]] = {
    "an SVG": (SVG, "cannot be read"),
    "a page": (b"<html><script>alert(1)</script>", "cannot be read"),
    "a PDF": (samples.PDF, "cannot be read"),
    "a BMP": (samples.picture("BMP"), "cannot be read"),
    "a TIFF": (samples.picture("TIFF"), "cannot be read"),
    "half a picture": (samples.picture()[:60], "cannot be read"),
    "nothing": (b"", "empty"),
    "the beginning of a picture": (b"\x89PNG\r\n\x1a\n" + bytes(200), "cannot be read"),
    # Made when it is asked for: each worker of a run reads this list, and it takes a third of a second.
    "too many pixels": (lambda: samples.picture("PNG", (9000, 9000), "1"), "too many pixels"),
    "too many bytes": (b"\x89PNG" + bytes(200 * 1024), "180"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_logo_is_refused(owner: Client, what: str) -> None:
    content, said = REFUSED[what]
    answer = upload(owner, content() if callable(content) else content, "../../evil.svg")
    assert answer.status_code == 200
    assert said in errors(answer)
    assert not Logo.objects.exists()


@pytest.mark.django_db
def test_whoever_makes_up_addresses_costs_no_query(client: Client) -> None:
    lookup.sites.clear()
    lookup.current()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        for digest in ("0" * 16, "f" * 16):
            assert client.get(f"/logos/{digest}.webp").status_code == 404
    assert not asked.captured_queries
    for path in ("x.webp", "../x.webp", "0" * 17 + ".webp", "0" * 16 + ".svg"):
        assert client.get(f"/logos/{path}").status_code == 404


def test_the_snapshot_holds_no_pictures(owner: Client) -> None:
    assert upload(owner, samples.picture()).status_code == 302
    with CaptureQueriesContext(connection) as asked:
        assert lookup.find("").site.logo is not None
    assert not [one for one in asked.captured_queries if '"content"' in one["sql"]]


@examples(max_examples=drawn(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=400),
        st.tuples(
            st.sampled_from(["PNG", "JPEG", "WEBP", "GIF"]), st.integers(0, 300), st.binary(min_size=1, max_size=9)
        ),
    ),
    st.text(max_size=60),
)
def test_no_bytes_break_it(owner: Client, given: Any, brand: str) -> None:
    content = given
    if isinstance(given, tuple):
        kind, place, noise = given
        whole = samples.picture(kind)
        content = whole[:place] + noise + whole[place + len(noise) :]
    answer = upload(owner, content, brand=brand.encode("utf-8", "replace").decode())
    assert answer.status_code in (200, 302)
    for logo in Logo.objects.all():
        assert 0 < logo.width <= LOGO_BOX[0]
        assert 0 < logo.height <= LOGO_BOX[1]
