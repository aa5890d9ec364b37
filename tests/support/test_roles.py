"""Who may do what, cell by cell: over HTTP and in the admin here, on the socket in tests/signaling/test_roles.py. The
table of docs/roles.md is what this test has asked for."""

from __future__ import annotations

from io import StringIO
from typing import Any, NamedTuple

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models.signals import post_migrate
from django.test import Client

from accounts.access.permissions import OF_EVERY_OPERATOR, OF_SUPERVISORS, Role, allows
from accounts.access.roles import give_role, role_of
from accounts.models import AuditEvent, Operator
from queueing.blocklist.models import BlockEntry
from support.config.schema import BASE_DIR

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_server")]
DONE = (200, 302)


class Row(NamedTuple):
    """A right as a reader calls it, and how it is asked for. `permission` None: every operator has it; "superuser": no
    group can give it. `path` empty: asked of the permission alone."""

    what: str
    permission: str | None
    path: str = ""
    data: dict[str, str] | None = None
    """Sent by POST."""


ROWS = (
    Row("opens the console, takes customers, passes own ones on", None, "/admin/console/"),
    Row("reads all conversations", "queueing.view_conversation", "/admin/queueing/conversation/"),
    Row("opens files of conversations", "desk.view_file", "/admin/desk/file/"),
    Row("reads notes", "desk.view_note", "/admin/desk/note/"),
    Row("reads the reports", None, "/admin/reports/"),
    Row("has canned replies of one's own", "desk.add_cannedreply", "/admin/desk/cannedreply/add/"),
    Row("blocks a customer", "queueing.add_blockentry", "/admin/queueing/blockentry/add/"),
    Row("reads notifications", "notifications.view_outboxmessage", "/admin/notifications/outboxmessage/"),
    Row("reads one's own trail", "accounts.view_auditevent", "/admin/accounts/auditevent/"),
    Row("sees the whole floor", "queueing.supervise_floor", "/admin/floor/"),
    Row("sees it live", "queueing.supervise_floor", "/admin/floor/live/"),
    Row(
        "passes on, ends, takes over, sends on a break", "queueing.supervise_floor", "/admin/floor/act/",
        {"act": "break", "operator": "nobody"},
    ),
    Row("reads the fairness log", "queueing.view_fairnessentry", "/admin/queueing/fairnessentry/"),
    Row("takes it along as a file", "queueing.view_fairnessentry", "/admin/queueing/fairnessentry/log.csv"),
    Row("lifts a block", "queueing.delete_blockentry", "/admin/queueing/blockentry/{block}/delete/"),
    Row("writes canned replies of everybody", "desk.share_cannedreply"),
    Row("edits the list of outcomes", "desk.add_outcome", "/admin/desk/outcome/add/"),
    Row("edits the list of tags", "desk.add_tag", "/admin/desk/tag/add/"),
    Row("deletes an outcome or a tag", "desk.delete_outcome"),
    Row("deletes files", "desk.delete_file"),
    Row("changes notes and outcomes of others", "desk.change_note"),
    Row("sends notifications again", "notifications.change_outboxmessage"),
    Row("edits sites", "sites.add_site", "/admin/sites/site/add/"),
    Row("edits departments, and who serves them", "sites.add_line", "/admin/sites/line/add/"),
    Row("edits operators", "accounts.add_operator", "/admin/accounts/operator/add/"),
    Row("ends sessions of others", "accounts.view_operatorsession", "/admin/accounts/operatorsession/"),
    Row("edits groups", "auth.add_group", "/admin/auth/group/add/"),
    Row("applies entries that were set aside", "queueing.view_setasideentry", "/admin/queueing/setasideentry/"),
    Row("switches maintenance", "superuser", "/admin/maintenance/", {"switch": "off"}),
)  # fmt: skip


@pytest.fixture
def people() -> dict[Role, Operator]:
    """One of each, made as ops make them."""
    Operator.objects.create_user("first", name="First", is_superuser=True)
    for role in Role:
        call_command("createoperator", role.value, "--role", role.value, stdout=StringIO())
    return {role: Operator.objects.get(username=role.value) for role in Role}


