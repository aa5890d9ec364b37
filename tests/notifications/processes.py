"""What the process tests run in processes of their own: `python -m tests.notifications.processes VERB …`.

Verbs print their answer as JSON on stdout. They wait for a line on stdin first where several must start together.
"""

import json
import sys
import time

import django


def enqueue(count: str) -> object:
    """Puts `count` notifications to chat 1001 into the outbox, and leaves the sweep to the test; their row ids."""
    from notifications.sending import prompt

    prompt.sweep_on_commit = lambda: None
    return notify(count)


def notify(count: str) -> object:
    """The same as it is: a sweep is asked for."""
    from notifications import services
    from notifications.telling.recipients import Recipient

    target = [Recipient("ayse", "1001", "tr")]
    return [
        services.enqueue("customer_joined", context={"name": f"n{n}"}, dedupe_key=f"join:{n}", recipients=target)[0].pk
        for n in range(int(count))
    ]


def otp(code: str) -> object:
    from notifications import services

    return services.send_otp("ayse", "1001", "tr", code).pk


def sweep() -> object:
    """Sweeps and delivers, in this process, until nothing is left; the ids of the rows claimed here."""
    from django.utils import timezone

    from notifications.models import OPEN_STATES, OutboxMessage
    from notifications.sending import delivery, outbox

    ready()
    mine = []
    while OutboxMessage.objects.filter(state__in=OPEN_STATES).exists():
        for row_id, claim in outbox.claim_due(timezone.now()):
            mine.append(row_id)
            delivery.deliver(row_id, claim)
        time.sleep(0.01)  # another process may hold the last ones
    return mine


def hand_over() -> object:
    """One sweep that hands its rows to the broker; how many."""
    from notifications import tasks

    return tasks.sweep.apply().get()


def slots(count: str) -> object:
    """Takes `count` send slots one after the other; when each may send, in seconds since 1970."""
    from notifications.transports import ratelimit

    ready()
    taken = []
    while len(taken) < int(count):
        slot = ratelimit.reserve()
        if slot.reserved:
            taken.append(time.time() + slot.wait_s)
        time.sleep(slot.wait_s)
    return taken


def ready() -> None:
    """Reports that this process is up and waits until the test says go."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()


if __name__ == "__main__":
    django.setup()
    verbs = {"enqueue": enqueue, "notify": notify, "otp": otp, "sweep": sweep, "hand_over": hand_over, "slots": slots}
    answer = verbs[sys.argv[1]](*sys.argv[2:])
    sys.stdout.write(json.dumps(answer) + "\n")
