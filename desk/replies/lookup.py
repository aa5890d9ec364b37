"""Which replies fit what an operator has typed."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q, QuerySet

from accounts.models import Operator
from desk.replies.models import CannedReply
from infra import language
from infra.folding import fold
from queueing.models import Conversation

SHOWN_MOST = 8
WORDS_FROM = 2
"""Characters from which the texts are searched as well; a single letter stands in all of them."""


def of(operator: Operator) -> QuerySet[CannedReply]:
    """Those an operator sees: everybody's and the own ones."""
    return CannedReply.objects.filter(Q(owner=None) | Q(owner=operator))


def find(operator: Operator, typed: str, conversation: str) -> list[dict[str, Any]]:
    """At most SHOWN_MOST, as plain JSON: first those whose shortcut begins so, then those that have it in their text,
    the most used first. For a conversation whose language is known: those of that language and of none.
    """
    words = fold(typed)
    rows = of(operator)
    if spoken := _language(conversation):
        rows = rows.filter(language__in=("", spoken))
    found = list(rows.filter(shortcut_folded__startswith=words).defer("folded")[:SHOWN_MOST])
    if len(found) < SHOWN_MOST and len(words) >= WORDS_FROM:
        more = rows.filter(folded__contains=words).exclude(pk__in=[row.pk for row in found]).defer("folded")
        found += more[: SHOWN_MOST - len(found)]
    return [{"id": row.pk, "shortcut": row.shortcut, "text": row.text} for row in found]


def count_use(operator: Operator, pk: int) -> bool:
    """One more use; whether there is such a reply for this operator."""
    return of(operator).filter(pk=pk).update(used=F("used") + 1) > 0


def _language(conversation: str) -> str:
    """Of its customer, among ours; empty where the history does not know it (yet)."""
    rows = Conversation.objects.filter(pk=conversation).values_list("locale", flat=True)
    return language.of_page(rows.first()) or ""
