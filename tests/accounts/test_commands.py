"""Management commands: what operations type, and what scripts read."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts import sessions
from accounts.models import AuditEvent, Operator
from accounts.session_store import hash_key
from notifications.models import Tier
from notifications.telling import recipients
from tests.accounts.conftest import verify

pytestmark = pytest.mark.django_db(transaction=True)


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


class TestCreateOperator:
    def test_creates_without_a_password(self):
        run(
            "createoperator", " zehra ", "--name", "Zehra Su", "--chat-id", "-100123", "--language", "en", "--superuser"
        )
        zehra = Operator.objects.get()
        assert (zehra.username, zehra.name, zehra.chat_id, zehra.language) == ("zehra", "Zehra Su", "-100123", "en")
        assert zehra.is_superuser
        assert zehra.is_staff
        assert not zehra.has_usable_password()

    def test_the_very_first_is_superuser_unless_told_otherwise(self):
        run("createoperator", "admin")
        run("createoperator", "zehra")
        assert list(Operator.objects.values_list("username", "is_superuser")) == [("admin", True), ("zehra", False)]
        run("createoperator", "zehra", "--superuser")
        run("createoperator", "admin", "--no-superuser")
        assert list(Operator.objects.values_list("username", "is_superuser")) == [("admin", False), ("zehra", True)]
        Operator.objects.all().delete()
        run("createoperator", "plain", "--no-superuser")
        assert not Operator.objects.get().is_superuser

    def test_again_changes_what_is_given_and_nothing_else(self):
        run("createoperator", "zehra", "--name", "Zehra", "--chat-id", "5")
        before = Operator.objects.get()
        assert "as it was" in run("createoperator", "zehra", "--name", "Zehra")
        assert "changed: name" in run("createoperator", "zehra", "--name", "Zehra Su")
        after = Operator.objects.get()
        assert (after.name, after.chat_id, after.password) == ("Zehra Su", "5", before.password)
        assert list(AuditEvent.objects.values_list("kind", flat=True)) == ["operator_changed", "operator_created"]

    def test_a_backup_operator_is_told_later(self):
        run("createoperator", "zehra", "--chat-id", "5", "--backup")
        assert [r.admin_id for r in recipients.of_tier(Tier.BACKUP)] == ["zehra"]
        assert "as it was" in run("createoperator", "zehra")
        assert "changed: is_backup" in run("createoperator", "zehra", "--no-backup")
        assert [r.admin_id for r in recipients.of_tier(Tier.OPERATOR)] == ["zehra"]

    def test_a_running_session_survives_a_change(self, ayse, sign_in):
        browser = sign_in(ayse)
        run("createoperator", "ayse", "--name", "A.")
        assert browser.get("/admin/session").status_code == 200

    @pytest.mark.parametrize("words", [("",), ("x" * 65,), ("a|b",), ("ok", "--chat-id", "my chat")])
    def test_bad_values_are_refused_in_words(self, words):
        with pytest.raises(CommandError):
            run("createoperator", *words)
        assert not Operator.objects.exists()


class TestOtp:
    def test_prints_a_fresh_code_alone_on_the_last_line(self, ayse):
        lines = run("otp", "ayse").splitlines()
        assert lines[-1].isdecimal()
        assert len(lines[-1]) == 6
        assert verify(Client(), "ayse", lines[-1]).status_code == 200

    def test_voids_the_code_before(self, ayse):
        first = run("otp", "ayse").split()[-1]
        run("otp", "ayse")
        assert verify(Client(), "ayse", first).status_code == 401

    def test_names_who_there_is(self, ayse):
        with pytest.raises(CommandError, match="ayse"):
            run("otp", "nobody")

    def test_lifts_a_lockout_only_when_told(self, ayse, settings):
        settings.LOCKOUT_FAILURES = 1
        verify(Client(), "ayse", "000000")
        assert verify(Client(), "ayse", run("otp", "ayse").split()[-1]).status_code == 423
        assert verify(Client(), "ayse", run("otp", "ayse", "--unlock").split()[-1]).status_code == 200


class TestSessions:
    def test_lists(self, ayse, mehmet, sign_in):
        key = sign_in(ayse, REMOTE_ADDR="203.0.113.9").cookies["adminSession"].value
        sign_in(mehmet)
        assert "2 session(s)" in run("sessions", "list")
        rows = json.loads(run("sessions", "list", "--operator", "ayse", "--json"))["sessions"]
        assert [(row["admin_id"], row["address"], row["key_hash"]) for row in rows] == [
            ("ayse", "203.0.113.9", hash_key(key))
        ]
        assert key not in run("sessions", "list", "--json")

    def test_revokes_one_by_the_beginning_of_its_hash(self, ayse, sign_in, pushed):
        first, second = (hash_key(sign_in(ayse).cookies["adminSession"].value) for _ in range(2))
        assert json.loads(run("sessions", "revoke", first[:12], "--json")) == {"revoked": 1, "sessions": [first]}
        assert [row.key_hash for row in sessions.list_sessions()] == [second]
        assert pushed == [{"kind": "session.revoked", "keys": [first]}]

    def test_revokes_by_operator_and_all(self, ayse, mehmet, sign_in, pushed):
        for operator in (ayse, ayse, mehmet):
            sign_in(operator)
        assert "2" in run("sessions", "revoke", "--operator", "ayse")
        assert [row.admin_id for row in sessions.list_sessions()] == ["mehmet"]
        assert "1" in run("sessions", "revoke", "--all")
        assert sessions.list_sessions() == []

    @pytest.mark.parametrize("words", [(), ("0123",), ("0" * 12,), ("--all", "--operator", "x")])
    def test_refuses_what_is_unclear(self, db, words):
        with pytest.raises(CommandError):
            run("sessions", "revoke", *words)


def test_notifications_know_the_active_operators(ayse, mehmet):
    mehmet.is_active = False
    mehmet.save()
    told = recipients.of_tier(Tier.OPERATOR)
    assert [(r.admin_id, r.chat_id, r.language) for r in told] == [("ayse", "1001", "tr")]
    assert recipients.operator("mehmet") is None
