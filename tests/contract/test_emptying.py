"""A test that commits leaves nothing behind: what it made is gone, what the migrations made is as they made it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType

from accounts.models import Operator
from desk.models import CannedReply
from sites.models import Site
from tests.emptying import Beginning

pytestmark = pytest.mark.django_db


def _rows() -> list[object]:
    return [
        list(model.objects.order_by("pk").values_list())
        for model in (Site, Permission, ContentType, Group, Group.permissions.through)
    ]


def test_every_row_is_as_it_was() -> None:
    before = _rows()
    beginning = Beginning()
    Site.objects.all().delete()  # past every check of ours
    Site.objects.create(name="Shop")
    Permission.objects.filter(codename__startswith="view").update(name="Another")
    ContentType.objects.filter(app_label="desk").delete()
    owner = Operator.objects.create_user("owner", name="Owner")
    owner.user_permissions.set(Permission.objects.all()[:3])
    owner.groups.add(Group.objects.create(name="All"))

    beginning.restore()

    assert _rows() == before
    made = (Operator, CannedReply, Operator.user_permissions.through, Operator.groups.through)
    assert [model.objects.count() for model in made] == [0] * len(made)  # type: ignore[attr-defined]


def test_it_may_be_done_any_number_of_times() -> None:
    beginning = Beginning()
    before = _rows()
    for _ in range(2):
        Site.objects.update(name="Shop", origins=["https://shop.example"])
        beginning.restore()
        assert _rows() == before
