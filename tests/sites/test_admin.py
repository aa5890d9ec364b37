"""Sites in the admin: who may edit them, what is refused, and what the trail says."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from accounts.models import AuditEvent
from infra.origins import parse_origin
from sites import lookup
from sites.models import NAME_MAX, Site
from tests.drawn import drawn
from tests.sites.form import filled
from tests.sites.test_lookup import HOSTILE
from tests.sites.test_origins import HOSTILE as HOSTILE_ORIGINS

LIST, ADD = "/admin/sites/site/", "/admin/sites/site/add/"


def page_of(site: Site) -> str:
    return f"{LIST}{site.pk}/change/"


def save(client: Client, url: str = ADD, **fields: Any) -> Any:
    return client.post(url, filled(**fields))


def errors(response: Any) -> str:
    return " ".join(re.findall(r'class="errorlist[^>]*>(.*?)</ul>', response.content.decode(), re.DOTALL))


def test_only_whom_somebody_has_given_it_may_edit_sites(owner: Client, deniz: Client, client: Client) -> None:
    default = Site.objects.get()
    for address in (LIST, ADD, page_of(default)):
        assert client.get(address).status_code == 302
        assert deniz.get(address).status_code == 403
        assert owner.get(address).status_code == 200
    assert save(deniz).status_code == 403
    assert Site.objects.count() == 1


def test_a_site_is_made_with_a_key_and_the_trail_says_so(owner: Client, settings: Any) -> None:
    settings.ALLOWED_ORIGINS = ["https://shop.example"]
    lines = "HTTPS://Shop.example:443\n\n https://shop.example "
    assert save(owner, origins=lines, languages=["tr", "en"], first_language="en").status_code == 302
    site = Site.objects.get(name="Shop")
    assert (site.origins, site.languages) == (["https://shop.example"], ["en", "tr"])
    assert site.key in owner.get(LIST).content.decode()
    made = AuditEvent.objects.get(kind="site_created")
    assert (made.actor, made.detail["key"]) == ("owner", site.key)
    # Saved as it was, it is no change.
    assert save(owner, page_of(site), origins=lines, languages=["tr", "en"], first_language="en").status_code == 302
    assert save(owner, page_of(site), name="Store").status_code == 302
    changed = AuditEvent.objects.get(kind="site_changed")
    assert changed.detail["name"] == ["Shop", "Store"]
    assert changed.detail["languages"] == [["en", "tr"], []]
    assert owner.post(f"{LIST}{site.pk}/delete/", {"post": "yes"}).status_code == 302
    assert AuditEvent.objects.get(kind="site_deleted").detail["site"] == "Store"


def test_the_default_site_can_be_edited_and_stays(owner: Client) -> None:
    default = Site.objects.get(key="")
    assert save(owner, page_of(default), name="", languages=["tr"]).status_code == 302
    lookup.sites.forget()
    assert lookup.find("").site.languages == ("tr",)
    assert owner.post(f"{LIST}{default.pk}/delete/", {"post": "yes"}).status_code == 403
    owner.post(LIST, {"action": "delete_selected", "_selected_action": [default.pk], "post": "yes"})
    assert Site.objects.filter(key="").exists()


@pytest.mark.parametrize("line", [line for line in HOSTILE_ORIGINS if line.strip()])
def test_what_is_no_origin_is_named(owner: Client, settings: Any, line: str) -> None:
    settings.SITES_MAY_ADD_ORIGINS = True
    response = save(owner, origins=f"https://shop.example\n{line}")
    assert response.status_code == 200
    assert errors(response)


def test_only_ops_widen_the_bound(owner: Client, settings: Any) -> None:
    settings.ALLOWED_ORIGINS = ["https://shop.example"]
    assert "https://more.example" in errors(save(owner, origins="https://shop.example\nhttps://more.example"))
    assert "50" in errors(save(owner, origins="\n".join(f"https://s{n}.example" for n in range(51))))
    settings.SITES_MAY_ADD_ORIGINS = True
    assert save(owner, origins="https://shop.example\nhttps://more.example").status_code == 302


def test_the_first_language_is_one_that_is_offered(owner: Client) -> None:
    assert errors(save(owner, languages=["tr"], first_language="en"))
    assert errors(save(owner, languages=["tr"], first_language="xx"))
    assert errors(save(owner, languages=["xx"]))
    assert save(owner, first_language="en").status_code == 302
    assert Site.objects.get(name="Shop").languages == ["en", "tr"]


hostile = st.one_of(st.text(max_size=200), st.sampled_from([word[:3000] for word in [*HOSTILE, *HOSTILE_ORIGINS]]))


@examples(max_examples=drawn(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=hostile, origins=st.lists(hostile, max_size=4).map("\n".join), first=hostile)
def test_no_form_breaks_it(owner: Client, settings: Any, name: str, origins: str, first: str) -> None:
    settings.SITES_MAY_ADD_ORIGINS = True
    Site.objects.exclude(key="").delete()
    fields = {"name": name, "origins": origins, "first_language": first}
    answer = save(owner, **{key: value.encode("utf-8", "replace").decode() for key, value in fields.items()})
    assert answer.status_code in (200, 302)
    if answer.status_code == 302:
        site = Site.objects.exclude(key="").get()
        assert 0 < len(site.name) <= NAME_MAX
        assert all(str(parse_origin(origin)) == origin for origin in site.origins)
        assert owner.get(LIST).status_code == 200


def test_the_typing_preview_is_switched_on_and_off_and_the_trail_says_so(owner: Client) -> None:
    site = Site.objects.create(name="Shop")
    assert "typingPreview" not in owner.get(f"/?site={site.key}").content.decode()
    for on in (True, False):
        assert save(owner, page_of(site), **({"typing_preview": "on"} if on else {})).status_code == 302
        lookup.sites.forget()
        assert lookup.find(site.key).site.typing_preview is on
        assert ('"typingPreview": true' in owner.get(f"/?site={site.key}").content.decode()) is on
    trail = AuditEvent.objects.filter(kind="site_changed").values_list("detail__typing_preview", flat=True)
    assert sorted(trail) == [[False, True], [True, False]]
