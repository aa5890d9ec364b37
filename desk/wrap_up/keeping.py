"""Giving a conversation its outcome and tags: who may, which may be chosen, and whose change counts."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Operator
from desk.wrap_up.models import LABELS_MOST, TAGS_MOST, Label, Outcome, Tag, Tagging, WrapUp
from infra.errors import DomainError
from infra.redis.client import execute
from infra.writing.folding import fold
from queueing.history.models import Conversation
from queueing.live import store

logger = logging.getLogger(__name__)

CHANGE = "desk.change_wrapup"
"""Permission to change what others gave; what comes of one's own conversations everybody says."""


@dataclass(frozen=True)
class Given:
    """What is kept of a conversation. `version` rises with each change; 0: nothing was given yet."""

    version: int = 0
    outcome: Label | None = None
    tags: tuple[Label, ...] = ()

    @property
    def outcome_pk(self) -> int | None:
        return self.outcome.pk if self.outcome else None

    @property
    def tag_pks(self) -> set[int]:
        return {tag.pk for tag in self.tags}

    def as_dict(self) -> dict[str, Any]:
        """Named, since what was put away is not among the choices any more."""
        return {
            "version": self.version,
            "outcome": named(self.outcome) if self.outcome else None,
            "tags": [named(tag) for tag in self.tags],
        }


def named(label: Label) -> dict[str, Any]:
    return {"id": label.pk, "name": str(label)}


def offered(model: type[Label]) -> list[Label]:
    """What may be chosen now, in order."""
    rows = model._default_manager.filter(active=True).order_by("position", "pk")[:LABELS_MOST]
    return sorted(rows, key=lambda label: (label.position, fold(str(label))))


def is_required() -> bool:
    """Whether the wrap-up waits for an outcome: only where there is one to choose."""
    return settings.OUTCOME_WAIT_SECS > 0 and Outcome.objects.filter(active=True).exists()


def may_change(operator: Operator, conversation: Conversation) -> bool:
    """In the admin."""
    own = conversation.admin_id == operator.get_username()
    return conversation.claimed_at is not None and (own or operator.has_perm(CHANGE))


def given(conversation: str) -> Given:
    row = WrapUp.objects.select_related("outcome").filter(pk=conversation).first()
    if row is None:
        return Given()
    return Given(row.version, row.outcome, tuple(row.tags.order_by("position", "pk")))


def give(
    conversation: Conversation, outcome: int | None, tags: Sequence[int], *, by: Operator, seen: int
) -> tuple[bool, Given]:
    """Sets both; whether that is what is kept now, and what is.

    `seen`: the version that the change was made on. On another one nothing is changed: who gives it looks at what is
    there now and gives it again. What was given already is no change.
    Raises DomainError `schema` for what cannot be chosen: unknown, or put away and not chosen before.
    """
    wanted, before = set(tags), given(conversation.pk)
    if before.outcome_pk != outcome or before.tag_pks != wanted:
        if seen != before.version:
            return False, before
        _check(before, outcome, wanted)
        if not _write(conversation, before.version, outcome, wanted, by):
            return False, given(conversation.pk)
        before = given(conversation.pk)
    if outcome is not None:
        settle(conversation.admin_id, conversation.pk)
    return True, before


def settle(admin_id: str, conversation: str) -> None:
    """The wrap-up need not wait. Without Redis it does, as long as it may."""
    if settings.OUTCOME_WAIT_SECS > 0:
        try:
            execute(store.settle(admin_id, conversation))
        except DomainError:
            logger.warning(
                "the wrap-up was not shortened: redis is not reachable", extra={"conversation": conversation}
            )


def _check(before: Given, outcome: int | None, tags: set[int]) -> None:
    faults = {}
    if outcome not in (None, before.outcome_pk) and not Outcome.objects.filter(pk=outcome, active=True).exists():
        faults["outcome"] = _("This outcome cannot be chosen any more.")
    new = tags - before.tag_pks
    if len(tags) > TAGS_MOST or Tag.objects.filter(pk__in=new, active=True).count() != len(new):
        faults["tags"] = _("One of these tags cannot be chosen any more, or there are too many.")
    if faults:
        raise DomainError("schema", " ".join(faults.values()), fields=faults)


def _write(conversation: Conversation, version: int, outcome: int | None, tags: set[int], by: Operator) -> bool:
    """Whether it was still that version."""
    try:
        with transaction.atomic():
            values: dict[str, Any] = {"outcome_id": outcome, "by": by, "version": version + 1}
            if version == 0:
                WrapUp.objects.create(conversation=conversation, **values)
            elif not WrapUp.objects.filter(pk=conversation.pk, version=version).update(at=timezone.now(), **values):
                return False
            kept = Tagging.objects.filter(wrap_up=conversation.pk)
            kept.exclude(tag__in=tags).delete()
            missing = tags - set(kept.values_list("tag", flat=True))
            Tagging.objects.bulk_create(Tagging(wrap_up_id=conversation.pk, tag_id=tag) for tag in missing)
    except IntegrityError:
        # Somebody else was faster, or took a label away.
        return False
    return True
