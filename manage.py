#!/usr/bin/env python
"""The command line of the project: `manage.py help` lists what there is."""

import sys

from support.config import point_django_at_settings


def main() -> None:
    point_django_at_settings()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
