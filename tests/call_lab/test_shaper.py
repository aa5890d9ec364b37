"""What a link does to packets."""

import random

import pytest

from bench.call_lab.shaper import TCP, UDP, Conditions, Shaper


def packet(size: int = 1000, protocol: int = UDP, ports: tuple[int, int] = (5000, 6000)) -> bytes:
    header = bytearray(24)
    header[0], header[9] = 0x45, protocol
    header[20:22], header[22:24] = ports[0].to_bytes(2, "big"), ports[1].to_bytes(2, "big")
    return bytes(header).ljust(size, b"\0")


def shaper(**conditions: object) -> Shaper:
    return Shaper(Conditions().changed(conditions), random.Random(7))


def test_a_packet_arrives_after_the_delay() -> None:
    assert shaper(delay_ms=25).arrival(10.0, packet()) == pytest.approx(10.025)


def test_a_rate_spaces_packets_and_a_full_queue_drops_them() -> None:
    narrow = shaper(rate_kbps=80, queue_ms=250)  # 1000 bytes take 100 ms
    arrivals = [narrow.arrival(0.0, packet()) for _ in range(5)]
    assert arrivals[:3] == pytest.approx([0.1, 0.2, 0.3])
    assert arrivals[3:] == [None, None]
    assert narrow.counts == {"packets": 3, "bytes": 3000, "queue_full": 2}


def test_loss_is_as_frequent_as_asked() -> None:
    lossy = shaper(loss_pct=20)
    lost = sum(lossy.arrival(0.0, packet()) is None for _ in range(10_000))
    assert 1900 < lost < 2100


def test_jitter_keeps_the_order() -> None:
    shaky = shaper(delay_ms=10, jitter_ms=50)
    arrivals = [shaky.arrival(number / 100, packet()) for number in range(200)]
    assert arrivals == sorted(arrivals)  # type: ignore[type-var]


def test_a_cut_link_passes_nothing() -> None:
    assert shaper(down=True).arrival(0.0, packet()) is None


def test_a_firewall_swallows_udp_and_ports_of_tcp() -> None:
    wall = shaper(block_udp=True, block_tcp_ports=[3478])
    assert wall.arrival(0.0, packet(protocol=UDP)) is None
    assert wall.arrival(0.0, packet(protocol=TCP, ports=(40_000, 3478))) is None
    assert wall.arrival(0.0, packet(protocol=TCP, ports=(3478, 40_000))) is None
    assert wall.arrival(0.0, packet(protocol=TCP, ports=(40_000, 5349))) is not None


def test_an_unknown_condition_is_refused() -> None:
    with pytest.raises(ValueError, match="speed"):
        Conditions().changed({"speed": 1})
