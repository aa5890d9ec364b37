"""Counters and gauges of the sockets. Known labels start at 0, so that a rate over them is never missing."""

from collections.abc import Iterable, Iterator

from prometheus_client import REGISTRY, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from queueing import visit
from signaling.wire.error_codes import CLOSES, ERRORS

ROLES = ("customer", "operator")
DEVICE_TYPES = ("speaker", "headset", "earpiece", "bluetooth", "default", "other")
CALL_STATES = ("connecting", "connected", "reconnecting", "failed")


class Tally(Collector):
    """A counter of the relay's hot path: `n += 1` there, where a lock and three calls would cost as much as the rest.

    Only the event loop's thread counts; a scrape reads whatever stands there.
    """

    def __init__(self, name: str, documentation: str) -> None:
        self.n = 0
        self._name, self._documentation = name, documentation
        REGISTRY.register(self)

    def collect(self) -> Iterator[Metric]:
        metric = CounterMetricFamily(self._name, self._documentation)
        metric.add_metric([], self.n)
        yield metric


connections = Counter("socket_connections_total", "Sockets accepted", ["role"])
open_sockets = Gauge("socket_open", "Sockets open now in this process", ["role"])
closes = Counter("socket_closes_total", "Sockets closed by the server", ["code"])
frame_errors = Counter("socket_frame_errors_total", "Frames answered with an error", ["code"])
relayed = Tally("mailbox_frames_relayed_total", "Numbered frames stored for a peer")
delivered = Tally("mailbox_frames_delivered_total", "Numbered frames written to a receiver")
repairs = Counter("mailbox_repairs_total", "Gaps noticed and filled while a socket was open")
takeovers = Counter("socket_takeovers_total", "Sockets replaced by a newer one")
lapses = Counter("socket_process_lapses_total", "Times this process was taken for dead")
store_losses = Counter("signaling_store_losses_total", "Times this process lost Redis and refused its sockets")
store_latency = Histogram(
    "signaling_store_seconds",
    "Round trip of the process' probe script",
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0),
)
audio_outputs = Counter("audio_output_selection_total", "Audio outputs chosen", ["device_type"])
turn_regions = Counter("turn_selected_region_total", "Calls that selected a TURN region", ["region"])
candidates_withheld = Counter(
    "webrtc_candidates_withheld_total", "Candidates not passed on, since media goes through relays only"
)
turn_faults = Counter(
    "turn_region_faults_total", "Parties that could not reach a TURN region while another one worked", ["region"]
)
call_states = Counter("webrtc_call_state_total", "Media states reported by a party", ["role", "state"])
reconnect_attempts = Counter(
    "webrtc_reconnect_attempts_total", "ICE restarts or reconnects begun by a client", ["role"]
)
visit_facts_unread = Counter(
    "visit_facts_unread_total", "Facts of a customer's page that could not be read and were left out", ["field"]
)
high_packet_loss = Counter("webrtc_high_packet_loss_total", "Reports of loss over the client's threshold", ["role"])

known_regions: set[str] = set()

for role in ROLES:
    connections.labels(role)
    open_sockets.labels(role)
    reconnect_attempts.labels(role)
    high_packet_loss.labels(role)
    for state in CALL_STATES:
        call_states.labels(role, state)
for field in visit.FIELDS:
    visit_facts_unread.labels(field)
for device_type in DEVICE_TYPES:
    audio_outputs.labels(device_type)
for close_code in CLOSES:
    closes.labels(str(close_code))
for error_code in ERRORS:
    frame_errors.labels(error_code)


def count_audio_output(device_type: str) -> None:
    """Counts a choice; what a client invents is counted as `other`, so that labels stay few."""
    audio_outputs.labels(device_type if device_type in DEVICE_TYPES else "other").inc()


def know_turn_regions(regions: Iterable[str]) -> None:
    """The configured regions start at 0; any other name is counted as `other`."""
    known_regions.update(regions)
    for region in (*known_regions, "other"):
        turn_regions.labels(region)
        turn_faults.labels(region)


def count_turn_region(region: str) -> None:
    """Counts a region that a party selected: once per call and party, as long as it stays there."""
    turn_regions.labels(region if region in known_regions else "other").inc()


def count_turn_faults(regions: Iterable[str]) -> None:
    """Counts regions that a party could not reach though others could be; only configured ones get here."""
    for region in regions:
        turn_faults.labels(region if region in known_regions else "other").inc()
