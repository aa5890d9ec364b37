"""What happened stays as it was written."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts import audit_log
from accounts.clients import Client as Party
from accounts.flows.issue_otp import issue_otp
from accounts.models import AuditEvent, Operator
from accounts.models.audit import AppendOnlyError
from tests.accounts.conftest import request_code, verify, wrong

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> AuditEvent:
    browser = Party("203.0.113.9", "Firefox", "r1")
    return audit_log.record(audit_log.Kind.LOGIN, "ayse", browser, session="a" * 64, step=1)


def test_an_event_says_who_from_where_and_when(event):
    event.refresh_from_db()
    assert (event.kind, event.actor, event.address, event.user_agent) == ("login", "ayse", "203.0.113.9", "Firefox")
    assert (event.session, event.request_id, event.detail) == ("a" * 12, "r1", {"step": 1})
    assert event.created is not None


def same_as(event: AuditEvent) -> bool:
    return AuditEvent.objects.filter(pk=event.pk, actor="ayse").count() == AuditEvent.objects.count() == 1


@pytest.mark.parametrize(
    "attempt",
    [
        lambda e: e.save(),
        lambda e: e.save(update_fields=["actor"]),
        lambda e: e.save(force_update=True),
        lambda e: e.delete(),
        lambda e: AuditEvent(pk=e.pk, kind="login", actor="x").save(force_update=True),
        lambda e: AuditEvent.objects.update(actor="x"),
        lambda e: AuditEvent.objects.filter(pk=e.pk).update(actor="x"),
        lambda e: AuditEvent.objects.all().delete(),
        lambda e: AuditEvent.objects.filter(pk=e.pk).delete(),
        lambda e: AuditEvent.objects.bulk_update([e], ["actor"]),
        lambda e: AuditEvent.objects.update_or_create(pk=e.pk, defaults={"actor": "x"}),
        lambda e: AuditEvent.objects.bulk_create(
            [AuditEvent(pk=e.pk, kind="login", actor="x")],
            update_conflicts=True,
            update_fields=["actor"],
            unique_fields=["id"],
        ),
        lambda e: AuditEvent._base_manager.all().delete(),
        lambda e: AuditEvent._base_manager.update(actor="x"),
        lambda e: AuditEvent._default_manager.all()._raw_delete("default"),
    ],
)
def test_the_orm_cannot_change_it(event, attempt):
    event.actor = "x"
    with pytest.raises(Exception, match=r"append-only|UNIQUE|duplicate") as raised:
        attempt(event)
    assert isinstance(raised.value, AppendOnlyError) or "UNIQUE" in str(raised.value)


def test_the_orm_did_not_change_it(event):
    for attempt in (event.save, event.delete, AuditEvent.objects.all().delete):
        with pytest.raises(AppendOnlyError):
            attempt()
    assert same_as(event)


def test_deleting_the_operator_leaves_the_trail(ayse, event):
    ayse.delete()
    assert same_as(event)


def test_the_admin_only_shows_it(ayse, sign_in):
    browser = sign_in(ayse)
    event = AuditEvent.objects.get(kind="login")
    listing, page = (
        reverse("admin:accounts_auditevent_changelist"),
        reverse("admin:accounts_auditevent_change", args=[event.pk]),
    )
    assert browser.get(listing).status_code == 200
    assert browser.get(page).status_code == 200
    assert browser.post(page, {"actor": "x", "_save": "1"}).status_code == 403
    assert browser.get(reverse("admin:accounts_auditevent_add")).status_code == 403
    assert browser.post(reverse("admin:accounts_auditevent_add"), {"kind": "login"}).status_code == 403
    assert (
        browser.post(reverse("admin:accounts_auditevent_delete", args=[event.pk]), {"post": "yes"}).status_code == 403
    )
    browser.post(listing, {"action": "delete_selected", "_selected_action": [event.pk], "post": "yes"})
    assert list(AuditEvent.objects.values_list("kind", "actor")) == [("login", "ayse"), ("otp_issued", "ayse")]
    assert admin.site.get_model_admin(AuditEvent).actions is None


def test_a_stranger_does_not_see_it(client, db):
    assert client.get(reverse("admin:accounts_auditevent_changelist")).status_code == 302


def test_sign_in_leaves_its_trail(ayse, settings):
    settings.LOCKOUT_FAILURES = 2
    browser = Client(REMOTE_ADDR="203.0.113.9", headers={"User-Agent": "Fire\tfox"})
    request_code(browser, "ayse")
    code = issue_otp(ayse)
    verify(browser, "ayse", wrong(code))
    verify(browser, "ayse", code)
    verify(browser, "ayse", "000000")
    verify(browser, "ayse", "000000")
    kinds = list(AuditEvent.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["otp_requested", "otp_issued", "failed_code", "login", "failed_code", "failed_code", "lockout"]
    login = AuditEvent.objects.get(kind="login")
    assert (login.actor, login.address, login.user_agent) == ("ayse", "203.0.113.9", "Fire fox")
    assert login.request_id
    assert len(login.session) == 12


def test_unknown_names_are_recorded_as_typed(db):
    request_code(Client(), "<script>")
    event = AuditEvent.objects.get()
    assert (event.actor, event.detail) == ("<script>", {"known": False})
    assert not Operator.objects.exists()
