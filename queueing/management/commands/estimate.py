"""`manage.py estimate`: how the waits that customers were told of compare with those that came."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import median
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Exists, OuterRef
from django.utils import timezone

from infra.errors import DomainError
from infra.redis.client import execute
from queueing.history.models import Conversation, ConversationEvent
from queueing.live import store
from queueing.live.estimate import Forecast
from queueing.live.promises import Estimate, Judged, margins
from queueing.reports.periods import WAIT

DAYS, DAYS_MAX = 30, 3660
BANDS = ((120, "under 2 min"), (600, "2 to 10 min"), (float("inf"), "over 10 min"))
"""By how long the longest promised wait was."""


@dataclass
class Row:
    """Promises of one kind. `error`: median of how far the middle of the range was from what came."""

    name: str
    waits: int = 0
    earlier: int = 0
    held: int = 0
    later: int = 0
    errors: list[float] = field(default_factory=list, repr=False)

    def add(self, one: Judged) -> None:
        self.waits += 1
        self.held += one.held
        self.earlier += one.waited < one.told.low_s
        self.later += one.waited > one.told.high_s
        self.errors.append(one.error)

    def as_dict(self) -> dict[str, Any]:
        share = {name: round(getattr(self, name) / self.waits, 4) if self.waits else None for name in SHARES}
        return {
            "name": self.name,
            "waits": self.waits,
            **share,
            "error": round(median(self.errors), 4) if self.errors else None,
        }


SHARES = ("held", "earlier", "later")


class Command(BaseCommand):
    help = "Compares the waits that customers were told of with those that came."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=DAYS, help=f"how far back, default {DAYS}")
        parser.add_argument("--json", action="store_true", help="print only JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not 1 <= options["days"] <= DAYS_MAX:
            raise CommandError(f"--days is a number from 1 to {DAYS_MAX}.")
        rows = [row.as_dict() for row in compare(promises_since(options["days"]))]
        try:
            lately = execute(store.judged_promises())
        except DomainError as error:
            raise CommandError(error.message) from error
        factors = margins(lately)
        if options["json"]:
            now = {"judged": len(lately), "low": factors.low, "middle": factors.middle, "high": factors.high}
            self.stdout.write(json.dumps({"days": options["days"], "rows": rows, "factors": now}))
            return
        self.stdout.write(f"{'promised':<12} {'waits':>7} {'held':>6} {'earlier':>8} {'later':>6} {'error':>6}")
        for row in rows:
            cells = [f"{row[name]:.0%}" if row[name] is not None else "–" for name in (*SHARES, "error")]
            self.stdout.write(
                f"{row['name']:<12} {row['waits']:>7} {cells[0]:>6} {cells[1]:>8} {cells[2]:>6} {cells[3]:>6}"
            )
        self.stdout.write(
            f"now: low x {factors.low:.2f}, middle x {factors.middle:.2f}, high x {factors.high:.2f},"
            f" by {len(lately)} waits"
        )


def promises_since(days: int) -> Iterable[Judged]:
    """Of those who had to wait and were served, but not by a second operator: of them only the last claim is known."""
    passed_on = ConversationEvent.objects.filter(conversation=OuterRef("pk"), kind__in=("given-back", "transferred"))
    served = (
        Conversation.objects.filter(joined_at__gte=timezone.now() - timedelta(days=days), claimed_at__isnull=False)
        .exclude(promised_low_s=None)
        .exclude(promised_high_s=None)
        .exclude(Exists(passed_on))
        .annotate(wait=WAIT)
        .filter(wait__gte=1)
    )
    nothing = Forecast(0, 0, 0)  # the database has what was told alone
    for low, high, wait in served.values_list("promised_low_s", "promised_high_s", "wait").iterator(chunk_size=2000):
        yield Judged(nothing, Estimate(low or 0, high or 0), wait)


def compare(promises: Iterable[Judged]) -> list[Row]:
    """All of them, then by how long was promised."""
    whole, bands = Row("all"), [(below, Row(name)) for below, name in BANDS]
    for one in promises:
        whole.add(one)
        next(row for below, row in bands if one.told.high_s < below).add(one)
    return [whole, *(row for _, row in bands)]
