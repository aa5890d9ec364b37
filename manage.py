#!/usr/bin/env python
"""The command line of the project: `manage.py help` lists what there is."""

import sys

from support.config.environment import point_django_at_settings


def main() -> None:
    point_django_at_settings()
    if sys.argv[1:2] == ["checkconfig"]:
        # It explains a configuration that Django could not even be set up with.
        from support.management.commands.checkconfig import Command

        Command().run_from_argv(sys.argv)
        return
    from support.command_line import run

    run(sys.argv)


if __name__ == "__main__":
    main()
