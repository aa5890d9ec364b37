"""What the two pages ask over HTTP."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from asgiref.sync import async_to_sync
from django.http import HttpResponse
from django.test import Client

from tests.queueing.ended import token_of
from tests.queueing.world import Customer


def send(customer: Customer, content: bytes, name: str = "a.txt", mime: str = "text/plain", **query: str) -> Any:
    return upload(token_of(customer), content, name, mime, **query)


def upload(token: str | None, content: bytes, name: str = "a.txt", mime: str = "text/plain", **query: str) -> Any:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return Client().post("/files/", {"file": part(content, name, mime)}, headers=headers, query_params=query)


def part(content: bytes, name: str, mime: str) -> BytesIO:
    file = BytesIO(content)
    file.name, file.content_type = name, mime  # type: ignore[attr-defined]
    return file


def get(customer: Customer, path: str) -> Any:
    return Client().get(path, headers={"Authorization": f"Bearer {token_of(customer)}"})


def body(response: HttpResponse) -> bytes:
    """Of an answer that comes in pieces."""
    return async_to_sync(_joined)(response)


async def _joined(response: Any) -> bytes:
    return b"".join([part async for part in response.streaming_content])


def refusal(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]
