"""What must be done before the processes start; everything here may run again at every start and is quick
then.
"""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command

from support.launcher.messages import compile_messages

FIRST_OPERATOR = "admin"


def prepare() -> str | None:
    """Database, translations, static files, first operator; returns the adminId when one was created."""
    compile_messages()
    call_command("migrate", interactive=False, verbosity=0)
    if not settings.DEBUG:
        call_command("collectstatic", interactive=False, verbosity=0)
    return create_first_operator()


def create_first_operator() -> str | None:
    """An empty installation gets one operator, so that somebody can sign in."""
    if get_user_model().objects.exists():
        return None
    call_command("createoperator", FIRST_OPERATOR, name="Admin", verbosity=0)
    return FIRST_OPERATOR
