"""`python -m harness.departments JSON`: makes departments, {key: [adminId, …]}, in the database that the environment
names.

A process of its own, because it needs Django and what starts it may not.
"""

from __future__ import annotations

import json
import sys

from support.config.environment import point_django_at_settings


def main(members: dict[str, list[str]]) -> None:
    point_django_at_settings()
    import django

    django.setup()
    from django.db import transaction

    from accounts.models import Operator
    from sites.line_models import Line, Member

    with transaction.atomic():
        for key, names in members.items():
            line = Line.objects.create(key=key, names={"tr": key, "en": key})
            for operator in Operator.objects.filter(username__in=names):
                Member.objects.create(line=line, operator=operator)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
