"""What every operator may do, what takes more; the trail shows an operator's own entries alone."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts.access.permissions import OF_EVERY_OPERATOR
from accounts.clients import NOBODY
from accounts.devices import device_of
from accounts.flows.revoke_session import revoke_all
from accounts.models import AuditEvent, Operator, OperatorSession

AUDIT = "/admin/accounts/auditevent/"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"


def test_every_permission_named_there_exists(db):
    known = Permission.objects.values_list("content_type__app_label", "codename")
    assert {f"{app}.{name}" for app, name in known} >= OF_EVERY_OPERATOR


@pytest.mark.parametrize(
    ("page", "status"),
    [
        ("queueing/conversation/", 200),
        ("queueing/blockentry/", 200),
        ("queueing/blockentry/add/", 200),
        ("notifications/outboxmessage/", 200),
        ("desk/cannedreply/", 200),
        ("desk/cannedreply/add/", 200),
        ("desk/note/", 200),
        ("desk/note/add/", 403),
        ("desk/outcome/", 403),
        ("desk/tag/add/", 403),
        ("accounts/auditevent/", 200),
        ("accounts/operator/", 403),
        ("accounts/operator/add/", 403),
        ("accounts/operatorsession/", 403),
        ("auth/group/", 403),
    ],
)
def test_pages_of_a_plain_operator(mehmet, sign_in, page, status):
    assert sign_in(mehmet).get(f"/admin/{page}").status_code == status


def test_a_refusal_says_who_is_signed_in_and_what_is_missing(mehmet, sign_in):
    page = sign_in(mehmet).get("/admin/accounts/operator/", headers={"Accept-Language": "en"}).content.decode()
    assert "You are signed in as mehmet" in page or "mehmet olarak giriş yaptınız" in page


def test_who_may_not_open_the_console_has_none_of_it(mehmet):
    mehmet.is_staff = False
    assert not mehmet.has_perm("queueing.view_conversation")
    mehmet.is_staff, mehmet.is_active = True, False
    assert not mehmet.has_perm("queueing.view_conversation")


def test_an_operator_cannot_lift_a_block(mehmet):
    assert mehmet.has_perm("queueing.add_blockentry")
    assert not mehmet.has_perm("queueing.delete_blockentry")


def test_the_trail_shows_an_operator_his_own_entries(ayse, mehmet, sign_in):
    sign_in(ayse)
    browser = sign_in(mehmet)
    shown = browser.get(AUDIT).context["cl"].queryset
    assert set(shown.values_list("actor", flat=True)) == {"mehmet"}
    other = AuditEvent.objects.filter(actor="ayse").first()
    assert browser.get(f"{AUDIT}{other.pk}/change/").status_code == 302
    mehmet.user_permissions.add(Permission.objects.get(codename="view_auditevent"))
    assert {"ayse", "mehmet"} <= set(browser.get(AUDIT).context["cl"].queryset.values_list("actor", flat=True))


def test_the_trail_is_searched_and_filtered_and_never_changed(ayse, sign_in):
    browser = sign_in(ayse, REMOTE_ADDR="203.0.113.9", headers={"User-Agent": CHROME})
    page = browser.get(AUDIT, {"q": "203.0.113.9", "kind__exact": "login"})
    assert page.context["cl"].result_count == 1
    assert "Chrome · Windows" in page.content.decode()
    event = AuditEvent.objects.get(kind="login")
    assert browser.post(f"{AUDIT}{event.pk}/change/", {"actor": "x"}).status_code == 403
    assert browser.post(f"{AUDIT}{event.pk}/delete/", {"post": "yes"}).status_code == 403
    assert browser.get(f"{AUDIT}add/").status_code == 403


def test_the_page_of_an_operator_lists_devices_and_revokes_one(ayse, mehmet, sign_in, pushed):
    theirs = sign_in(mehmet, REMOTE_ADDR="203.0.113.9", headers={"User-Agent": CHROME})
    browser = sign_in(ayse)
    session = OperatorSession.objects.get(operator=mehmet)
    text = browser.get(reverse("admin:accounts_operator_change", args=[mehmet.pk])).content.decode()
    assert "Chrome · Windows" in text
    assert "203.0.113.9" in text
    revoke = reverse("admin:accounts_operatorsession_delete", args=[session.pk])
    assert revoke in text
    assert browser.post(revoke, {"post": "yes"}).status_code == 302
    assert theirs.get("/admin/session").status_code == 401


@pytest.mark.django_db(transaction=True)
def test_one_button_signs_an_operator_out_everywhere(ayse, mehmet, sign_in, pushed):
    phone, desk = sign_in(mehmet), sign_in(mehmet)
    browser = sign_in(ayse)
    address = reverse("admin:accounts_operator_sign_out", args=[mehmet.pk])
    assert browser.get(address).status_code == 405
    assert sign_in(mehmet).post(address).status_code == 403
    assert browser.post(address).status_code == 302
    assert [client.get("/admin/session").status_code for client in (phone, desk)] == [401, 401]
    assert any(event["kind"] == "session.revoked" for event in pushed)
    assert revoke_all("mehmet", by="command", client=NOBODY) == 0


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (CHROME, "Chrome · Windows"),
        (CHROME + " Edg/130.0", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1", "Safari · iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0", "Firefox · Linux"),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36", "Chrome · Android"),
        ("curl/8.5.0", "curl/8.5.0"),
    ],
)
def test_devices_in_a_few_words(agent: str, device: str) -> None:
    assert device_of(agent) == device


def test_a_page_of_a_stranger_says_nothing(client, db):
    Operator.objects.create_user("zeynep", name="Zeynep")
    assert client.get("/admin/accounts/operator/1/sign-out/").status_code == 302
