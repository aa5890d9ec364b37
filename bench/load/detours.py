"""Customers who do not go straight from the queue to the end of their call: they wait for a department, have a
priority, nobody answers them, or they are passed on.

The first two are settled by chance when they come; the others when they first come to an operator, and happen once.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import jwt

from harness.people import Desk, Guest

ANSWER_ACT_SECS = 3
"""How long a match rings here."""
IDENTITY_SECRET = "of-the-load-0123456789-0123456789-0123456789"
"""By which the site's own server says who has a priority."""
PRIORITY_MOST = 3
LINES_EACH = 3
"""Departments that an operator serves, where there are as many."""
LIFE_SECS = 3600


def departments(lines: int, desks: Sequence[str]) -> dict[str, list[str]]:
    """Who serves which: each operator a few, each department about as many operators."""
    each = min(LINES_EACH, lines)
    members: dict[str, list[str]] = {f"line-{number}": [] for number in range(lines)}
    for number, desk in enumerate(desks):
        for more in range(each):
            members[f"line-{(number + more * (1 + number // lines)) % lines}"].append(desk)
    return {line: list(dict.fromkeys(names)) for line, names in members.items()}


@dataclass
class Detours:
    """Shares of the customers in percent."""

    transfers: float = 0
    unanswered: float = 0
    priorities: float = 0
    lines: Sequence[str] = ()
    urgent: int = 0
    passed_on: int = 0
    given_back: int = 0
    _seen: dict[str, str] = field(default_factory=dict)

    def set_out(self, guest: Guest) -> Guest:
        """Where this customer waits, and how urgently."""
        if self.lines:
            guest.line = random.choice(self.lines)
        if random.uniform(0, 100) < self.priorities:
            claims = {"sub": guest.join_key, "priority": random.randint(1, PRIORITY_MOST)}
            guest.identity = jwt.encode({**claims, "exp": int(time.time()) + LIFE_SECS}, IDENTITY_SECRET, "HS256")
            self.urgent += 1
        return guest

    def _way(self, conversation: str) -> str:
        """What is still to come for this customer."""
        if conversation not in self._seen:
            chance = random.uniform(0, 100)
            passed = "passed on" if chance < self.unanswered + self.transfers else "straight"
            self._seen[conversation] = "unanswered" if chance < self.unanswered else passed
        return self._seen[conversation]

    def answered(self, conversation: str) -> None:
        """Somebody talks there already: it can still be passed on, but no longer be left ringing."""
        if self._way(conversation) == "unanswered":
            self._seen[conversation] = "straight"

    async def is_answered(self, desk: Desk) -> bool:
        """False for a match that nobody has answered: it is somebody else's by then."""
        conversation = str(desk.conversation)
        if self._way(conversation) != "unanswered":
            return True
        self._seen[conversation] = "straight"
        desk.ring()
        await desk.until(lambda: desk.conversation != conversation)
        self.given_back += 1
        return False

    def part(self, desk: Desk) -> bool:
        """Hangs up, or passes on; whether the customer has left."""
        conversation = str(desk.conversation)
        if self._way(conversation) != "passed on":
            desk.hang_up()
            return True
        self._seen[conversation] = "straight"
        desk.pass_on()
        self.passed_on += 1
        return False
