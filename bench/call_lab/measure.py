"""From a page's samples to figures. Pure: times are ms since the epoch, as the pages' clocks give them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Sample = dict[str, Any]
# An audio packet comes every 20 ms, a sample is taken every 100 ms, and a busy machine delays both.
NOISE_MS = 400.0
PACKET_MS = 20.0


@dataclass
class Record:
    """What a page's observer noted. samples: t, ap/ab/as/ac/asil (inbound audio: packets, bytes, samples, concealed,
    silently concealed), vp/vf (video packets, frames decoded), pair, rtt, height, sends, state. events: t, what, ….
    said: chat lines that left the box."""

    samples: list[Sample]
    events: list[dict[str, Any]]
    said: list[str]

    def count(self, what: str, since: float, **fields: Any) -> int:
        return sum(
            event["what"] == what and event["t"] >= since and all(event.get(k) == v for k, v in fields.items())
            for event in self.events
        )

    def first(self, what: str, since: float = 0.0, **fields: Any) -> float | None:
        """When it was noted first."""
        times = [
            event["t"]
            for event in self.events
            if event["what"] == what and event["t"] >= since and all(event.get(k) == v for k, v in fields.items())
        ]
        return min(times, default=None)


@dataclass(frozen=True)
class Growth:
    """A counter grew: the last time it had grown before, and when it did again."""

    after: float
    at: float

    @property
    def gap(self) -> float:
        return self.at - self.after


def growths(samples: Sequence[Sample], counter: str) -> list[Growth]:
    """Every growth of `counter` and how long nothing had come before it, ms."""
    found: list[Growth] = []
    last = samples[0]["t"] if samples else 0.0
    for before, sample in pairwise(samples):
        gained = sample[counter] - before[counter]
        if gained <= 0:
            continue
        # Several packets since the last look: the first of them came earlier than now.
        spread = PACKET_MS * (gained - 1) if counter == "ap" else 0.0
        at = max(before["t"], sample["t"] - spread)
        found.append(Growth(last, at))
        last = sample["t"]
    return found


def longest_gap(samples: Sequence[Sample], counter: str, start: float, end: float) -> float | None:
    """Longest time without growth that touches start … end, ms; 0 when below what sampling can tell. None: the counter
    never grew again after `start`.
    """
    seen = growths(samples, counter)
    if not any(growth.at >= start for growth in seen):
        return None
    gap = max((g.gap for g in seen if g.at >= start and g.after <= end), default=0.0)
    return gap if gap > NOISE_MS else 0.0


def longest_hole(samples: Sequence[Sample], start: float, end: float) -> float:
    """Longest time between two looks, ms: a page that could not look tells nothing about what came meanwhile."""
    inside = [sample["t"] for sample in samples if start <= sample["t"] <= end]
    return max((later - earlier for earlier, later in pairwise(inside)), default=0.0)


def recovery(samples: Sequence[Sample], counter: str, since: float) -> float | None:
    """From `since` to the first growth that goes on (two more within 1 s), ms. None: never."""
    later = [growth for growth in growths(samples, counter) if growth.at >= since]
    for index, growth in enumerate(later[:-2]):
        if later[index + 2].at - growth.at < 1000:
            return growth.at - since
    return None


def concealment(samples: Sequence[Sample], start: float, end: float) -> float | None:
    """Percent of the audio played between start and end that was made up. None: nothing was played."""
    inside = [sample for sample in samples if start <= sample["t"] <= end]
    if len(inside) < 2:
        return None
    played = inside[-1]["as"] - inside[0]["as"]
    return 100.0 * (inside[-1]["ac"] - inside[0]["ac"]) / played if played > 0 else None


def steps(samples: Sequence[Sample], start: float) -> list[int]:
    """Heights of the video that this side sent, each change once; 0 is no video."""
    heights: list[int] = []
    for sample in samples:
        height = int(sample.get("sends", 0))
        if sample["t"] >= start and (not heights or heights[-1] != height):
            heights.append(height)
    return heights


@dataclass(frozen=True)
class Chat:
    """How the lines of one way fared."""

    said: int
    lost: int
    doubled: int
    disordered: int


def compare_lines(said: Sequence[str], heard: Sequence[str]) -> Chat:
    numbers = [int(line.rsplit("-", 1)[1]) for line in dict.fromkeys(heard) if line in set(said)]
    return Chat(
        said=len(said),
        lost=len(set(said) - set(heard)),
        doubled=len(heard) - len(set(heard)),
        disordered=sum(a > b for a, b in pairwise(numbers)),
    )


def compare_all(said: Sequence[Sequence[str]], heard: Sequence[str]) -> Chat:
    """The same of several who spoke one after the other, each with numbers of its own."""
    each = [compare_lines(lines, [line for line in heard if line in set(lines)]) for lines in said]
    return Chat(*(sum(getattr(chat, name) for chat in each) for name in ("said", "lost", "doubled", "disordered")))


def handover(records: dict[str, Record], since: float) -> float | None:
    """From the next operator's claim, as the customer's page reads of it, to the first sound on the side that hears it
    later, ms. None: not both hear each other."""
    claimed = records["customer"].first("in queue:ready", since)
    heard = [None if claimed is None else one.first("unmute", claimed, kind="audio") for one in records.values()]
    known = [at for at in heard if at is not None]
    return max(known) - claimed if claimed is not None and len(known) == len(heard) else None
