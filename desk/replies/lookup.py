"""Which replies fit what an operator has typed."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, F, Q, QuerySet, When

from accounts.models import Operator
from desk.replies.models import MOST_USED_FIRST, USES_MOST, CannedReply, ReplyUse, folded
from infra.writing import language
from infra.writing.folding import fold
from queueing.models import Conversation

SHOWN_MOST = 8
WORDS_FROM = 2
"""Characters from which the texts are searched as well; a single letter stands in all of them."""


def of(operator: Operator) -> QuerySet[CannedReply]:
    """Those an operator sees: everybody's and the own ones."""
    return CannedReply.objects.filter(Q(owner=None) | Q(owner=operator))


def find(operator: Operator, typed: str, conversation: str) -> list[dict[str, Any]]:
    """At most SHOWN_MOST, as plain JSON: what has just that shortcut, one's own in front; those whose shortcut begins
    so; those that have it in their text; each the most used first. For a conversation whose language is known: those of
    that language and of none.
    """
    words, shortcut = fold(typed), folded(typed)
    rows = of(operator)
    if spoken := _language(conversation):
        rows = rows.filter(language__in=("", spoken))
    named = rows.filter(shortcut_folded__startswith=shortcut)
    if shortcut:
        exact = Q(shortcut_folded=shortcut)
        rank = Case(When(exact & Q(owner=operator), then=0), When(exact, then=1), default=2)
        named = named.order_by(rank, *MOST_USED_FIRST)
    found = list(named.defer("folded")[:SHOWN_MOST])
    if len(found) < SHOWN_MOST and len(words) >= WORDS_FROM:
        more = rows.filter(folded__contains=words).exclude(pk__in=[row.pk for row in found]).defer("folded")
        found += more[: SHOWN_MOST - len(found)]
    return [{"id": row.pk, "shortcut": row.shortcut, "text": row.text} for row in found]


def count_use(operator: Operator, pk: int, conversation: str) -> bool:
    """One more use; whether there is such a reply for this operator. Reports count it with its conversation, where that
    is the operator's own."""
    reply = of(operator).filter(pk=pk).only("shortcut").first()
    if reply is None:
        return False
    of(operator).filter(pk=pk).update(used=F("used") + 1)
    own = Conversation.objects.filter(pk=conversation, admin_id=operator.get_username()).values_list("pk", flat=True)
    for row in own:
        if ReplyUse.objects.filter(conversation=row).count() < USES_MOST:
            ReplyUse.objects.create(conversation_id=row, reply=reply, shortcut=reply.shortcut)
    return True


def _language(conversation: str) -> str:
    """Of its customer, among ours; empty where the history does not know it (yet)."""
    rows = Conversation.objects.filter(pk=conversation).values_list("locale", flat=True)
    return language.of_page(rows.first()) or ""
