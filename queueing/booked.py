"""A customer who has chosen a time begins to wait when it has come: away from the page, before those without a time,
and called at once. From then on it is a callback that keeps the ticket (`callbacks`) like any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings

from infra.logs import trace
from infra.redis.client import execute
from infra.writing import language
from queueing import resume_handles, tokens
from queueing.callbacks import asking
from queueing.live.booked import book
from queueing.tokens import Ticket
from sites import lookup as sites


@dataclass(frozen=True)
class Booked:
    """`starts_at`: ms. `origin`: of our hosted page, to which the link leads. `push`: the browser that is told, too,
    sealed (devices). The rest as a join has it."""

    conversation: str
    starts_at: int
    name: str
    topic: str
    media: str
    locale: str
    site: str
    line: str
    email: str
    origin: str
    push: str = ""


def begin(booked: Booked) -> bool:
    """Whether they wait now, or did already; False where their conversation has gone on. The same again changes
    nothing. Raises DomainError early, callbacks_full, recovering; StoreUnavailable.
    """
    record = _record(booked)
    contact = {
        "channel": "email",
        "email": booked.email,
        "push": booked.push,
        "language": booked.locale,
        "origin": booked.origin,
        "handle": resume_handles.make(token_of(booked, record), booked.origin, asking.link_secs()),
        "booked": booked.starts_at,
    }
    return execute(book(record, "email", asking.bounds_of(booked.email, booked.site), contact)) != ""


def token_of(booked: Booked, record: dict[str, Any]) -> str:
    """Which place it has is known only once they wait: of who comes by it after a wiped Redis the history says so, else
    it is where their time was."""
    return tokens.sign(
        Ticket(
            conversation=booked.conversation,
            ticket=str(booked.starts_at * 1000),
            name=booked.name,
            media=booked.media,
            locale=booked.locale,
            topic=booked.topic,
            join_key="",
            mobile=False,
            site=record.get("site", ""),
            line=record.get("line", ""),
            priority=record.get("priority", 0),
            booked=booked.starts_at,
        )
    )


def _record(booked: Booked) -> dict[str, Any]:
    snapshot = sites.current()
    site = snapshot.find(booked.site).site
    line = snapshot.lines.find(booked.line, site.line)
    record: dict[str, Any] = {
        "id": booked.conversation,
        "name": booked.name,
        "topic": booked.topic,
        "media": booked.media if settings.ENABLE_VIDEO or booked.media != "video" else "audio",
        "locale": booked.locale,
        "mobile": False,
        "booked": booked.starts_at,
        **({"site": site.key, "site_name": site.name} if site.key else {}),
        **line.of_record(language.default()),
    }
    if line.priority:
        record["priority"] = line.priority
    if request := trace.request_id():
        record["trace"] = request
    return record
