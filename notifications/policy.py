"""How a delivery is retried: numbers and one pure function, nothing else."""

import random
from datetime import timedelta

MAX_ATTEMPTS = 5
BASE_SECS = 2.0
JITTER = 0.25
LEASE_SECS = 30.0  # longer than SLOT_WAIT_SECS and SEND_TIMEOUT_SECS together: only a dead worker outlives it
SEND_TIMEOUT_SECS = 15.0
SLOT_WAIT_SECS = 2.5
STORE_OUT_SECS = 2.0
MESSAGES_PER_SECOND = 5
IN_FLIGHT = 10  # claimed at once; at 5/s the last of them waits two seconds for its slot, well inside the lease

MAIL_IN_FLIGHT = 4  # besides those: a mail server that takes its time holds up no message to an operator
PUSH_IN_FLIGHT = 4  # and so does a push service
PUSH_LIVES_SECS = 600
"""How long a push is of use, also to a browser that is off: by then whoever waits has been told of otherwise."""
CHAT_IN_FLIGHT = 4  # and customers who are told on Telegram take no place from operators
CHAT_WAITS_SECS = (5.0, 20.0, 60.0, 180.0)
"""After each failed attempt: a place is held for minutes, so a Telegram that is out for minutes loses nobody."""
MAIL_WAITS_SECS = (15.0, 120.0, 600.0, 1800.0)
"""After each failed attempt. A server that lets strangers wait ("greylisting") takes minutes, as one that restarts."""

_random = random.SystemRandom()


def backoff(attempts: int, *, retry_after: float | None = None, chance: float | None = None) -> timedelta | None:
    """How long to wait after failed attempt number `attempts` (1 = the first); None when there is no further one.

    2 s, 4 s, 8 s, 16 s, each up to a quarter longer so that a burst spreads out; never shorter than the
    `retry_after` seconds Telegram asked for. `chance` in [0, 1) fixes the jitter.
    """
    if attempts >= MAX_ATTEMPTS:
        return None
    drawn = _random.random() if chance is None else chance
    seconds = BASE_SECS * 2 ** (attempts - 1) * (1 + JITTER * drawn)
    return timedelta(seconds=max(seconds, retry_after or 0.0))


def mail_wait(attempts: int, *, chance: float | None = None) -> timedelta | None:
    """The same for an e-mail, whose servers are slower to come back."""
    return _listed(MAIL_WAITS_SECS, attempts, chance)


def chat_wait(attempts: int, *, retry_after: float | None = None, chance: float | None = None) -> timedelta | None:
    """The same for a customer's chat; never shorter than `retry_after`."""
    wait = _listed(CHAT_WAITS_SECS, attempts, chance)
    return None if wait is None else max(wait, timedelta(seconds=retry_after or 0.0))


def _listed(waits: tuple[float, ...], attempts: int, chance: float | None) -> timedelta | None:
    if attempts > len(waits):
        return None
    drawn = _random.random() if chance is None else chance
    return timedelta(seconds=waits[attempts - 1] * (1 + JITTER * drawn))
