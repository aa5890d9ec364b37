"""`manage.py` for people: a stack that is not there is a sentence, not a traceback."""

from __future__ import annotations

import sys

from django.conf import settings
from django.core.management import execute_from_command_line
from django.db import InterfaceError, OperationalError, ProgrammingError

from infra.errors import DomainError

NO_STACK = (
    "Start the stack on it once (`DATA_DIR={data_dir} make run`), or name another: DATA_DIR=/its/folder. "
    "With a database of your own: `manage.py migrate`."
)


def run(arguments: list[str]) -> None:
    """Runs a command. Ends the process with 1 and a sentence where the database or Redis is not there."""
    try:
        execute_from_command_line(arguments)
    except (OperationalError, InterfaceError, ProgrammingError) as error:
        if "--traceback" in arguments:
            raise
        _end(f"The database cannot be used ({str(error).partition(chr(10))[0] or type(error).__name__}).")
    except DomainError as error:
        if "--traceback" in arguments:
            raise
        _end(error.message)


def _end(sentence: str) -> None:
    print(f"{sentence}\n{NO_STACK.format(data_dir=settings.DATA_DIR)}", file=sys.stderr)
    sys.exit(1)
