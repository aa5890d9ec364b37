"""Nobody changes, signs out or deletes who has rights that they lack: every actor, every target, every act."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from accounts import sessions
from accounts.flows.issue_otp import issue_otp
from accounts.models import AuditEvent, Operator, OperatorSession
from notifications.models import OutboxMessage
from tests.accounts.conftest import verify
from tests.accounts.test_admin_pages import OPERATORS, SESSIONS, change_page, form_of
from tests.drawn import ON_POSTGRES

pytestmark = pytest.mark.django_db

EDITS = [f"{verb}_{model}" for verb in ("view", "change", "delete", "add") for model in ("operator", "operatorsession")]
EXTRA = "delete_blockentry"
ACTORS = {"editor": EDITS, "editor with the right": [*EDITS, EXTRA], "superuser": []}
TARGETS = ("plain", "with a right", "in a group", "superuser", "inactive superuser", "superuser without the console")
MAY = {
    "editor": {"plain"},
    "editor with the right": {"plain", "with a right", "in a group"},
    "superuser": set(TARGETS),
}
GROUPS = reverse("admin:auth_group_changelist")


def permissions(*names: str) -> list[Permission]:
    return list(Permission.objects.filter(codename__in=names))


def actor_of(kind: str) -> Operator:
    actor = Operator.objects.create_user("actor", name="Actor", is_superuser=kind == "superuser")
    actor.user_permissions.set(permissions(*ACTORS[kind]))
    return actor


def target_of(kind: str) -> Operator:
    target = Operator.objects.create_user(
        "target",
        name="Target",
        chat_id="777",
        is_superuser="superuser" in kind,
        is_staff=kind != "superuser without the console",
    )
    if kind == "with a right":
        target.user_permissions.set(permissions(EXTRA))
    if kind == "in a group":
        group = Group.objects.create(name="lifters")
        group.permissions.set(permissions(EXTRA))
        target.groups.set([group])
    return target


def act(browser: Client, verb: str, target: Operator, session: str) -> None:
    delete_session = reverse("admin:accounts_operatorsession_delete", args=[session])
    chosen = {"_selected_action": [target.pk], "post": "yes"}
    match verb:
        case "chat":
            browser.post(change_page(target), form_of(target, chat_id="666"))
        case "name":
            browser.post(change_page(target), form_of(target, name="Somebody else"))
        case "deactivate":
            browser.post(change_page(target), form_of(target, is_active=""))
        case "delete":
            browser.post(reverse("admin:accounts_operator_delete", args=[target.pk]), {"post": "yes"})
        case "bulk delete":
            browser.post(OPERATORS, {"action": "delete_selected", **chosen})
        case "bulk sign-out":
            browser.post(OPERATORS, {"action": "revoke_all_sessions", **chosen})
        case "sign out":
            browser.post(reverse("admin:accounts_operator_sign_out", args=[target.pk]))
        case "delete session":
            browser.post(delete_session, {"post": "yes"})
        case "bulk revoke":
            browser.post(SESSIONS, {"action": "revoke", "_selected_action": [session]})


def state_of(target: Operator) -> dict[str, object] | None:
    fields = Operator.objects.filter(pk=target.pk).values("username", "name", "chat_id", "is_active", "device_epoch")
    living = [row.key_hash for row in sessions.list_sessions(target.username)]
    return {**fields[0], "sessions": living} if fields else None


VERBS = (
    *("chat", "name", "deactivate", "delete", "bulk delete"),
    *("bulk sign-out", "sign out", "delete session", "bulk revoke"),
)


# Every kind of statement that the whole table sends, these send: the rest would tell PostgreSQL nothing new.
@pytest.mark.parametrize("actor_kind", ["editor with the right", "superuser"] if ON_POSTGRES else ACTORS)
@pytest.mark.parametrize("target_kind", ["with a right"] if ON_POSTGRES else TARGETS)
@pytest.mark.parametrize("verb", VERBS)
def test_who_may_do_what_to_whom(sign_in, actor_kind, target_kind, verb):
    target = target_of(target_kind)
    Operator.objects.filter(pk=target.pk).update(is_staff=True)
    verify(Client(), "target", issue_otp(target))
    Operator.objects.filter(pk=target.pk).update(
        is_staff=target.is_staff, is_active=target_kind != "inactive superuser"
    )
    target.refresh_from_db()
    session = OperatorSession.objects.get(operator=target).key_hash
    browser = sign_in(actor_of(actor_kind))
    before = state_of(target)
    trail = AuditEvent.objects.count()

    act(browser, verb, target, session)

    idle = verb == "deactivate" and not target.is_active
    allowed = target_kind in MAY[actor_kind]
    if not allowed:
        assert state_of(target) == before
        assert AuditEvent.objects.count() == trail
    elif not idle:
        assert state_of(target) != before
        assert AuditEvent.objects.filter(actor="target", detail__by="actor").exists()
    told = OutboxMessage.objects.filter(kind="account_changed", chat_id="777").exists()
    changes = verb in ("chat", "name", "deactivate", "delete", "bulk delete")
    assert told == (allowed and changes)


def test_the_trail_says_what_it_was_before_and_the_old_chat_is_told(ayse, mehmet, sign_in):
    group = Group.objects.create(name="lifters")
    sign_in(ayse).post(change_page(mehmet), form_of(mehmet, chat_id="666", is_superuser="on", groups=[group.pk]))
    event = AuditEvent.objects.get(kind="operator_changed")
    changes = {"chat_id": ["1002", "666"], "is_superuser": [False, True], "groups": [[], ["lifters"]]}
    assert (event.actor, event.detail) == ("mehmet", {"by": "ayse", **changes})
    message = OutboxMessage.objects.get(kind="account_changed")
    assert (message.chat_id, message.admin_id) == ("1002", "mehmet")
    expected = {"account": "mehmet", "fields": ["chat_id", "is_superuser", "groups"], "by": "ayse"}
    assert message.context.items() >= expected.items()


def test_nothing_changed_is_no_event(ayse, mehmet, sign_in):
    sign_in(ayse).post(change_page(mehmet), form_of(mehmet))
    assert not AuditEvent.objects.filter(kind="operator_changed").exists()
    assert not OutboxMessage.objects.exists()


def test_an_editor_grants_no_rights(mehmet, sign_in):
    actor = actor_of("editor with the right")
    group = Group.objects.create(name="everything")
    group.permissions.set(Permission.objects.all())
    every = [one.pk for one in Permission.objects.all()]
    for who in (mehmet, actor):
        browser = sign_in(actor)
        browser.post(change_page(who), form_of(who, is_superuser="on", groups=[group.pk], user_permissions=every))
        who.refresh_from_db()
        assert not who.is_superuser
        assert not who.groups.exists()
    assert not mehmet.user_permissions.exists()


@pytest.fixture
def keeper(db) -> Operator:
    """May change groups, and lift blocks."""
    keeper = Operator.objects.create_user("keeper", name="Keeper")
    keeper.user_permissions.set(permissions("add_group", "change_group", "delete_group", "view_group", EXTRA))
    return keeper


def test_a_group_is_filled_only_with_rights_that_one_has(keeper, sign_in):
    group = Group.objects.create(name="lifters")
    page = reverse("admin:auth_group_change", args=[group.pk])
    browser = sign_in(keeper)
    browser.post(page, {"name": "lifters", "permissions": [one.pk for one in permissions(EXTRA, "change_operator")]})
    assert not group.permissions.exists()
    browser.post(page, {"name": "lifters", "permissions": [one.pk for one in permissions(EXTRA)]})
    assert [one.codename for one in group.permissions.all()] == [EXTRA]


@pytest.mark.parametrize("why", ["its rights", "its member"])
def test_a_group_with_more_rights_is_left_alone(ayse, keeper, sign_in, why):
    group = Group.objects.create(name="more")
    if why == "its rights":
        group.permissions.set(permissions("change_operator"))
    else:
        ayse.groups.set([group])
    browser = sign_in(keeper)
    browser.post(reverse("admin:auth_group_change", args=[group.pk]), {"name": "mine", "permissions": []})
    browser.post(reverse("admin:auth_group_delete", args=[group.pk]), {"post": "yes"})
    browser.post(GROUPS, {"action": "delete_selected", "_selected_action": [group.pk], "post": "yes"})
    assert Group.objects.get(pk=group.pk).name == "more"
