"""Draws whole runs: which steps, in what mix, one after another or racing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.properties.booking import Booking
from tests.properties.calling import Calling
from tests.properties.chaos import Chaos
from tests.properties.fleet import Fleet
from tests.properties.outage import Outage
from tests.properties.pages import Violation
from tests.properties.run import Run, Step

LENGTH = 28
CUSTOMERS_MAX = 7
OPERATORS_MAX = 3
QUEUE: dict[str, float] = {
    "join": 10, "rejoin": 2, "connect_operator": 4, "available": 10, "claim": 3, "end": 7, "remove": 1, "lose": 5,
    "vanish": 3, "reconnect": 9, "zombie": 2, "say": 5, "ack": 1, "deliver": 5, "elapse": 9, "sleep": 2, "kill": 2,
    "stop": 2, "resume": 3, "maintenance": 1, "mend": 1, "repair": 1, "age": 0.5,
}  # fmt: skip
ANSWER: dict[str, float] = {
    "join": 8, "connect_operator": 4, "available": 12, "claim": 3, "end": 3, "lose": 4, "reconnect": 7, "say": 10,
    "ack": 4, "deliver": 8, "elapse": 5, "ring": 8, "overdue": 8, "transfer": 10, "supervise": 5, "over": 3, "kill": 2,
    "stop": 1, "resume": 2, "mend": 1,
}  # fmt: skip
MAIL: dict[str, float] = {
    "join": 4, "rejoin": 1, "connect_operator": 3, "available": 5, "end": 3, "lose": 6, "vanish": 4, "reconnect": 14,
    "zombie": 4, "say": 25, "describe": 3, "ack": 6, "deliver": 14, "repair": 6, "elapse": 2, "kill": 2, "stop": 1,
    "resume": 2, "flood": 0.1,
}  # fmt: skip


LINES: dict[str, float] = {
    "join": 14, "rejoin": 1, "connect_operator": 5, "available": 12, "claim": 2, "end": 7, "lose": 5, "reconnect": 9,
    "say": 2, "deliver": 3, "elapse": 7, "overdue": 2, "transfer": 5, "over": 3, "kill": 2, "stop": 1, "resume": 2,
    "mend": 1,
}  # fmt: skip

ALONE = frozenset((
    "elapse", "overdue", "over", "hold_over", "hear_start", "sleep", "age", "kill", "stop", "resume", "vanish", "wipe",
    "crash", "record", "record_racing", "record_and_die", "time_comes", "time_nears", "worker_was_out",
    "look_racing", "look_and_die", "ask_again",
))  # fmt: skip
"""Steps that do not race with others."""
WIPE: dict[str, float] = {
    "join": 10, "connect_operator": 5, "available": 10, "end": 4, "lose": 3, "reconnect": 5, "say": 6,
    "deliver": 5, "elapse": 5, "record": 6, "kill": 1, "stop": 1, "resume": 2, "wipe": 2,
}  # fmt: skip
CRASH: dict[str, float] = {
    "join": 8, "connect_operator": 4, "available": 8, "end": 3, "lose": 3, "reconnect": 6, "say": 14, "ack": 3,
    "deliver": 6, "elapse": 3, "kill": 1, "crash": 1,
}  # fmt: skip
RECORD: dict[str, float] = {
    "join": 10, "connect_operator": 4, "available": 8, "claim": 2, "end": 7, "remove": 1, "lose": 2, "reconnect": 4,
    "say": 14, "elapse": 3, "kill": 1, "record": 3, "record_racing": 2, "record_and_die": 4,
}  # fmt: skip


CALLBACKS: dict[str, float] = {
    "join": 9, "connect_operator": 3, "available": 8, "claim": 2, "end": 6, "remove": 1, "lose": 8, "vanish": 3,
    "reconnect": 5, "ask": 9, "start_link": 8, "hear_start": 10, "give_up": 3, "take_back": 3, "hold_over": 10,
    "elapse": 7, "kill": 2, "stop": 1, "resume": 2, "mend": 1, "record": 4, "record_and_die": 1, "wipe": 0.5,
}  # fmt: skip


APPOINTMENTS: dict[str, float] = {
    "join": 8, "connect_operator": 3, "available": 9, "claim": 2, "end": 5, "remove": 1, "lose": 6, "vanish": 2,
    "reconnect": 5, "ask": 3, "take_back": 3, "hold_over": 8, "overdue": 5, "transfer": 4, "elapse": 6, "kill": 1,
    "stop": 1, "resume": 2, "mend": 1, "record": 6, "record_and_die": 1, "wipe": 2.5, "choose": 12, "time_comes": 12,
    "worker_was_out": 1, "time_nears": 2, "look": 10, "look_racing": 2, "look_and_die": 1.5, "open_letter": 6,
    "move_time": 1.5, "give_back": 2, "ask_again": 6,
}  # fmt: skip


def queue(fleet: Fleet, seed: int) -> Run:
    """Joins, claims, ends, lost sockets, killed and stopped processes, time."""
    return _played("queue", Chaos(Run(fleet, seed)), seed, QUEUE)


def answer(fleet: Fleet, seed: int) -> Run:
    """Matches that ring, are answered, or go back to the head of the queue; conversations that are passed on."""
    return _played("answer", Chaos(Run(fleet, seed)), seed, ANSWER)


def lines(fleet: Fleet, seed: int) -> Run:
    """Customers of several lines, some with a priority; operators who serve one line or more; ends and transfers."""
    chaos = Chaos(Run(fleet, seed))
    chaos.lines = ("", "sales", "tech")
    return _played("lines", chaos, seed, LINES)


def mail(fleet: Fleet, seed: int) -> Run:
    """Chat between parties who come back with old, stale, forged or no memory, while notices get lost."""
    chaos = Chaos(Run(fleet, seed))
    chaos.loss = 0.15
    return _played("mail", chaos, seed, MAIL)


def wipe(fleet: Fleet, seed: int) -> Run:
    """Redis is emptied in the middle; tokens and the database bring back what they can."""
    outage = Outage(Run(fleet, seed))

    def compared() -> None:
        outage.nobody_was_claimed_early()
        outage.compare_live_records()

    return _played("wipe", outage, seed, WIPE, compared)


def crash(fleet: Fleet, seed: int) -> Run:
    """Redis is killed and started again, sometimes without its last moments."""
    return _played("crash", Outage(Run(fleet, seed)), seed, CRASH)


def record(fleet: Fleet, seed: int) -> Run:
    """The journal is written down by workers who race and are killed between commit and acknowledgement."""
    outage = Outage(Run(fleet, seed))
    return _played("record", outage, seed, RECORD, outage.compare_records)


def callbacks(fleet: Fleet, seed: int) -> Run:
    """Customers leave to be called, come back or not, while workers are killed and Redis is emptied."""
    calling = Calling(Run(fleet, seed))
    return _played("callbacks", calling, seed, CALLBACKS, calling.compare_callbacks)


def appointments(fleet: Fleet, seed: int) -> Run:
    """Times that customers have chosen come, among others who wait, while workers are killed and Redis is emptied."""
    booking = Booking(Run(fleet, seed))
    return _played("appointments", booking, seed, APPOINTMENTS, booking.compare_appointments)


def _played(
    family: str, chaos: Chaos, seed: int, weights: dict[str, float], last: Callable[[], None] | None = None
) -> Run:
    try:
        _play(chaos, weights)
        if last is not None:
            last()
    except (Violation, AssertionError) as error:
        again = f"python -m tests.properties --family {family} --seed {seed} --runs 1"
        raise Violation(f"seed {seed} ({family}): {error}\n\nagain: {again}\n\n{chaos.run.told()}") from error
    return chaos.run


def _play(chaos: Chaos, weights: dict[str, float]) -> None:
    run = chaos.run
    racing = run.random.random() < 0.4
    for _ in range(LENGTH):
        if racing and run.random.random() < 0.4:
            run.do(*_race(chaos, weights))
        else:
            move(chaos, weights)
        if run.random.random() < 0.08:
            run.check()
    chaos.settle()
    chaos.verdict()
    if run.random.random() < 0.2:
        chaos.serve_all()
        chaos.forget_all()


def move(chaos: Chaos, weights: dict[str, float]) -> None:
    step = _draw(chaos, weights)()
    if isinstance(step, Step):
        chaos.run.do(step)


def _draw(chaos: Chaos, weights: dict[str, float]) -> Callable[[], Any]:
    while True:
        name = chaos.random.choices(list(weights), list(weights.values()))[0]
        full = {"join": CUSTOMERS_MAX, "connect_operator": OPERATORS_MAX}.get(name)
        side = "c" if name == "join" else "o"
        live = [page for page in chaos.run.pages if page.side == side and page.phase != "ended"]
        if full is None or len(live) < full:
            return getattr(chaos, name)  # type: ignore[no-any-return]


def _race(chaos: Chaos, weights: dict[str, float]) -> list[Step]:
    """Steps sent at once: those of one process keep their order, those of several race."""
    steps = []
    for _ in range(chaos.random.randint(3, 7)):
        name = chaos.random.choices(list(weights), list(weights.values()))[0]
        if name in ALONE or (name == "connect_operator" and len(chaos.operators()) >= OPERATORS_MAX):
            continue
        step = getattr(chaos, name)()
        if step is not None:
            steps.append(step)
    return steps
