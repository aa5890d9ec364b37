"""SDP and ICE candidates for log lines at `debug`: what was negotiated, without where people are and without keys."""

from __future__ import annotations

import re
from typing import Any

MASK = "***"
_RULES = (
    # Keys and the names of a session: who has them can decrypt or join it.
    re.compile(r"(?<=a=ice-pwd:)\S+"),
    re.compile(r"(?<=a=ice-ufrag:)\S+"),
    re.compile(r"(?<=\bufrag )\S+"),
    re.compile(r"(?<=a=fingerprint:)[^\r\n]+"),
    re.compile(r"(?<=a=crypto:)[^\r\n]+"),
    # Addresses: of the person, of the home network, and the names that browsers make up for the latter.
    re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])"),
    re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4})(?![\w:.])"),
    re.compile(r"[\w-]+(?=\.local\b)"),
)


def masked(text: str) -> str:
    """The text without addresses and keys; ports, kinds of candidates and codecs stay."""
    for rule in _RULES:
        text = rule.sub(MASK, text)
    return text


def shape(frame: Any) -> dict[str, Any]:
    """What a log line may say about an `rtc:*` frame."""
    described: dict[str, Any] = {"frame_type": frame["type"], "frame_id": frame.get("id"), "gen": frame.get("gen")}
    if description := frame.get("description"):
        described |= {"description_type": description.get("type"), "masked_sdp": masked(description.get("sdp") or "")}
    if candidate := frame.get("candidate"):
        described["masked_candidate"] = masked(candidate.get("candidate") or "")
    return described
