"""The settings themselves: one field per environment variable, in the order of docs/configuration.md.

The description is the documentation: docs/configuration.md and .env.example are written from it by
`manage.py checkconfig --write-docs`, and a test holds them equal. What is wrong with settings taken together
is said by support/setting_rules.py.
"""

from typing import Annotated, Literal

from pydantic import Field

from support.schema_base import BASE_DIR as BASE_DIR
from support.schema_base import BaseConfig, setting
from support.setting_types import (
    Bind,
    Count,
    HttpUrl,
    PositiveSeconds,
    Rate,
    Seconds,
    TurnServers,
    Words,
)


class Config(BaseConfig, frozen=True):
    """All settings: those of support/schema_base.py, then what this product does."""

    ENABLE_QUEUE: bool = setting(
        "Queue", "`false` keeps no line: a customer is taken when an operator is free at once, else refused.", True
    )
    QUEUE_MAX_LENGTH: Count = setting("Queue", "Customers that may wait at once.", 500)
    PLACES_PER_ADDRESS: Count = setting(
        "Queue",
        "Customers that may wait from one IPv4 address or IPv6 /64; whom a signed identity names counts for itself.",
        3,
        development=10_000_000,
    )
    PLACES_PER_IPV6_56: Count = setting("Queue", "The same for an IPv6 /56, a household.", 9, development=10_000_000)
    PLACES_PER_IPV6_48: Count = setting("Queue", "The same for an IPv6 /48, a company.", 30, development=10_000_000)
    PLACES_FOR_NEWCOMERS_PCT: Annotated[int, Field(ge=0, le=90)] = setting(
        "Queue",
        "Percent of the line kept for those from whose address (or identity) nobody waits yet.",
        20,
        development=0,
    )
    QUEUE_MAX_WAIT_SECS: PositiveSeconds = setting("Queue", "Longest time in the line.", 1800)
    QUEUE_GRACE_SECS: Seconds = setting(
        "Queue", "A waiting customer who lost the connection keeps the place this long.", 60
    )
    QUEUE_GRACE_MOBILE_SECS: Seconds = setting("Queue", "The same for phones, whose browsers sleep.", 180)
    CALL_GRACE_SECS: Seconds = setting(
        "Queue", "A running call waits this long for a party whose connection is lost.", 45
    )
    WRAP_UP_SECS: Seconds = setting("Queue", "Pause of an operator after a call, then available by itself.", 30)
    # Renewed every second; less than this and a slow second would pass for an outage.
    PROCESS_LEASE_SECS: Annotated[int, Field(ge=4, le=3600)] = setting(
        "Queue",
        "A web process that is silent this long is taken for dead; its connections start their grace.",
        10,
    )

    SOCKET_FRAME_BURST: Count = setting("Sockets", "Frames that one socket may send at once.", 60, development=600)
    SOCKET_FRAME_RATE: Count = setting("Sockets", "Frames per second of one socket, lasting.", 30, development=300)
    SOCKET_OPEN_LIMIT: Rate = setting(
        "Sockets", "Sockets opened, per address.", "60/minute", development="60000/minute"
    )
    SOCKET_MAX_PER_ADDRESS: Count = setting(
        "Sockets", "Open sockets per address and web process.", 100, development=20_000
    )
    JOIN_LIMIT: Rate = setting("Sockets", "Joins of the line, per address.", "10/minute", development="60000/minute")
    PARTY_LIMIT: Rate = setting(
        "Sockets",
        "TURN credentials, device checks and resume handles, each per party: a customer's token, or an operator.",
        "30/minute",
        development="60000/minute",
    )

    TELEGRAM_BOT_TOKEN: str = setting(
        "Notifications",
        "Token of the bot. Without it messages go to the worker's log, which says so.",
        "",
        secret=True,
    )
    TELEGRAM_API_URL: HttpUrl = setting("Notifications", "Address of the Bot API.", "https://api.telegram.org")
    TELEGRAM_WEBHOOK_SECRET: Annotated[str, Field(pattern=r"^([A-Za-z0-9_-]{24,256})?$")] = setting(
        "Notifications",
        "Telegram brings presses of Accept to /telegram/webhook/ with this in a header (letters, digits, `_`, `-`; 24 "
        "or more); see `manage.py telegramwebhook`. Without it `manage.py telegrambot` fetches them.",
        "",
        secret=True,
    )
    TELEGRAM_ADMIN_CHAT_ID: str = setting(
        "Notifications", "Group chat that is told when no operator could be, or none has come.", ""
    )
    NOTIFY_ESCALATE_SECS: Seconds = setting(
        "Notifications",
        "A customer whom nobody takes within this time is passed on: to the backup operators, then to the group "
        "chat. 0 switches that off.",
        60,
    )
    FALLBACK_URLS: Words = setting(
        "Notifications", "Apprise URLs (Slack, e-mail, …) used when Telegram gave up.", [], secret=True
    )

    TURN_SERVERS: TurnServers = setting(
        "Calls", 'JSON list of `{"region", "urls", "priority"}`. Empty: direct connections only.', []
    )
    TURN_SECRET: str = setting(
        "Calls",
        "Shared secret for time-limited TURN credentials (coturn `static-auth-secret`).",
        "",
        secret=True,
    )
    TURN_TTL_SECS: PositiveSeconds = setting("Calls", "Lifetime of TURN credentials.", 600)
    ICE_TRANSPORT_POLICY: Literal["all", "relay"] = setting(
        "Calls",
        "`relay` sends all media through TURN: pages are told, and addresses of any other kind are taken out of what "
        "they send each other, so that neither side learns where the other one is.",
        "all",
    )
    CALL_SAMPLE_SECS: PositiveSeconds = setting(
        "Calls", "How often the figures of a running call are kept, for each side; changes are kept at once.", 5
    )

    SENTRY_DSN: str = setting("Logs", "Sends errors to Sentry. Without it nothing leaves.", "", secret=True)
    LOG_FORMAT: Literal["json", "console"] = setting(
        "Logs", "Format of log lines on stderr.", "json", development="console"
    )
    LOG_LEVEL: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = setting(
        "Logs", "Least severe level that is logged.", "INFO"
    )
    LOG_FILE: str = setting(
        "Logs", "A file for log lines besides stderr, always JSON; all processes may share it. Empty: none.", ""
    )
    LOG_FILE_MAX_MB: Count = setting("Logs", "LOG_FILE is renamed to LOG_FILE.1 (and so on) at this size.", 100)
    LOG_FILE_KEEP: Count = setting("Logs", "How many renamed ones are kept.", 5)
    WORKER_METRICS_PORT: Annotated[int, Field(ge=0, le=65535)] = setting(
        "Logs", "The worker's own /metrics; who may read it is as for the web process. 0: none.", 0
    )
    WORKER_METRICS_BIND: Bind = setting(
        "Logs",
        "Address that the worker's /metrics listens on; `0.0.0.0` for all interfaces, `::` with IPv6.",
        "127.0.0.1",
    )
