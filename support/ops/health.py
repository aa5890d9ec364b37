"""GET /health: what works, each part asked at once and all within a second. GET /health/live: this process answers.

`unavailable` (503) means that customers cannot be served. Without the database or the worker they can: that
is `degraded`, with status 200, so that a load balancer keeps sending them here.

Strangers see the status and which checks pass. The figures are for who has METRICS_TOKEN or asks from METRICS_NETWORKS.
"""

import asyncio
import secrets
from typing import Any

from channels.layers import get_channel_layer
from django.db import connection, transaction
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from appointments import metrics as appointment_metrics
from infra.clock import now_ms
from infra.redis.client import client, execute, key
from messages_left import metrics as message_metrics
from notifications import metrics as notification_metrics
from queueing.history.recording import journal
from queueing.live import call_snapshot, store
from support.http.clients.access import is_trusted
from support.ops.heartbeat import age_secs
from support.ops.probes import Answer, Probe, ask_all
from support.ops.version import VERSION, uptime_secs
from support.server.draining import is_draining

HEARTBEAT_LATE_SECS = 30.0
JOURNAL_LATE_SECS = 30.0
OUTBOX_LATE_SECS = 120.0

Details = dict[str, Any]


def _redis() -> Details:
    """A write: a Redis that is full, or whose disk is, answers every question and takes no customer."""
    client().set(key("health"), now_ms(), px=60_000)
    return {}


def _database() -> Details:
    """In a transaction, which on SQLite takes the write lock: a database that nobody can write to is no good."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return {}


def _channel_layer() -> Details:
    """A message to ourselves and back."""

    async def round_trip() -> None:
        layer = get_channel_layer()
        if layer is None:
            raise LookupError("no channel layer")
        channel, nonce = await layer.new_channel(), secrets.token_hex(8)
        await layer.send(channel, {"type": "probe", "nonce": nonce})
        async with asyncio.timeout(1):
            while (await layer.receive(channel)).get("nonce") != nonce:
                pass

    asyncio.run(round_trip())
    return {}


def _workers() -> Details:
    age = age_secs()
    return {
        "heartbeat_age_s": None if age is None else round(age, 1),
        "late": age is None or age > HEARTBEAT_LATE_SECS,
    }


def _journal() -> Details:
    """Late by age, not by number: one entry that waits for ever is a fault, and a thousand of this second are none."""
    age = journal.oldest_age_s()
    return {"lag": journal.lag(), "oldest_age_s": round(age, 1), "late": age > JOURNAL_LATE_SECS}


def _telegram_queue() -> Details:
    age = notification_metrics.oldest_age_secs(timezone.now())
    pending = notification_metrics.open_messages()
    return {"pending": pending, "oldest_age_s": round(age, 1), "late": age > OUTBOX_LATE_SECS}


def _calls() -> Details:
    return call_snapshot.read().as_dict()


def _line() -> Details:
    status = execute(store.status())
    names = (
        *("waiting", "longest_wait_s", "callbacks", "callbacks_oldest_s", "available", "on_shift", "processes"),
        *("maintenance", "recovering"),
    )
    return {name: status[name] for name in names}


def _messages() -> Details:
    """Those that customers left. How old one may become is an alert's business: no check fails by people's work."""
    return message_metrics.summary()


def _appointments() -> Details:
    return appointment_metrics.summary()


VITAL = ("redis",)
CHECKS = ("redis", "database", "channel_layer", "workers", "journal", "telegram_queue")
PROBES: list[Probe[Details]] = [
    Probe("redis", _redis),
    Probe("database", _database),
    Probe("channel_layer", _channel_layer),
    Probe("workers", _workers),
    Probe("journal", _journal),
    Probe("telegram_queue", _telegram_queue),
]
FIGURES: list[Probe[Details]] = [
    Probe("calls", _calls),
    Probe("line", _line),
    Probe("messages", _messages),
    Probe("appointments", _appointments),
]


def check(answer: Answer[Details]) -> Details:
    """`{"ok", "ms", "fault"?, …}`"""
    details = dict(answer.value or {})
    late = bool(details.pop("late", False))
    check: Details = {"ok": answer.ok and not late, "ms": answer.took_ms, **details}
    if not answer.ok:
        check["fault"] = answer.fault
    elif late:
        check["fault"] = "late"
    return check


def report() -> Details:
    """As docs/metrics.md describes it. `calls`, `line` and `maintenance` are null while Redis does not answer,
    `messages` and `appointments` while the database does not."""
    answers = ask_all([*PROBES, *FIGURES])
    checks = {name: check(answers[name]) for name in CHECKS}
    if not all(checks[name]["ok"] for name in VITAL):
        status = "unavailable"
    else:
        status = "healthy" if all(check["ok"] for check in checks.values()) else "degraded"
    line = dict(answers["line"].value or {})
    return {
        "status": status,
        "maintenance": line.pop("maintenance", None),
        "version": VERSION,
        "uptime_s": round(uptime_secs()),
        "checks": checks,
        "calls": answers["calls"].value,
        "line": line or None,
        "messages": answers["messages"].value,
        "appointments": answers["appointments"].value,
    }


def public(full: Details) -> Details:
    """What a stranger may know: no figures, no reasons."""
    checks = {name: {"ok": check["ok"]} for name, check in full["checks"].items()}
    return {"status": full["status"], "maintenance": full["maintenance"], "checks": checks}


def health(request: HttpRequest) -> JsonResponse:
    result = report()
    status = 503 if result["status"] == "unavailable" else 200
    return JsonResponse(
        result if is_trusted(request) else public(result), status=status, headers={"Cache-Control": "no-store"}
    )


def ready(request: HttpRequest) -> JsonResponse:
    """503 while this process is about to end, or cannot serve customers: a load balancer moves on."""
    if is_draining():
        return JsonResponse({"status": "draining"}, status=503, headers={"Cache-Control": "no-store"})
    return health(request)


def live(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "alive"}, headers={"Cache-Control": "no-store"})
