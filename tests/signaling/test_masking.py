"""What a log line says about SDP and candidates: neither where people are nor their keys."""

from __future__ import annotations

import pytest

from signaling.ice.masking import masked, shape

SDP = "\r\n".join(
    [
        "v=0",
        "o=- 4611731400430051336 2 IN IP4 203.0.113.7",
        "m=audio 54400 UDP/TLS/RTP/SAVPF 111",
        "c=IN IP6 2001:db8::2:1",
        "a=candidate:1 1 udp 2122260223 192.168.1.20 54400 typ host generation 0 ufrag 4ZcD",
        "a=candidate:2 1 udp 1686052607 203.0.113.7 61012 typ srflx raddr 192.168.1.20 rport 54400",
        "a=candidate:3 1 udp 2122262783 2001:db8:0:1::99 51000 typ host",
        "a=candidate:4 1 udp 2122262783 ::ffff:198.51.100.4 51000 typ relay",
        "a=candidate:5 1 udp 2113937151 5a6f0e4e-1b7c-4b7e-9d3f-3f9a2f6f0c11.local 54400 typ host",
        "a=ice-ufrag:4ZcD",
        "a=ice-pwd:2/1muCWoOi3uLifh0NuRHlS",
        "a=fingerprint:sha-256 49:66:12:17:0D:1C:91:AE:57:4C:C6:36:DD:D5:97:D2:7D:62:C9:9A:7F:B9:A3:F4:70:03:E7",
        "a=rtpmap:111 opus/48000/2",
        "a=fmtp:111 minptime=10;useinbandfec=1",
    ]
)
SECRETS = ["203.0.113", "192.168", "2001:db8", "198.51.100", "5a6f0e4e", "4ZcD", "2/1muCWo", "49:66", "E7\r"]


@pytest.mark.parametrize("secret", SECRETS)
def test_addresses_and_keys_are_gone(secret: str) -> None:
    assert secret in SDP
    assert secret not in masked(SDP)


@pytest.mark.parametrize("fact", ["opus/48000/2", "useinbandfec=1", "typ srflx", "typ relay", "54400", "SAVPF 111"])
def test_what_was_negotiated_stays(fact: str) -> None:
    assert fact in masked(SDP)


def test_a_frame_is_told_by_its_shape() -> None:
    told = shape({"type": "rtc:description", "id": 7, "gen": 2, "description": {"type": "offer", "sdp": SDP}})
    assert (told["frame_type"], told["frame_id"], told["gen"], told["description_type"]) == (
        "rtc:description", 7, 2, "offer",
    )  # fmt: skip
    candidate = {"candidate": "candidate:1 1 udp 1 192.168.1.20 5 typ host"}
    assert shape({"type": "rtc:ice:candidate", "candidate": candidate})["masked_candidate"].endswith("*** 5 typ host")
    assert "masked_candidate" not in shape({"type": "rtc:ice:candidate", "id": 1, "candidate": None})
