"""How much strangers may put on our disk. A row is there before it is counted: two at once may both be refused, and
never is there more."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Count, Q, QuerySet, Sum
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from desk.files import sharing
from desk.files import storage as files
from infra.addresses import counted_as
from infra.errors import DomainError
from messages_left.attachments.models import SOURCE_MAX, Attachment

MB = 1024 * 1024
MOST = 5
"""Files of one message."""
UNSENT_SHARE = 4
"""All that no message refers to may be this part of MESSAGE_FILES_TOTAL_MB."""
TWICE = 2
"""What was uploaded and taken back again counts until it is swept: drafts and networks may have two messages' files."""


def most_bytes() -> int:
    """Of one file; 0: none can be attached."""
    return min(sharing.most_bytes(), whole_bytes())


def whole_bytes() -> int:
    """Of one message's files together."""
    return int(settings.MESSAGE_FILES_MAX_MB) * MB if settings.MESSAGES else 0


def source_of(address: str) -> str:
    """The network of an address, as the row has it. Nobody without our key can tell which it was."""
    return salted_hmac("adminara.message.source", counted_as(address)).hexdigest()[:SOURCE_MAX]


def check(draft: str, source: str) -> None:
    """As it stands with the row that has just been written, or before that. Raises DomainError files_full,
    storage_full."""
    unsent = Attachment.objects.filter(message=None)
    count, size = _sum(unsent.filter(draft=draft))
    if count > MOST * TWICE or size > whole_bytes() * TWICE:
        raise full()
    total = int(settings.MESSAGE_FILES_TOTAL_MB) * MB
    everything = Attachment.objects.aggregate(
        all=Sum("size"), unsent=Sum("size", filter=Q(message=None)), mine=Sum("size", filter=Q(source=source))
    )
    if (everything["mine"] or 0) > whole_bytes() * TWICE:
        raise DomainError(
            "files_full",
            _("Many files came from your network that were not sent. Try again later, or send your message without."),
            retryable=True,
        )
    if (everything["all"] or 0) > total or (everything["unsent"] or 0) > total // UNSENT_SHARE:
        raise files.full()


def check_message(rows: QuerySet[Attachment]) -> None:
    """Of one message's files. Raises DomainError files_full."""
    count, size = _sum(rows)
    if count > MOST or size > whole_bytes():
        raise full()


def full() -> DomainError:
    words = {"n": MOST, "mb": settings.MESSAGE_FILES_MAX_MB}
    return DomainError("files_full", _("A message can have %(n)d files of %(mb)d MB together at most.") % words)


def _sum(rows: QuerySet[Attachment]) -> tuple[int, int]:
    found = rows.order_by().aggregate(n=Count("pk"), size=Sum("size"))
    return found["n"], found["size"] or 0
