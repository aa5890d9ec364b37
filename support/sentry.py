"""Errors to Sentry, when SENTRY_DSN is set; nothing leaves this machine otherwise."""

import sentry_sdk
from sentry_sdk.integrations.httpx import HttpxIntegration

from support.schema import Config


def start(config: Config) -> bool:
    """Whether reporting is on. Neither request bodies nor local variables go along: they hold codes and tokens."""
    if not config.SENTRY_DSN:
        return False
    sentry_sdk.init(
        dsn=config.SENTRY_DSN,
        environment=config.DJANGO_ENV,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        # It would note the address of every request, and Telegram's addresses hold the bot's token.
        disabled_integrations=[HttpxIntegration()],
    )
    return True
