"""An upload for a message over a real socket: judged by its head before anything of its body is read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError

from messages_left.attachments import drafts, quota
from messages_left.attachments.models import Attachment
from tests.desk.files.conftest import folder as folder
from tests.desk.files.test_uploads import END, begin, connected
from tests.messages_left.recordings import webm
from tests.signaling.client import Site
from tests.signaling.servers import serve

pytestmark = [pytest.mark.usefixtures("redis_server", "transactional_db")]
PATH = "/messages/files/"
QUERY = f"?kind=voice&key={'k' * 16}"


@pytest.fixture
async def site(folder: Path) -> AsyncIterator[Site]:
    async with serve() as running:
        yield running


@contextmanager
def _broken(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def out(*_words: Any) -> None:
        raise OperationalError

    with monkeypatch.context() as patch:
        patch.setattr(quota, "check", out)
        yield


async def test_who_has_no_draft_or_sends_too_much_is_refused_before_the_body(
    site: Site, folder: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    bearer = f"Authorization: Bearer {drafts.make().token}"
    body = begin("a") + webm(2) + END
    refused = {
        (1000, ()): (403, "draft_invalid"),
        (1000, ("Authorization: Bearer nonsense",)): (403, "draft_invalid"),
        (1 << 40, (bearer,)): (413, "file_too_large"),
        (None, (bearer,)): (411, "length_required"),
    }
    for (length, headers), told in refused.items():
        async with connected(site) as wire:
            wire.head(length, *headers, path=PATH, query=QUERY)
            assert await wire.refusal() == told
    with _broken(monkeypatch):
        async with connected(site) as wire:
            wire.head(len(body), bearer, path=PATH, query=QUERY)
            assert await wire.refusal() == (503, "database_unavailable")
    assert not await Attachment.objects.aexists()

    async with connected(site) as wire:
        wire.head(len(body), bearer, path=PATH, query=QUERY)
        for piece in (body[:100], body[100:]):
            wire.write(piece)
            await wire.writer.drain()
        status, sent = await wire.answer()
    assert (status, sent["mime"], sent["seconds"]) == (201, "audio/webm", 2)

    settings.MESSAGE_FILES_TOTAL_MB = 0
    async with connected(site) as wire:
        wire.head(1000, bearer, path=PATH, query=QUERY)
        assert await wire.refusal() == (507, "storage_full")
    # Of one that is cut off in the middle nothing stays.
    settings.MESSAGE_FILES_TOTAL_MB = 100
    async with connected(site) as wire:
        wire.head(len(body), bearer, path=PATH, query=f"?kind=voice&key={'c' * 16}")
        wire.write(body[:200])
        await wire.writer.drain()
    assert await Attachment.objects.acount() == 1
    assert len(await sync_to_async(lambda: [path for path in folder.rglob("*") if path.is_file()])()) == 1
