"""`python -m bench.operators COUNT`: creates operators and signs them in; prints their session keys as JSON.

A process of its own, because it needs Django and the load generator does not.
"""

import json
import sys

from support.config import point_django_at_settings

point_django_at_settings()

import django  # noqa: E402

django.setup()

from django.contrib.auth import SESSION_KEY  # noqa: E402
from django.db import transaction  # noqa: E402

from accounts.models import Operator  # noqa: E402
from accounts.session_store import SessionStore  # noqa: E402


def sign_in(count: int) -> list[str]:
    """Session keys of `count` operators, as signing in makes them."""
    keys = []
    with transaction.atomic():
        for number in range(count):
            name = f"bench-{number}"
            operator, _ = Operator.objects.get_or_create(username=name, defaults={"name": name})
            store = SessionStore()
            store[SESSION_KEY] = str(operator.pk)
            store.create()
            keys.append(str(store.session_key))
    return keys


if __name__ == "__main__":
    print(json.dumps(sign_in(int(sys.argv[1]))))
