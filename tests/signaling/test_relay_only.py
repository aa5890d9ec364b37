"""With ICE_TRANSPORT_POLICY=relay neither side learns the other's address, whatever a client sends."""

from typing import Any

import pytest

from signaling.ice.relay_only import relay_candidate, relay_description
from support.config.types import TurnServer
from tests.signaling.client import Peer, Site

HOST = "candidate:1 1 udp 2122260223 192.168.1.5 50000 typ host generation 0 ufrag aB"
REFLEXIVE = "candidate:2 1 udp 1686052607 203.0.113.7 50001 typ srflx raddr 192.168.1.5 rport 50000 generation 0"
RELAY = "candidate:3 1 udp 41885439 198.51.100.1 60000 typ relay raddr 203.0.113.7 rport 50001 generation 0 ufrag aB"
SHOWN = "candidate:3 1 udp 41885439 198.51.100.1 60000 typ relay raddr 0.0.0.0 rport 0 generation 0 ufrag aB"
SDP = "\r\n".join(
    [
        "v=0",
        "o=- 4611731400430051336 2 IN IP4 192.168.1.5",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0 1",
        "m=audio 50000 UDP/TLS/RTP/SAVPF 111",
        "c=IN IP4 192.168.1.5",
        "a=rtcp:50002 IN IP6 2001:db8::5",
        f"a={HOST}",
        f"a={REFLEXIVE}",
        f"a={RELAY}",
        "a=remote-candidates:1 192.168.1.5 50000",
        "a=ice-ufrag:aB",
        "a=ssrc:1 cname:host",
        "m=video 0 UDP/TLS/RTP/SAVPF 96",
        "c=IN IP4 0.0.0.0",
        "",
    ]
)


@pytest.fixture
def relay_only(settings: Any) -> None:
    settings.ICE_TRANSPORT_POLICY = "relay"
    settings.TURN_SECRET = "shared-with-coturn-0123456789"
    settings.TURN_SERVERS = [TurnServer(region="eu", urls=["turn:eu.example:3478", "stun:eu.example:3478"])]


@pytest.mark.parametrize(
    "text",
    [
        HOST,
        REFLEXIVE,
        HOST.replace("udp", "tcp") + " tcptype active",
        # Only the eighth word is the type; this is a host candidate with extensions.
        HOST + " typ relay",
        "candidate:1 1 udp 1 192.168.1.5 5 typ",
        "candidate:1 1 udp 1 192.168.1.5 5 type relay",
        "192.168.1.5",
    ],
)
def test_only_relays_pass(text: str) -> None:
    with pytest.raises(LookupError):
        relay_candidate({"candidate": text, "sdpMid": "0"})


@pytest.mark.parametrize("prefix", ["", "a="])
def test_a_relay_does_not_tell_what_is_behind_it(prefix: str) -> None:
    assert relay_candidate({"candidate": prefix + RELAY, "sdpMid": "0"}) == {"candidate": prefix + SHOWN, "sdpMid": "0"}


@pytest.mark.parametrize("end", [None, {"candidate": ""}, {"candidate": "", "sdpMid": "0"}])
def test_the_end_of_candidates_passes(end: Any) -> None:
    assert relay_candidate(end) == end


@pytest.mark.parametrize("line_end", ["\r\n", "\n"])
def test_a_description_names_no_address_of_its_sender(line_end: str) -> None:
    shown = relay_description({"type": "offer", "sdp": SDP.replace("\r\n", line_end)})["sdp"]
    assert shown.split(line_end) == [
        "v=0",
        "o=- 4611731400430051336 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0 1",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "c=IN IP4 0.0.0.0",
        "a=rtcp:9 IN IP4 0.0.0.0",
        f"a={SHOWN}",
        "a=ice-ufrag:aB",
        "a=ssrc:1 cname:host",
        "m=video 0 UDP/TLS/RTP/SAVPF 96",
        "c=IN IP4 0.0.0.0",
        "",
    ]


def test_a_rollback_has_nothing_to_hide() -> None:
    assert relay_description({"type": "rollback"}) == {"type": "rollback"}


async def offered(sender: Peer, receiver: Peer) -> None:
    for text in (HOST, RELAY, REFLEXIVE):
        await sender.numbered("rtc:ice:candidate", candidate={"candidate": text, "sdpMid": "0"}, gen=0)
    await sender.numbered("rtc:description", description={"type": "offer", "sdp": SDP}, gen=0)
    await receiver.expect("rtc:description")


async def test_the_server_takes_out_what_a_client_should_not_have_sent(
    site: Site, make_session: Any, relay_only: None
) -> None:
    customer, operator, _ = await site.call(await make_session())
    for sender, receiver in ((customer, operator), (operator, customer)):
        await offered(sender, receiver)
        assert [frame["candidate"]["candidate"] for frame in receiver.came("rtc:ice:candidate")] == [SHOWN]
        sdp = receiver.came("rtc:description")[0]["description"]["sdp"]
        assert "192.168.1.5" not in sdp
        assert "203.0.113.7" not in sdp
        assert SHOWN in sdp


async def test_what_was_withheld_is_acknowledged_once_more_when_sent_again(
    site: Site, make_session: Any, relay_only: None
) -> None:
    customer, operator, _ = await site.call(await make_session())
    for _again in range(2):
        await customer.send("rtc:ice:candidate", id=7, candidate={"candidate": HOST}, gen=0)
        await customer.expect("ack", id=7)
    await customer.send("rtc:ice:candidate", id=8, candidate={"candidate": RELAY}, gen=0)
    assert (await operator.expect("rtc:ice:candidate"))["seq"] == 2  # after `queue:ready`, without a gap


async def test_with_policy_all_candidates_pass_as_they_are(site: Site, make_session: Any) -> None:
    customer, operator, _ = await site.call(await make_session())
    await offered(customer, operator)
    assert [frame["candidate"]["candidate"] for frame in operator.came("rtc:ice:candidate")] == [HOST, RELAY, REFLEXIVE]
    assert operator.came("rtc:description")[0]["description"]["sdp"] == SDP
    assert customer.came("queue:ready")[0]["ice_policy"] == "all"


async def test_pages_are_told_and_get_no_stun(site: Site, make_session: Any, relay_only: None) -> None:
    session = await make_session()
    customer, operator, joined = await site.call(session)
    assert customer.came("welcome")[0]["ice_policy"] == "relay"
    for peer in (customer, operator):
        ready = peer.came("queue:ready")[0]
        assert ready["ice_policy"] == "relay"
        assert [server["urls"] for server in ready["ice_servers"]] == [["turn:eu.example:3478"]]
    await customer.send("ice:refresh")
    assert (await customer.expect("ice:servers"))["ice_policy"] == "relay"
    again = await site.customer(resume={"token": joined["token"]})
    assert (await again.expect("resync"))["state"]["ice_policy"] == "relay"
