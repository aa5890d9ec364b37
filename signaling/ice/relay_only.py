"""Relay only: what is taken out of a party's SDP and candidates, so that its peer cannot learn where it is.

A page that follows `ice_policy` gathers relays alone. That is not enough: another client need not follow, a relay
candidate names the party's own address as the one it is related to (`raddr`), and SDP has addresses besides its
candidates. Grammar: RFC 8839, section 5.1; `a=remote-candidates`, section 5.2.
"""

from __future__ import annotations

import re
from typing import Any

from signaling.wire.inbound import IceCandidate, SessionDescription

_TYPE_AT = 6
"""Place of the word `typ` in a candidate; a later one is somebody's extension and says nothing."""
_NOWHERE = ("raddr", "0.0.0.0", "rport", "0")
_ADDRESS = re.compile(r"\bIN IP[46] \S+")
_RTCP = re.compile(r"^a=rtcp:\d+")
_MEDIA = re.compile(r"^(m=\S+ )(\d+)((?:/\d+)? )")


def relay_candidate(candidate: IceCandidate | None) -> IceCandidate | None:
    """The candidate as the peer may see it; LookupError when it must not see it. The end of candidates passes."""
    if candidate is None or not candidate["candidate"].strip():
        return candidate
    shown = _shown(candidate["candidate"])
    if shown is None:
        raise LookupError("not a relay")
    return {**candidate, "candidate": shown}


def relay_description(description: SessionDescription) -> SessionDescription:
    """The description without other candidates than relays, and without addresses that are no candidate's."""
    sdp = description.get("sdp")
    if sdp is None:
        return description
    # As browsers do: a line ends with LF, a CR before it does not count.
    lines = (_line(line) for line in sdp.split("\n"))
    return {**description, "sdp": "\n".join(line for line in lines if line is not None)}


def filtered(frame: Any) -> Any:
    """An `rtc:description` or `rtc:ice:candidate` as the peer may see it. LookupError: not at all."""
    if frame["type"] == "rtc:description":
        return {**frame, "description": relay_description(frame["description"])}
    return {**frame, "candidate": relay_candidate(frame["candidate"])}


def _line(line: str) -> str | None:
    if line.startswith("a=candidate:"):
        shown = _shown(line.rstrip("\r"))
        return None if shown is None else shown + ("\r" if line.endswith("\r") else "")
    if line.startswith("a=remote-candidates"):
        return None
    if line.startswith(("c=", "a=rtcp:")):
        # With port 9 below, this is what an end writes that has no candidate yet (RFC 8840, section 4.1).
        return _ADDRESS.sub("IN IP4 0.0.0.0", _RTCP.sub("a=rtcp:9", line))
    if line.startswith("o="):
        return _ADDRESS.sub("IN IP4 127.0.0.1", line)
    return _MEDIA.sub(lambda media: media[1] + ("0" if media[2] == "0" else "9") + media[3], line)


def _shown(candidate: str) -> str | None:
    """The text of a relay candidate without the address behind it; None for any other."""
    words = candidate.split()
    if len(words) < _TYPE_AT + 2 or words[_TYPE_AT : _TYPE_AT + 2] != ["typ", "relay"]:
        return None
    rest = words[_TYPE_AT + 2 :]
    shown = [*words[: _TYPE_AT + 2], *_NOWHERE]
    for name, value in zip(rest[::2], rest[1::2], strict=False):
        if name not in ("raddr", "rport"):
            shown += [name, value]
    return " ".join(shown)
