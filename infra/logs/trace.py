"""The ids by which one visit is followed through all processes: `request_id`, `session_id`, `conversation`.

They are structlog's context variables: what is bound here stands on every log line of the same request, socket or task.
A browser may bring its own `request_id`; the journal and the outbox carry it on to the worker.
"""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

FORM = r"^[A-Za-z0-9_-]{8,64}$"
"""What a request id from outside must look like: it goes into log lines and, in its length, into Redis."""
_FORM = re.compile(FORM, re.ASCII)


def new_id() -> str:
    """64 random bits: not a secret, only different from all others."""
    return secrets.token_hex(8)


def accepted(given: str | None) -> str:
    """The id that somebody brought, if it has the right form; else a new one."""
    return given if given is not None and _FORM.fullmatch(given) else new_id()


def request_id() -> str:
    """The id bound here, or empty."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))[:64]


def bind(**ids: str) -> None:
    """Puts ids on all further log lines of this context. Empty ones are left out."""
    structlog.contextvars.bind_contextvars(**_told(ids))


@contextmanager
def bound(**ids: str) -> Iterator[None]:
    """`bind` for the length of a block."""
    with structlog.contextvars.bound_contextvars(**_told(ids)):
        yield


def _told(ids: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in ids.items() if value}