def may(row: Row, role: Role) -> bool:
    if row.permission is None:
        return True
    return role is Role.ADMIN if row.permission == "superuser" else allows(role, row.permission)


def table() -> str:
    lines = ["| what | " + " | ".join(Role) + " |", "|---|" + "---|" * len(Role)]
    lines += [f"| {row.what} | " + " | ".join("yes" if may(row, role) else "–" for role in Role) + " |" for row in ROWS]
    return "\n".join(lines)


def ask(browser: Client, row: Row) -> int:
    block, _new = BlockEntry.objects.get_or_create(
        kind="address", value="203.0.113.7", defaults={"created_by": "first"}
    )
    path = row.path.format(block=block.pk)
    answer = browser.get(path) if row.data is None else browser.post(path, row.data)
    signing_in = answer.status_code == 302 and "login" in answer["Location"]
    return 401 if signing_in else answer.status_code


@pytest.mark.parametrize("role", Role)
def test_every_cell(role: Role, people: dict[Role, Operator]) -> None:
    browser = Client()
    browser.force_login(people[role])
    faults = []
    for row in ROWS:
        user = Operator.objects.get(pk=people[role].pk)
        if row.permission not in (None, "superuser") and user.has_perm(str(row.permission)) != may(row, role):
            faults.append(f"{row.what}: {row.permission}")
        if row.path and ask(browser, row) not in (DONE if may(row, role) else (403,)):
            faults.append(f"{row.what}: {row.path} answers {ask(browser, row)}")
    assert faults == []


def test_nobody_has_any_of_it_without_signing_in(people: dict[Role, Operator]) -> None:
    assert [row.what for row in ROWS if row.path and ask(Client(), row) not in (401, 403)] == []


def test_the_page_says_the_same() -> None:
    print(table())
    assert table() in (BASE_DIR / "docs" / "roles.md").read_text()


def test_every_right_of_a_role_exists_and_no_group_has_another(people: dict[Role, Operator]) -> None:
    known = {f"{app}.{name}" for app, name in Permission.objects.values_list("content_type__app_label", "codename")}
    assert known >= OF_EVERY_OPERATOR | OF_SUPERVISORS
    for role in Role:
        given = Permission.objects.filter(group__name=role).values_list("content_type__app_label", "codename")
        assert {f"{app}.{name}" for app, name in given} == {name for name in known if allows(role, name)}


def test_a_release_gives_back_what_a_role_has_and_takes_nothing() -> None:
    from django.apps import apps

    group = Group.objects.get(name="supervisor")
    group.permissions.remove(Permission.objects.get(codename="supervise_floor"))
    group.permissions.add(Permission.objects.get(codename="change_site"))
    config = apps.get_app_config("queueing")
    post_migrate.send(
        sender=config, app_config=config, apps=apps, using=connection.alias, verbosity=0, interactive=False, plan=[]
    )
    names = set(group.permissions.values_list("codename", flat=True))
    assert {"supervise_floor", "change_site"} <= names


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("createoperator", *arguments, stdout=out)
    return out.getvalue()


def test_a_role_is_given_and_changed_and_the_trail_says_so(people: dict[Role, Operator]) -> None:
    assert [role_of(people[role]) for role in Role] == list(Role)
    assert "groups" in run("operator", "--role", "supervisor")
    assert "as it was" in run("operator", "--role", "supervisor")
    operator = Operator.objects.get(username="operator")
    assert (role_of(operator), operator.is_superuser) == (Role.SUPERVISOR, False)
    changed: dict[str, Any] = AuditEvent.objects.filter(kind="operator_changed").latest("id").detail
    assert changed["groups"] == [["operator"], ["supervisor"]]
    give_role(operator, Role.ADMIN)
    assert role_of(Operator.objects.get(username="operator")) is Role.ADMIN
    with pytest.raises(CommandError, match="superuser"):
        run("operator", "--role", "operator", "--superuser")
