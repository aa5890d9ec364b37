"""Operators and sessions in the admin."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts import sessions
from accounts.models import Operator, OperatorSession
from accounts.session_store import hash_key

pytestmark = pytest.mark.django_db(transaction=True)

OPERATORS = reverse("admin:accounts_operator_changelist")
SESSIONS = reverse("admin:accounts_operatorsession_changelist")


def form_of(operator: Operator, **changes: Any) -> dict[str, Any]:
    fields = {name: getattr(operator, name) for name in ("username", "name", "chat_id", "language")}
    fields |= {"is_active": "on", "is_staff": "on", "sessions-TOTAL_FORMS": "0", "sessions-INITIAL_FORMS": "0"}
    return {name: value for name, value in {**fields, **changes}.items() if value}


def change_page(operator: Operator) -> str:
    return reverse("admin:accounts_operator_change", args=[operator.pk])


def test_an_operator_is_added_without_a_password(ayse, sign_in):
    response = sign_in(ayse).post(
        reverse("admin:accounts_operator_add"), form_of(Operator(username=" zehra ", name="Zehra", language="tr"))
    )
    assert response.status_code == 302, response.content
    zehra = Operator.objects.get(username="zehra")
    assert not zehra.has_usable_password()


@pytest.mark.parametrize("bad", [{"username": "a|b"}, {"username": "x" * 65}, {"chat_id": "no chat"}, {"name": ""}])
def test_fields_are_checked(ayse, mehmet, sign_in, bad):
    response = sign_in(ayse).post(change_page(mehmet), form_of(mehmet, **bad))
    assert response.status_code == 200
    mehmet.refresh_from_db()
    assert mehmet.username == "mehmet"


def test_an_operators_page_shows_the_sessions(ayse, mehmet, sign_in):
    key = sign_in(mehmet, REMOTE_ADDR="203.0.113.9").cookies["adminSession"].value
    page = sign_in(ayse).get(change_page(mehmet)).content.decode()
    assert hash_key(key)[:12] in page
    assert "203.0.113.9" in page
    assert key not in page


def test_deactivating_signs_out_at_once(ayse, mehmet, sign_in, pushed):
    key = sign_in(mehmet).cookies["adminSession"].value
    assert sessions.identify_now(key) is not None
    sign_in(ayse).post(change_page(mehmet), form_of(mehmet, is_active=""))
    assert sessions.identify_now(key) is None
    assert pushed == [{"kind": "session.revoked", "keys": [hash_key(key)]}]


def test_deleting_an_operator_signs_out_at_once(ayse, mehmet, sign_in, pushed):
    key = sign_in(mehmet).cookies["adminSession"].value
    sign_in(ayse).post(reverse("admin:accounts_operator_delete", args=[mehmet.pk]), {"post": "yes"})
    assert not Operator.objects.filter(username="mehmet").exists()
    assert sessions.identify_now(key) is None
    assert pushed[0]["keys"] == [hash_key(key)]


@pytest.mark.parametrize("action", ["revoke_all_sessions", "delete_selected"])
def test_actions_on_operators_sign_out(ayse, mehmet, sign_in, pushed, action):
    keys = {hash_key(sign_in(mehmet).cookies["adminSession"].value) for _ in range(2)}
    sign_in(ayse).post(OPERATORS, {"action": action, "_selected_action": [mehmet.pk], "post": "yes"})
    assert set(pushed[0]["keys"]) == keys
    assert sessions.list_sessions("mehmet") == []


def test_sessions_are_listed_and_revoked(ayse, mehmet, sign_in, pushed):
    key = sign_in(mehmet).cookies["adminSession"].value
    boss = sign_in(ayse)
    page = boss.get(SESSIONS).content.decode()
    assert hash_key(key)[:12] in page
    assert "delete_selected" not in page
    boss.post(SESSIONS, {"action": "revoke", "_selected_action": [hash_key(key)]})
    assert sessions.identify_now(key) is None
    assert pushed == [{"kind": "session.revoked", "keys": [hash_key(key)]}]


def test_one_session_is_revoked_from_its_page(ayse, mehmet, sign_in, pushed):
    key_hash = hash_key(sign_in(mehmet).cookies["adminSession"].value)
    boss = sign_in(ayse)
    assert boss.get(reverse("admin:accounts_operatorsession_change", args=[key_hash])).status_code == 200
    boss.post(reverse("admin:accounts_operatorsession_delete", args=[key_hash]), {"post": "yes"})
    assert pushed[0]["keys"] == [key_hash]
    assert not OperatorSession.objects.filter(pk=key_hash).exists()


def test_sessions_are_not_made_by_hand(ayse, sign_in):
    assert sign_in(ayse).get(reverse("admin:accounts_operatorsession_add")).status_code == 403


def test_an_editor_of_operators_cannot_become_superuser(ayse, mehmet, sign_in):
    names = ("change_operator", "view_operator", "view_operatorsession")
    mehmet.user_permissions.set(Permission.objects.filter(codename__in=names))
    browser = sign_in(mehmet)
    assert browser.post(change_page(mehmet), form_of(mehmet, is_superuser="on", name="Memo")).status_code == 302
    mehmet.refresh_from_db()
    assert (mehmet.name, mehmet.is_superuser) == ("Memo", False)


def test_a_plain_operator_manages_no_accounts(mehmet, sign_in):
    browser = sign_in(mehmet)
    assert browser.get(OPERATORS).status_code == 403
    assert browser.get(SESSIONS).status_code == 403
