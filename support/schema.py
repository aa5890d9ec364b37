"""The settings themselves: one field per environment variable, in the order of docs/configuration.md.

The description is the documentation: docs/configuration.md and .env.example are written from it by
`manage.py checkconfig --write-docs`, and a test holds them equal.
"""

import ipaddress
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field

from support.setting_types import (
    Count,
    DatabaseUrl,
    Environment,
    HttpUrl,
    Networks,
    Origins,
    PositiveSeconds,
    PublicUrl,
    Rate,
    RedisUrl,
    Seconds,
    TurnServers,
    Words,
    weakness_of,
)

BASE_DIR = Path(__file__).resolve().parent.parent


def setting(
    section: str, description: str, default: Any = None, *, secret: bool = False, development: Any = None
) -> Any:
    """A field. `development` is the default there when it differs; `secret` values are never printed."""
    extra = {"section": section, "secret": secret, "development": development}
    if development is None:
        return Field(default, description=description, json_schema_extra=extra)

    def by_environment(data: dict[str, Any]) -> Any:
        return development if data.get("DJANGO_ENV") == "development" else default

    factory: Callable[[dict[str, Any]], Any] = by_environment
    return Field(default_factory=factory, description=description, json_schema_extra={**extra, "default": default})


class Config(BaseModel, frozen=True):
    """Field names are the names of the environment variables. Lists are comma separated; units are in the
    names.
    """

    DJANGO_ENV: Environment = setting(
        "General",
        "What this installation is. `staging` and `production` need all their secrets, and use HTTPS.",
        "development",
    )
    SECRET_KEY: str = setting(
        "General",
        "Signs tokens; at least 50 random characters. Development makes one and keeps it in DATA_DIR.",
        "",
        secret=True,
    )
    COOKIE_SECRET: str = setting("General", "Used when SECRET_KEY is not set.", "", secret=True)
    PUBLIC_URL: PublicUrl = setting(
        "General",
        "The address under which browsers reach the service; links in messages start with it. "
        "Development uses http://localhost:PORT.",
        "",
    )
    ALLOWED_HOSTS: Words = setting(
        "General", "Host names served besides that of PUBLIC_URL (development: besides localhost).", []
    )
    PORT: Annotated[int, Field(ge=1, le=65535)] = setting("General", "Port of the web process.", 8000)
    BIND: str = setting(
        "General",
        "Address that the web process listens on; `0.0.0.0` for all interfaces.",
        "0.0.0.0",
        development="127.0.0.1",
    )
    DATA_DIR: Annotated[Path, AfterValidator(lambda p: p.expanduser().absolute())] = setting(
        "General",
        "Folder for everything that a run writes. The default is `var` in the project.",
        BASE_DIR / "var",
    )
    WEB_SERVER: Literal["uvicorn", "daphne"] = setting("General", "ASGI server of the web process.", "uvicorn")
    DATABASE_URL: DatabaseUrl = setting(
        "General",
        "PostgreSQL as `postgres://user:password@host/name`. Without it: SQLite in DATA_DIR.",
        "",
        secret=True,
    )
    TIME_ZONE: str = setting("General", "Time zone of the admin pages and messages.", "Europe/Istanbul")
    LANGUAGE_CODE: Literal["tr", "en"] = setting("General", "Language where nobody chose one.", "tr")

    REDIS_URL: RedisUrl = setting(
        "Redis",
        "Live state: `redis://`, `rediss://` or `unix://`. Development: by default the one in DATA_DIR.",
        "",
        secret=True,
    )
    REDIS_NAMESPACE: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")] = setting(
        "Redis", "Prefix of every key; installations that share one Redis differ in it.", "adminara"
    )
    STATE_TTL_SECS: PositiveSeconds = setting(
        "Redis", "How long live state that nobody touches is kept: ended conversations, mailboxes.", 86_400
    )
    RECOVERY_SECS: Seconds = setting(
        "Redis",
        "After Redis lost its data, claims pause this long while returning customers take their old places.",
        5,
    )

    SESSION_TTL_MS: Annotated[int, Field(ge=60_000)] = setting(
        "Sign-in", "An operator's session ends this long after its last use, in milliseconds.", 43_200_000
    )
    OTP_TTL_SECS: PositiveSeconds = setting("Sign-in", "A one-time code is valid this long.", 300)
    OTP_DIGITS: Annotated[int, Field(ge=6, le=10)] = setting("Sign-in", "Length of a one-time code.", 6)
    OTP_MAX_ATTEMPTS: Annotated[int, Field(ge=1, le=20)] = setting(
        "Sign-in", "Wrong answers after which a code is void.", 5
    )
    OTP_REQUEST_ADDRESS_LIMIT: Rate = setting(
        "Sign-in", "Codes asked for, per address.", "10/minute", development="600/minute"
    )
    OTP_REQUEST_ADMIN_LIMIT: Rate = setting(
        "Sign-in", "Codes sent, per adminId.", "5/5 minutes", development="60/minute"
    )
    OTP_VERIFY_ADDRESS_LIMIT: Rate = setting(
        "Sign-in", "Answers tried, per address.", "20/minute", development="600/minute"
    )
    LOCKOUT_FAILURES: Annotated[int, Field(ge=1, le=100)] = setting(
        "Sign-in", "Wrong answers for one adminId from one address until that pair is locked out.", 5
    )
    LOCKOUT_SECS: PositiveSeconds = setting("Sign-in", "How long a lockout lasts; also the window of its count.", 900)
    LOCKOUT_ADMIN_LIMIT: Rate = setting(
        "Sign-in", "Wrong answers for one adminId from all addresses together.", "50/hour"
    )

    IDENTITY_SECRET: str = setting(
        "Origins and proxies",
        "Shared with the sites: signs who a customer is (`setUser({identity})`, JWT HS256). Empty: none is believed.",
        "",
        secret=True,
    )
    ALLOWED_ORIGINS: Origins = setting(
        "Origins and proxies",
        "Sites that may embed the widget and call the service, compared exactly; our own may.",
        [],
    )
    ALLOWED_METRICS_ORIGINS: Origins = setting(
        "Origins and proxies",
        "Origins that may read /metrics. In production an origin alone is never enough.",
        [],
    )
    METRICS_TOKEN: str = setting("Origins and proxies", "Bearer token that opens /metrics.", "", secret=True)
    METRICS_NETWORKS: Networks = setting(
        "Origins and proxies",
        "Networks whose addresses may read /metrics.",
        [],
        development=[ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128")],
    )
    TRUSTED_PROXIES: Networks = setting(
        "Origins and proxies",
        "Addresses or networks whose X-Forwarded-* headers are believed; all others are ignored.",
        [],
    )
    HSTS_SECS: Seconds = setting(
        "Origins and proxies", "Strict-Transport-Security max-age outside development.", 31_536_000
    )

    ENABLE_QUEUE: bool = setting(
        "Queue", "`false` keeps no line: a customer is taken when an operator is free at once, else refused.", True
    )
    QUEUE_MAX_LENGTH: Count = setting("Queue", "Customers that may wait at once.", 500)
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

    TELEGRAM_BOT_TOKEN: str = setting(
        "Notifications",
        "Token of the bot. Without it messages go to the worker's log, which says so.",
        "",
        secret=True,
    )
    TELEGRAM_API_URL: HttpUrl = setting("Notifications", "Address of the Bot API.", "https://api.telegram.org")
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

    SENTRY_DSN: str = setting("Logs", "Sends errors to Sentry. Without it nothing leaves.", "", secret=True)
    LOG_FORMAT: Literal["json", "console"] = setting(
        "Logs", "Format of log lines on stderr.", "json", development="console"
    )
    LOG_LEVEL: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = setting(
        "Logs", "Least severe level that is logged.", "INFO"
    )

    @property
    def is_development(self) -> bool:
        return self.DJANGO_ENV == "development"

    @property
    def public_url(self) -> str:
        """PUBLIC_URL, or this machine's own address in development; no slash at the end."""
        return self.PUBLIC_URL or f"http://localhost:{self.PORT}"

    def faults_between(self) -> dict[str, str]:
        """What is wrong with the settings taken together: setting → sentence."""
        faults: dict[str, str] = {}
        if self.TURN_SERVERS and not self.TURN_SECRET:
            faults.update(TURN_SECRET="is needed by TURN_SERVERS")  # noqa: S106
        if not self.is_development:
            faults.update(self._deployment_faults())
        return faults

    def _deployment_faults(self) -> dict[str, str]:
        where = f"in {self.DJANGO_ENV}"
        faults: dict[str, str] = {}
        for name in ("PUBLIC_URL", "ALLOWED_ORIGINS", "REDIS_URL", "TELEGRAM_BOT_TOKEN"):
            if not getattr(self, name):
                faults[name] = f"is required {where}"
        if not self.SECRET_KEY and not self.COOKIE_SECRET:
            faults["SECRET_KEY"] = f"is required {where} (or COOKIE_SECRET)"
        for name, length in (
            ("SECRET_KEY", 50),
            ("COOKIE_SECRET", 50),
            ("METRICS_TOKEN", 24),
            ("TURN_SECRET", 16),
        ):
            weakness = weakness_of(getattr(self, name), length)
            if weakness:
                faults[name] = weakness
        if self.PUBLIC_URL and not self.PUBLIC_URL.startswith("https://"):
            faults["PUBLIC_URL"] = f"must be https:// {where}"
        plain = [origin for origin in self.ALLOWED_ORIGINS if origin.startswith("http://")]
        if plain:
            faults["ALLOWED_ORIGINS"] = f"must be https:// {where}: {', '.join(plain)}"
        return faults
