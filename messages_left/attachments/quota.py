"""How much strangers may put on our disk. What a file takes is counted in one row, in the transaction that writes the
file's own: who comes at the same moment waits for it, so never is there more.

Only what nobody has sent is added up for an upload, and that goes after two hours: history costs nothing.
"""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from desk.files import sharing
from desk.files import storage as files
from infra.addresses import counted_as
from infra.errors import DomainError
from messages_left.attachments.models import SOURCE_MAX, Attachment, Usage

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
    """What nobody has sent, as it stands with the row that has just been written, or before that. Raises DomainError
    files_full, storage_full."""
    of_draft, of_source = Q(draft=draft), Q(source=source)
    unsent = Attachment.objects.filter(message=None).aggregate(
        everybody=Sum("size"),
        files=Count("pk", filter=of_draft),
        draft_bytes=Sum("size", filter=of_draft),
        source_bytes=Sum("size", filter=of_source),
    )
    if unsent["files"] > MOST * TWICE or (unsent["draft_bytes"] or 0) > whole_bytes() * TWICE:
        raise full()
    if (unsent["source_bytes"] or 0) > whole_bytes() * TWICE:
        raise DomainError(
            "files_full",
            _("Many files came from your network that were not sent. Try again later, or send your message without."),
            retryable=True,
        )
    if (unsent["everybody"] or 0) > _total() // UNSENT_SHARE:
        raise files.full()


def check_room() -> None:
    """Whether anything at all may come. Raises DomainError storage_full."""
    if used() >= _total():
        raise files.full()


def used() -> int:
    """Bytes of all attachments. Where their row is gone nothing may come before they are counted."""
    found = Usage.objects.filter(pk=Usage.ONLY).values_list("bytes", flat=True).first()
    return _total() if found is None else found


def charge(size: int) -> None:
    """In the transaction that writes the row of an attachment. Raises DomainError storage_full."""
    room = Usage.objects.filter(pk=Usage.ONLY, bytes__lte=_total() - size)
    if not room.update(bytes=F("bytes") + size):
        raise files.full()


def resize(row: Attachment, size: int) -> None:
    """What is kept of it is larger, or smaller, than what came. Raises DomainError storage_full."""
    with transaction.atomic():
        if Attachment.objects.filter(pk=row.pk).update(size=size):
            if size > row.size:
                charge(size - row.size)
            else:
                _give_back(row.size - size)
    row.size = size


def remove(rows: QuerySet[Attachment]) -> int:
    """Deletes them; answers how many there were."""
    with transaction.atomic():
        sizes = dict(rows.select_for_update().values_list("pk", "size"))
        gone = Attachment.objects.filter(pk__in=list(sizes)).delete()[0]
        _give_back(sum(sizes.values()))
    return gone


def recount() -> None:
    """Anew from all rows: those that another release has written or deleted meanwhile were not counted."""
    with transaction.atomic():
        row, _made = Usage.objects.select_for_update().get_or_create(pk=Usage.ONLY)
        row.bytes = Attachment.objects.aggregate(all=Sum("size"))["all"] or 0
        row.save(update_fields=["bytes"])


def _give_back(size: int) -> None:
    Usage.objects.filter(pk=Usage.ONLY).update(bytes=F("bytes") - size)


def _total() -> int:
    return int(settings.MESSAGE_FILES_TOTAL_MB) * MB


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
