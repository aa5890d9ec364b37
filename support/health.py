"""GET /health: what works, each part asked with a bound of one second. GET /health/live: this process
answers.

`unavailable` (503) means that customers cannot be served. Without the database or the worker they can: that
is `degraded`, with status 200, so that a load balancer keeps sending them here.
"""

import asyncio
import secrets
from typing import Any

from channels.layers import get_channel_layer
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from infra.redis import client
from notifications import metrics as notification_metrics
from queueing import journal
from support.draining import is_draining
from support.heartbeat import age_secs
from support.probes import Answer, Probe, ask_all

HEARTBEAT_LATE_SECS = 30.0
JOURNAL_LATE_ENTRIES = 1000
OUTBOX_LATE_SECS = 120.0

Details = dict[str, Any]


def _redis() -> Details:
    client().ping()
    return {}


def _database() -> Details:
    with connection.cursor() as cursor:
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
    lag = journal.lag()
    return {"lag": lag, "late": lag > JOURNAL_LATE_ENTRIES}


def _outbox() -> Details:
    age = notification_metrics.oldest_age_secs(timezone.now())
    return {"oldest_age_s": round(age, 1), "late": age > OUTBOX_LATE_SECS}


VITAL = ("redis",)
PROBES: list[Probe[Details]] = [
    Probe("redis", _redis),
    Probe("database", _database),
    Probe("channel_layer", _channel_layer),
    Probe("workers", _workers),
    Probe("journal", _journal),
    Probe("outbox", _outbox),
]


def _check(answer: Answer[Details]) -> Details:
    details = dict(answer.value or {})
    late = bool(details.pop("late", False))
    check: Details = {"ok": answer.ok and not late, "ms": answer.took_ms, **details}
    if not answer.ok:
        check["fault"] = answer.fault
    elif late:
        check["fault"] = "late"
    return check


def report() -> Details:
    """`{"status": "healthy"|"degraded"|"unavailable", "checks": {name: {"ok", "ms", "fault"?, …}}}`"""
    checks = {name: _check(answer) for name, answer in ask_all(PROBES).items()}
    if not all(checks[name]["ok"] for name in VITAL):
        status = "unavailable"
    else:
        status = "healthy" if all(check["ok"] for check in checks.values()) else "degraded"
    return {"status": status, "checks": checks}


def health(request: HttpRequest) -> JsonResponse:
    result = report()
    status = 503 if result["status"] == "unavailable" else 200
    return JsonResponse(result, status=status, headers={"Cache-Control": "no-store"})


def ready(request: HttpRequest) -> JsonResponse:
    """503 while this process is about to end, or cannot serve customers: a load balancer moves on."""
    if is_draining():
        return JsonResponse({"status": "draining"}, status=503, headers={"Cache-Control": "no-store"})
    return health(request)


def live(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "alive"}, headers={"Cache-Control": "no-store"})
