"""Several at the same moment, each with a connection of its own: the database settles who has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import OperationalError, connection

from accounts.models import Operator
from appointments import booking, due, owning
from appointments.models import Appointment, State
from infra.errors import DomainError
from infra.redis.client import client
from infra.redis.scripts import key
from sites import lookup
from tests.appointments.conftest import Choose, first_free, has_come

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 8


def at_once(act: Callable[[int], Any], many: int = MANY) -> Counter[str]:
    """What came of each: the code of the refusal, or `done`."""

    def one(number: int) -> str:
        try:
            while True:
                try:
                    found = act(number)
                    return "done" if found in (None, "") or found else "nothing"
                except OperationalError:
                    # SQLite in memory has no patience.
                    continue
        except DomainError as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(many) as pool:
        return Counter(pool.map(one, range(many)))


def wish(number: int, **fields: Any) -> booking.Wish:
    given = {"key": f"{number}".rjust(20, "k"), "starts_at": first_free(), "name": "Ada", "topic": "", "media": "chat"}
    return booking.Wish(**{**given, "email": f"a{number}@example.com", "zone": "", **fields})


@pytest.mark.parametrize("seats", [1, 3])
def test_of_many_at_once_one_has_the_time(settings: Any, seats: int) -> None:
    settings.APPOINTMENTS_PER_SLOT = seats
    site, start = lookup.find("").site, first_free()
    came = at_once(lambda number: booking.book(wish(number, starts_at=start), site, "https://testserver"))
    assert came == {"done": seats, "slot_taken": MANY - seats}
    assert sorted(Appointment.objects.values_list("seat", flat=True)) == list(range(seats))


def test_one_address_has_as_many_as_it_may_and_one_key_one() -> None:
    site, times = lookup.find("").site, list(booking.free(lookup.find("").site))
    at_once(
        lambda number: booking.book(
            wish(number, starts_at=times[number], email="ada@example.com"), site, "https://testserver"
        )
    )
    assert Appointment.objects.count() == 2
    Appointment.objects.all().delete()
    came = at_once(lambda number: booking.book(wish(0, starts_at=times[0]), site, "https://testserver"))
    assert came == {"done": MANY}
    assert Appointment.objects.count() == 1


def test_it_is_taken_by_one_and_given_back_or_called(booked: Appointment, choose: Choose) -> None:
    people = [Operator.objects.create_user(f"op{n}", name=f"Op {n}") for n in range(4)]
    at_once(lambda number: owning.take(booked.pk, people[number % 4]))
    booked.refresh_from_db()
    assert booked.owner in people
    has_come(booked)
    at_once(lambda number: booking.cancel(booked.pk) if number % 2 else due.see_to())
    booked.refresh_from_db()
    waiting = client().zrange(key("line"), 0, -1)
    assert (booked.state, waiting) in [(State.CALLED, [booked.conversation]), (State.CANCELLED, [])]
