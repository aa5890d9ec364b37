"""`python -m harness.operators ADMIN_ID…`: makes operators and signs them in, in the database that the environment
names; prints adminId → session key as JSON.

A process of its own, because it needs Django and what starts it may not.
"""

from __future__ import annotations

import json
import sys

from support.config.environment import point_django_at_settings


def main(names: list[str]) -> None:
    point_django_at_settings()
    import django

    django.setup()
    from django.contrib.auth import SESSION_KEY
    from django.db import transaction

    from accounts.models import Operator
    from accounts.session_store import SessionStore

    keys = {}
    with transaction.atomic():
        for name in names:
            operator, _ = Operator.objects.get_or_create(username=name, defaults={"name": name.title()})
            store = SessionStore()
            store[SESSION_KEY] = str(operator.pk)
            store.create()
            keys[name] = store.session_key
    print(json.dumps(keys))


if __name__ == "__main__":
    main(sys.argv[1:])
