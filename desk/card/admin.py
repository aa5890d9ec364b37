"""The person's other conversations, on the page of one."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string

from desk.card import earlier
from desk.notes import admin as notes
from desk.wrap_up import figures
from queueing.admin.page.view import operator_of, status_tone
from queueing.history import words
from queueing.history.models import Conversation


def section(request: HttpRequest, conversation: Conversation) -> str:
    found = earlier.others(conversation)
    if not found.rows:
        return ""
    rows = [
        {
            "conversation": row,
            "address": earlier.address_of(row),
            "tone": status_tone(row),
            "length": words.clock(row.duration_s),
            "operator": operator_of(row),
            "outcome": figures.outcome_of(row),
            "tags": figures.tags_of(row),
            "notes": notes.count_of(row),
            "score": earlier.score_of(row),
        }
        for row in found.rows
    ]
    context = {"rows": rows, "more": found.total - len(rows)}
    return render_to_string("desk/card.html", context, request)
