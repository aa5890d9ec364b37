"""The colours of a site: what is refused, what is derived, and that all of it can be read."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from infra.colours import contrast, parse
from sites import colours, lookup
from sites.colours import PART, TEXT, Colours, Painted, Theme
from sites.models import Site
from sites.views import colours_url
from tests.sites.test_admin import errors, page_of, save
from tests.support.test_pages import config_of

hexes = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
BROKEN = ["", " ", "red", "#12", "#1234567", "#ffcc00;}*{display:none", "\x00", "#\u0661\u0661\u0661", "x" * 500]


def of_sheet(sheet: str) -> list[dict[str, str]]:
    """The tokens of each rule: light, dark by the browser, dark by choice."""
    rules = re.findall(r":root[^{}]*\{([^}]*)\}", sheet)
    return [dict(re.findall(r"--ad-([\w-]+):([^;}]+)", rule)) for rule in rules]


def legible(tokens: dict[str, str], theme: Theme) -> None:
    for ground in ("primary", "primary-hover"):
        assert contrast(tokens["on-primary"], tokens[ground]) >= TEXT
        assert min(contrast(tokens[ground], surface) for surface in theme.surfaces) >= PART
    for ground in ("bubble-own", "bubble-hover"):
        assert contrast(tokens["on-bubble-own"], tokens[ground]) >= TEXT
    for ground in (*theme.surfaces, tokens["primary-soft"]):
        assert contrast(tokens["primary-text"], ground) >= TEXT
    for ground in (tokens["primary-soft"], tokens["bg-tint"]):
        assert contrast(theme.muted, ground) >= TEXT


@given(hexes, st.one_of(hexes, st.just("")), st.booleans())
def test_all_that_is_painted_can_be_read(light: str, dark: str, head: bool) -> None:
    painted = Colours(light, dark, head).settled()
    assert painted is not None
    day, night = colours.themes()
    assert colours.fits(painted.light, day)
    assert colours.fits(painted.dark, night)
    of_day, automatic, chosen = of_sheet(colours.sheet(painted))
    assert automatic == chosen
    legible(of_day, day)
    legible(chosen, night)
    button = colours.launcher(painted.light)
    for ground in ("primary", "primaryHover"):
        assert contrast(button["onPrimary"], button[ground]) >= TEXT


@given(hexes, hexes)
def test_a_sheet_of_whatever_colours_can_be_read(light: str, dark: str) -> None:
    of_day, _automatic, of_night = of_sheet(colours.sheet(Painted(light, dark)))
    for tokens, theme in zip((of_day, of_night), colours.themes(), strict=True):
        legible(tokens, theme)


@given(st.one_of(st.text(max_size=30), st.sampled_from(BROKEN)), st.one_of(st.text(max_size=30), hexes))
def test_what_is_no_colour_paints_nothing(light: str, dark: str) -> None:
    painted = Colours(light, dark).settled()
    assert (painted is None) == (parse(light) is None)


def test_what_fits_is_left_alone() -> None:
    assert Colours("#0B1F4D", "#ffcc00").settled() == Painted("#0b1f4d", "#ffcc00")


def test_a_colour_for_the_dark_is_made_where_none_is_named() -> None:
    painted = Colours("#0b1f4d").settled()
    assert painted is not None
    assert contrast(painted.dark, colours.themes()[1].surface) > 6


# -- in the admin ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "colour", "said"),
    [
        ("colour", "#ffcc00", "1.3:1"),
        ("colour", "#f08a63", "too close to the light page"),
        ("dark_colour", "#0b1f4d", "too close to the dark page"),
        ("dark_colour", "#888888", ""),
    ],
)
def test_what_cannot_be_seen_is_refused_and_the_nearest_offered(
    owner: Client, field: str, colour: str, said: str
) -> None:
    answer = save(owner, **{"colour": "#0b1f4d", field: colour})
    if not said:
        assert answer.status_code == 302
        return
    text = errors(answer)
    assert said in text
    taken = re.search(r'data-take="(#[0-9a-f]{6})"', text)
    assert taken
    assert f'fill="{taken[1]}"' in text
    assert save(owner, **{"colour": "#0b1f4d", field: taken[1]}).status_code == 302


def test_text_that_cannot_be_read_is_refused() -> None:
    day, _night = colours.themes()
    between = next(
        grey for level in range(256) if contrast(grey := f"#{level:02x}{level:02x}{level:02x}", day.ground) >= PART
        and max(contrast(grey, ink) for ink in (colours.WHITE, colours.INK)) < TEXT
    )  # fmt: skip
    assert not colours.fits(between, day)
    assert colours.fits(colours.nearest_fitting(between, day), day)


def test_a_site_is_painted(owner: Client, client: Client) -> None:
    assert "Choose this one first" in errors(save(owner, dark_colour="#ffcc00"))
    assert save(owner, colour="0B1F4D", paints_head="on").status_code == 302
    site = Site.objects.get(name="Shop")
    assert (site.colour, site.dark_colour, site.paints_head) == ("#0b1f4d", "", True)
    lookup.sites.clear()
    page = client.get("/widget/", {"site": site.key}).content.decode()
    address = re.search(r'<link rel="stylesheet" href="(/colours/[^"]+)">', page)
    assert address
    assert page.index(address[1]) > page.index("customer.part")
    sheet = client.get(address[1])
    assert sheet["Content-Type"].startswith("text/css")
    assert "immutable" in sheet["Cache-Control"]
    assert "--ad-primary:#0b1f4d" in sheet.content.decode()
    assert ".ad-head{background:var(--ad-bubble-own)" in sheet.content.decode()
    # An address of another release: the colours of today, for now.
    other = client.get(re.sub(r"\.[0-9a-f]{8}\.css", ".00000000.css", address[1]))
    assert other.content == sheet.content
    assert "immutable" not in other["Cache-Control"]
    assert "/colours/" not in client.get("/widget/").content.decode()
    assert save(owner, page_of(site), colour="").status_code == 302
    lookup.sites.clear()
    assert "/colours/" not in client.get("/widget/", {"site": site.key}).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_row_paints_nothing(client: Client, broken: str) -> None:
    assert colours_url(Site(colour=broken, dark_colour=broken).profile().colours) == ""
    assert client.get(f"/colours/{broken.strip() or 'x'}-ffffff-plain.00000000.css").status_code in (400, 404)


@examples(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.text(max_size=40), hexes, st.sampled_from(BROKEN)), st.one_of(st.text(max_size=40), hexes))
def test_no_colour_breaks_the_form(owner: Client, colour: str, dark: str) -> None:
    fields: dict[str, Any] = {"colour": colour, "dark_colour": dark}
    answer = save(owner, **{key: value.encode("utf-8", "replace").decode() for key, value in fields.items()})
    assert answer.status_code in (200, 302)
    if answer.status_code == 302:
        site = Site.objects.exclude(key="").latest("pk")
        for saved, theme in zip((site.colour, site.dark_colour), colours.themes(), strict=True):
            assert saved == "" or colours.fits(saved, theme)


@pytest.mark.usefixtures("redis_server")
def test_the_default_site_is_painted_too(owner: Client, client: Client) -> None:
    assert save(owner, page_of(Site.objects.get(key="")), name="", colour="#c2185b").status_code == 302
    lookup.sites.clear()
    page = client.get("/widget/")
    assert "site" not in config_of(page)
    assert "/colours/c2185b-" in page.content.decode()
