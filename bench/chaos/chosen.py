"""`python -m bench.chaos.chosen TITLE ORIGIN SECS…`: customers who have chosen times, so many seconds from now.

Straight into the database of a stack, since the page offers no time so soon. A process of its own, because it needs
Django and the load generators do not. Prints `[[name, e-mail, conversation] …]` as JSON.
"""

import json
import sys
from datetime import timedelta

from support.config.environment import point_django_at_settings

point_django_at_settings()

import django  # noqa: E402

django.setup()

from django.utils import timezone  # noqa: E402

from appointments import booking  # noqa: E402
from appointments.models import Appointment, mailbox_of  # noqa: E402


def choose(title: str, origin: str, secs: list[float]) -> list[Appointment]:
    now, rows = timezone.now(), []
    for number, ahead in enumerate(secs):
        email = f"{title}-{number}@example.org"
        row = Appointment(
            key=email, name=f"{title} time {number}", email=email, mailbox=mailbox_of(email), language="en",
            media="video", origin=origin, minutes=booking.plan().minutes, starts_at=now + timedelta(seconds=ahead),
        )  # fmt: skip
        rows.append(row)
    return Appointment.objects.bulk_create(rows)


if __name__ == "__main__":
    made = choose(sys.argv[1], sys.argv[2], [float(word) for word in sys.argv[3:]])
    json.dump([[row.name, row.email, row.conversation] for row in made], sys.stdout)
