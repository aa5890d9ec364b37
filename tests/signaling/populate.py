"""`python -m tests.signaling.populate ADMIN_ID…` migrates the database that the environment names and makes operators.

Prints their session keys as JSON.
"""

from __future__ import annotations

import json
import sys

from support.config import point_django_at_settings


def main(names: list[str]) -> None:
    point_django_at_settings()
    import django

    django.setup()
    from django.core.management import call_command

    from accounts.models import Operator
    from accounts.session_store import SessionStore

    call_command("migrate", verbosity=0)
    keys = {}
    for name in names:
        operator = Operator.objects.create(username=name, name=name.title())
        store = SessionStore()
        store["_auth_user_id"] = str(operator.pk)
        store.create()
        keys[name] = store.session_key
    print(json.dumps(keys))


if __name__ == "__main__":
    main(sys.argv[1:])
