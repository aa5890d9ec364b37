"""The one file of a request, taken out of its multipart body into memory or, when it is larger, a file without a name:
whatever kills the process, nothing of it stays.
"""

from __future__ import annotations

from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.utils.translation import gettext as _

from desk.files import storage
from infra.errors import DomainError


class NamelessHandler(FileUploadHandler):
    """For Django's parser of multipart bodies. The body itself is bounded before it comes here."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._spooled: IO[bytes] | None = None

    def new_file(self, *args: Any, **options: Any) -> None:
        super().new_file(*args, **options)
        self._spooled = cast(IO[bytes], SpooledTemporaryFile(settings.FILE_UPLOAD_MAX_MEMORY_SIZE))  # noqa: SIM115 - the request closes it

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        assert self._spooled is not None
        self._spooled.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile[Any]:
        assert self._spooled is not None
        self._spooled.seek(0)
        return InMemoryUploadedFile(
            self._spooled, self.field_name, self.file_name, self.content_type, file_size, self.charset
        )


def prepare(request: HttpRequest) -> None:
    """Before anything looks into the body."""
    request.upload_handlers = [NamelessHandler(request)]


def upload_of(request: HttpRequest) -> UploadedFile[Any]:
    """The one part called `file`. Raises DomainError schema, storage_full (there is no room to take it in)."""
    try:
        parts = [part for name in request.FILES for part in request.FILES.getlist(name)]
        found = request.FILES.get("file")
    except (MultiPartParserError, UnreadablePostError, SuspiciousOperation, RequestDataTooBig) as error:
        raise _schema() from error
    except OSError as error:
        if error.errno in storage.FULL:
            raise storage.full() from error
        raise
    if found is None or len(parts) != 1:
        raise _schema()
    return found


def _schema() -> DomainError:
    text = _("The request is not valid.")
    return DomainError("schema", text, fields={"file": "one part of multipart/form-data"})
