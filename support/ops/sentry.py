"""Errors to Sentry, when SENTRY_DSN is set; nothing leaves this machine otherwise.

What goes: the kind of an error, its scrubbed text, where in the code, and the ids by which its log lines are found.
What never goes: tokens, codes, names, what people wrote, SDP, addresses; neither bodies, headers, queries nor local
variables. So `extra` is a list of what may go, not of what may not: a new field stays at home until somebody adds it.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any, cast

import structlog

from infra.clock import monotonic
from support.config.schema import Config

Event = dict[str, Any]

SAME_EVENT_EVERY_SECS = 60.0
KINDS_KEPT = 500
ALLOWED_EXTRA = {
    *("request_id", "session_id", "conversation", "task_id", "notification_id", "kind", "channel", "step", "state"),
    *("attempts", "fault", "frame_type", "ref", "reason", "task"),
}
TAGS = ("request_id", "conversation", "task_id")
CONTEXTS = ("runtime", "os", "trace")
_RULES = (
    # SDP and candidates: everything from their first word on.
    (re.compile(r"(v=0\s|a=candidate|candidate:).*", re.DOTALL), "[sdp]"),
    # A bot's token, also inside a URL; what we sign (payload:signature); long random words; passwords in URLs.
    (re.compile(r"\d{6,}:[A-Za-z0-9_-]{20,}"), "[token]"),
    (re.compile(r"[\w.-]{8,}:[\w-]{20,}"), "[token]"),
    (re.compile(r"(?<=://)[^/\s@]+@"), "[secret]@"),
    (re.compile(r"(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[A-Za-z0-9_-]{24,}"), "[secret]"),
    (re.compile(r"(?<!\d)\d{6,10}(?!\d)"), "[number]"),
    # Values that databases and validators repeat: Key (name)=(Ada), 'Ada', "Ada", «Ada».
    (re.compile(r"=\([^)]*\)"), "=([value])"),
    (re.compile(r"'[^'\n]*'|\"[^\"\n]*\"|“[^”\n]*”"), "[value]"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"), "[address]"),
    (re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])"), "[address]"),
)


def start(config: Config) -> bool:
    """Whether reporting is on."""
    if not config.SENTRY_DSN:
        return False
    # Late: without a DSN nobody has a use for it, and it takes part in every start.
    import sentry_sdk
    from sentry_sdk.integrations.httpx import HttpxIntegration

    limiter = Limiter()

    def before_send(event: Event, hint: Any) -> Event | None:
        return scrubbed(event) if limiter.allows(group_of(event)) else None

    sentry_sdk.init(
        dsn=config.SENTRY_DSN,
        environment=config.DJANGO_ENV,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        # What led to an error stands in the log under the same request id; a trail of statements and messages would
        # have to be scrubbed as well.
        max_breadcrumbs=0,
        before_send=cast(Any, before_send),
        # It would note the address of every request, and Telegram's addresses hold the bot's token.
        disabled_integrations=[HttpxIntegration()],
    )
    return True


class Limiter:
    """Of each kind of event one a minute and process: an outage is one fault, however many run into it."""

    def __init__(self, every_secs: float = SAME_EVENT_EVERY_SECS, now: Callable[[], float] = monotonic) -> None:
        self._every, self._now = every_secs, now
        self._last: dict[str, float] = {}
        self._lock = threading.Lock()

    def allows(self, group: str) -> bool:
        now = self._now()
        with self._lock:
            last = self._last.get(group)
            if last is not None and now - last < self._every:
                return False
            self._last.pop(group, None)
            self._last[group] = now
            if len(self._last) > KINDS_KEPT:
                del self._last[next(iter(self._last))]
            return True


def group_of(event: Event) -> str:
    """What makes two events one fault: the unformatted message, or the exception's type and where it was raised."""
    logged = event.get("logentry") or {}
    if logged.get("message"):
        return f"{event.get('logger')}|{logged['message']}"
    values = (event.get("exception") or {}).get("values") or [{}]
    frames = (values[-1].get("stacktrace") or {}).get("frames") or [{}]
    place = f"{frames[-1].get('module')}:{frames[-1].get('lineno')}"
    return f"{values[-1].get('type')}|{place}|{event.get('message')}"


def scrubbed(event: Event) -> Event:
    """The event as it may leave."""
    extra: dict[str, Any] = event.get("extra") or {}
    kept = {name: clean(value) for name, value in extra.items() if name in ALLOWED_EXTRA and _is_plain(value)}
    event["extra"] = kept
    bound = structlog.contextvars.get_contextvars()
    event["tags"] = {name: kept.get(name) or bound[name] for name in TAGS if kept.get(name) or bound.get(name)}
    event["fingerprint"] = [clean(group_of(event))]
    for name in ("user", "breadcrumbs", "modules", "server_name"):
        event.pop(name, None)
    event["contexts"] = {name: value for name, value in (event.get("contexts") or {}).items() if name in CONTEXTS}
    if request := event.get("request"):
        url = str(request.get("url", "")).partition("?")[0]
        event["request"] = {"method": request.get("method"), "url": url}
    if logged := event.get("logentry"):
        text = logged.get("formatted") or logged.get("message") or ""
        event["logentry"] = {"message": clean(str(logged.get("message") or "")), "formatted": clean(str(text))}
    if "message" in event:
        event["message"] = clean(str(event["message"]))
    for value in (event.get("exception") or {}).get("values") or []:
        value["value"] = clean(str(value.get("value", "")))
    return event


def clean(value: Any) -> Any:
    """Text without anything that looks like a secret, an address or a quoted value; other plain values as they are."""
    if not isinstance(value, str):
        return value
    for rule, instead in _RULES:
        value = rule.sub(instead, value)
    return value[:500]


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool)
