"""What a customer's words may not break: the operator, the record of everybody else, the places in the queue."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from harness.stack import Stack
from harness.wire_client import WireClient


@dataclass(frozen=True)
class Finding:
    what: str
    got: str
    held: bool


HUGE = '{"type":"queue:join","name":"Huge","media":"chat","attributes":{"n":1' + "0" * 400 + "}}"
LONG = {
    "type": "queue:join",
    "name": "Ü" * 80,
    "media": "chat",
    "locale": "tr-Latn-TR-x-aaaaaaaa-bbbbbb",
    "topic": "ş" * 200,
}
SHOUTS: list[dict[str, Any]] = [
    {
        "type": "call:stats",
        "quality": 1.7e308,
        "rtt_ms": 1e9,
        "jitter_ms": 1e9,
        "bitrate_kbps": 1e9,
        "region": "x" * 64,
    },
    {
        "type": "call:stats",
        "quality": 4.5,
        "codec": "c" * 64,
        "candidate_type": "t" * 64,
        "rung": 9,
        "reason": "r" * 64,
    },
    {"type": "call:state", "state": "failed", "step": "s" * 64, "reason": "r" * 64, "attempt": 100_000},
    {"type": "call:end", "reason": "z" * 64},
]


def words() -> list[Finding]:
    """Against a whole stack with worker and beat."""
    stack = Stack("uvicorn", processes=1, workers=True)
    try:
        return asyncio.run(_words(stack))
    finally:
        stack.close()


async def _words(stack: Stack) -> list[Finding]:
    web = stack.webs[0]
    desk = await WireClient.connect(web, "operator", stack.sign_in(1)[0])
    desk.write({"type": "operator:available", "available": True})
    await desk.expect("operator:state")
    found = []

    stranger = await WireClient.connect(web, "customer")
    stranger.transport.send(1, HUGE.encode())  # WSMsgType.TEXT
    try:
        await stranger.expect("queue:joined")
        answer = "joined"
    except RuntimeError as error:
        answer = "refused" if "bad_frame" in str(error) else str(error)
    stranger.close()
    findings = await asyncio.to_thread(_check, stack)
    found.append(Finding("a number of 401 digits in a customer's facts", answer, answer == "refused" and not findings))

    customer = await WireClient.connect(web, "customer")
    customer.write(LONG)
    joined = await customer.expect("queue:joined")
    await customer.expect("queue:ready")
    ready = await desk.expect("queue:ready")
    held = ready["conversation"] == joined["conversation"]
    found.append(Finding("… and the operator takes the next customer", "taken" if held else "not", held))
    for shout in SHOUTS:
        customer.write(shout)
    await desk.expect("call:ended")
    lag = await _drained(stack)
    found.append(Finding("words at the bounds of the wire are recorded", f"{lag} entries left", lag == 0))
    customer.close()
    desk.close()
    findings = await asyncio.to_thread(_check, stack)
    found.append(Finding("queue check after all of it", json.dumps(findings) if findings else "clean", not findings))
    return found


def _check(stack: Stack) -> list[Any]:
    report = stack.manage("queue", "check", "--json")
    return list(report.get("problems", report.get("found", []))) if isinstance(report, dict) else list(report)


async def _drained(stack: Stack, secs: float = 20.0) -> int:
    """Journal entries that are not in the database after at most `secs`."""
    loop = asyncio.get_running_loop()
    end, lag = loop.time() + secs, -1
    while loop.time() < end:
        lag = int((await asyncio.to_thread(stack.manage, "queue", "status", "--json"))["journal"])
        if lag == 0:
            break
        await asyncio.sleep(0.5)
    return lag
