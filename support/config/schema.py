"""The settings themselves: one field per environment variable, in the order of docs/configuration.md.

The description is the documentation: docs/configuration.md and .env.example are written from it by
`manage.py checkconfig --write-docs`, and a test holds them equal. What is wrong with settings taken together
is said by support/config/rules.py.
"""

import ipaddress
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field

from infra.writing.catalogues import OWN
from support.config.types import (
    Bind,
    ClamdUrl,
    ContactUrl,
    Count,
    DatabaseUrl,
    Environment,
    HttpUrl,
    MailFrom,
    MailUrl,
    Networks,
    Origins,
    PositiveSeconds,
    ProxyHeader,
    PublicUrl,
    Rate,
    RedisUrl,
    Seconds,
    TurnServers,
    Words,
)
from support.server.listening import shown_as

BASE_DIR = Path(__file__).resolve().parents[2]

BOOTSTRAP = frozenset(
    {
        "SECRETS_PROVIDER",
        "VAULT_ADDR",
        "VAULT_TOKEN",
        "VAULT_SECRET_PATH",
        "VAULT_NAMESPACE",
        "AWS_REGION",
        "AWS_PARAMETER_PATH",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_ENDPOINT_URL_SSM",
    }
)
"""What is needed to reach a store cannot come from it, and is no business of the application afterwards."""


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
        "Development uses the one on this machine, http://localhost:PORT.",
        "",
    )
    ALLOWED_HOSTS: Words = setting(
        "General", "Host names served besides that of PUBLIC_URL (development: besides localhost).", []
    )
    PORT: Annotated[int, Field(ge=1, le=65535)] = setting("General", "Port of the web process.", 8000)
    BIND: Bind = setting(
        "General",
        "Address that the web process listens on; `0.0.0.0` for all interfaces, `::` for all with IPv4 and IPv6.",
        "0.0.0.0",
        development="127.0.0.1",
    )
    DATA_DIR: Annotated[Path, AfterValidator(lambda p: p.expanduser().absolute())] = setting(
        "General",
        "Folder for everything that a run writes. The default is `var` in the project.",
        BASE_DIR / "var",
    )
    DRAIN_SECS: Annotated[int, Field(ge=0, le=300)] = setting(
        "General",
        "A web process that is told to end says 503 at /health/ready this long before it stops accepting: the time "
        "that your load balancer needs to notice. 0 where it tries the next process by itself.",
        0,
    )
    SHUTDOWN_SECS: Annotated[int, Field(ge=5, le=300)] = setting(
        "General", "After that, a web process has this long to move its sockets and finish requests in hand.", 10
    )
    WEB_SERVER: Literal["uvicorn", "daphne"] = setting("General", "ASGI server of the web process.", "uvicorn")
    DATABASE_URL: DatabaseUrl = setting(
        "General",
        "PostgreSQL as `postgres://user:password@host/name`. Without it: SQLite in DATA_DIR.",
        "",
        secret=True,
    )
    TIME_ZONE: str = setting("General", "Time zone of the admin pages and messages.", "Europe/Istanbul")
    LOCALE_DIR: Annotated[Path, AfterValidator(lambda p: p.expanduser().absolute())] = setting(
        "General",
        "Folder of the translations, one catalogue for each language (docs/translations.md). The default is `locale` "
        "in the project.",
        BASE_DIR / "locale",
    )
    LANGUAGE_CODE: str = setting(
        "General", "Language where nobody chose one; there has to be a catalogue of it in LOCALE_DIR.", OWN
    )
    RETENTION_DAYS: Annotated[int, Field(ge=0, le=36_500)] = setting(
        "General",
        "Names, topics, chat, operators' notes and identities of conversations that ended longer ago are erased; "
        "figures stay. 0 keeps them for ever.",
        90,
    )
    PAGE_ADDRESS_QUERY: bool = setting(
        "General",
        "`true`: the customer card also keeps what stands after the `?` in the address of the page on which somebody "
        "asked for help, and of the page before it. It may hold words that people searched for, and secrets.",
        False,
    )

    SECRETS_PROVIDER: Literal["none", "vault", "aws-parameter-store"] = setting(
        "Secrets",
        "A store that other settings come from: HashiCorp Vault (KV version 2) or AWS Parameter Store. Each key, or "
        "the last part of a parameter's name, is the name of a setting; what the environment or a file says wins. "
        "Read when a process starts. Parameter Store needs requirements-aws.txt.",
        "none",
    )
    VAULT_ADDR: HttpUrl = setting("Secrets", "Address of Vault, such as https://vault.internal:8200.", "")
    VAULT_TOKEN: str = setting("Secrets", "Token of Vault; VAULT_TOKEN_FILE for an agent's.", "", secret=True)
    VAULT_SECRET_PATH: str = setting("Secrets", "Mount and path of the secret.", "secret/adminara")
    VAULT_NAMESPACE: str = setting("Secrets", "Namespace of Vault Enterprise.", "")
    AWS_REGION: str = setting("Secrets", "Region of Parameter Store.", "")
    AWS_PARAMETER_PATH: str = setting("Secrets", "Path under which the parameters lie.", "/adminara")
    AWS_ACCESS_KEY_ID: str = setting("Secrets", "Key of AWS. Without it: the role of the instance or container.", "")
    AWS_SECRET_ACCESS_KEY: str = setting("Secrets", "The key's secret.", "", secret=True)
    AWS_SESSION_TOKEN: str = setting("Secrets", "Session token of temporary keys.", "", secret=True)
    AWS_ENDPOINT_URL_SSM: HttpUrl = setting("Secrets", "Another address of Parameter Store (VPC endpoint).", "")

    REDIS_URL: RedisUrl = setting(
        "Redis",
        "Live state: `redis://`, `rediss://`, `unix://`, or with Sentinel `redis+sentinel://[user:password@]host:26379,"
        "host2:26379/master/0[?sentinel_password=…]`. Development: by default the one in DATA_DIR.",
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
    SESSION_MAX_SECS: PositiveSeconds = setting(
        "Sign-in", "… and at the latest this long after signing in, however it is used.", 604_800
    )
    OTP_TTL_SECS: PositiveSeconds = setting("Sign-in", "A one-time code is valid this long.", 300)
    OTP_DIGITS: Annotated[int, Field(ge=6, le=10)] = setting("Sign-in", "Length of a one-time code.", 6)
    OTP_MAX_ATTEMPTS: Annotated[int, Field(ge=1, le=20)] = setting(
        "Sign-in", "Wrong answers after which a code is void for who gave them.", 5
    )
    OTP_REQUEST_ADDRESS_LIMIT: Rate = setting(
        "Sign-in", "Codes asked for, per address.", "10/minute", development="600/minute"
    )
    OTP_REQUEST_ADMIN_LIMIT: Rate = setting(
        "Sign-in",
        "Codes sent, per adminId, to browsers that have not signed it in before.",
        "10/5 minutes",
        development="300/minute",
    )
    OTP_REQUEST_PAIR_LIMIT: Rate = setting(
        "Sign-in", "Of these, asked for from one address.", "3/5 minutes", development="60/minute"
    )
    OTP_REQUEST_DEVICE_LIMIT: Rate = setting(
        "Sign-in",
        "Codes sent to a known device: a browser that has signed this adminId in. Other limits do not touch it.",
        "5/5 minutes",
        development="60/minute",
    )
    OTP_VERIFY_ADDRESS_LIMIT: Rate = setting(
        "Sign-in", "Answers tried, per address.", "20/minute", development="600/minute"
    )
    LOCKOUT_FAILURES: Annotated[int, Field(ge=1, le=100)] = setting(
        "Sign-in", "Wrong answers for one adminId from one address until that pair is locked out.", 5
    )
    LOCKOUT_SECS: PositiveSeconds = setting("Sign-in", "How long a lockout lasts; also the window of its count.", 900)
    LOCKOUT_ADMIN_LIMIT: Rate = setting(
        "Sign-in", "Wrong answers for one adminId from all unknown devices together.", "50/hour"
    )

    OTP_ALLOWED_URLS: Origins = setting(
        "Sign-in",
        "Origins that a link in a sign-in message may lead to, besides that of PUBLIC_URL. A link to any other "
        "address is left out of the message.",
        [],
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
    SITES_MAY_ADD_ORIGINS: bool = setting(
        "Origins and proxies",
        "`true`: who may edit sites in the admin may let origins embed the widget that ALLOWED_ORIGINS does not name; "
        "they still cannot call the service themselves. `false`: a site can only narrow the list.",
        False,
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
        "Addresses or networks whose X-Forwarded-* or Forwarded headers are believed; all others are ignored.",
        [],
    )
    PROXY_HEADER: ProxyHeader = setting(
        "Origins and proxies",
        "The header in which the trusted proxies name their client: `x-forwarded-for` (with X-Forwarded-Proto and "
        "-Host) or `forwarded` (RFC 7239). The other one is not read: proxies let it pass as the client wrote it.",
        "x-forwarded-for",
    )
    ADMIN_ALLOWED_NETWORKS: Networks = setting(
        "Origins and proxies",
        "Networks from which the admin, sign-in and the operator's socket can be reached. Empty: from everywhere. "
        "Behind a proxy TRUSTED_PROXIES must be right, or everybody comes from the proxy.",
        [],
    )
    HTTP_LIMIT: Rate = setting(
        "Origins and proxies",
        "HTTP requests per address and web process, static files not counted.",
        "600/minute",
        development="60000/minute",
    )
    HSTS_SECS: Seconds = setting(
        "Origins and proxies", "Strict-Transport-Security max-age outside development.", 31_536_000
    )
    SECURITY_CONTACT: ContactUrl = setting(
        "Origins and proxies",
        "Where somebody who found a weakness of this installation reports it, as `mailto:security@example.com` or an "
        "https:// address: served in /.well-known/security.txt (RFC 9116). Empty: there is no such file.",
        "",
    )

    ENABLE_QUEUE: bool = setting(
        "Queue", "`false` keeps no queue: a customer is taken when an operator is free at once, else refused.", True
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
        "Percent of the queue kept for those from whose address (or identity) nobody waits yet.",
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
    OUTCOME_WAIT_SECS: Annotated[int, Field(ge=0, le=3600)] = setting(
        "Queue",
        "An outcome is required: the wrap-up waits for it, this long at most; then the next customer comes all the "
        "same. Asked for only where there are outcomes to choose from. 0: none is required.",
        0,
    )
    ANSWER_SECS: Annotated[float, Field(ge=0, le=600)] = setting(
        "Queue",
        "A match that the operator's page has not even read after this long goes back to the head of the queue, and "
        "the operator on a break. 0: never, nor for ANSWER_ACT_SECS.",
        20,
    )
    ANSWER_ACT_SECS: Annotated[float, Field(ge=0, le=3600)] = setting(
        "Queue",
        "The same for a match that rings in the console, since the match: somebody has to press a key, click or speak. "
        "0: never.",
        60,
    )
    TRANSFER_HOLD_SECS: Annotated[float, Field(ge=0, le=3600)] = setting(
        "Queue",
        "Whom an operator passes on waits this long for the colleague; then it goes back to the sender, if free, else "
        "to anybody. 0: nobody is passed on.",
        60,
    )
    ENABLE_CALLBACKS: bool = setting(
        "Queue",
        "`false`: nobody may leave the page and be called when it is nearly their turn. Customers are told by e-mail, "
        "on Telegram, and on the hosted page by push; without MAIL_URL and a bot the widget offers it to nobody.",
        True,
    )
    CALLBACKS_BY_TELEGRAM: bool = setting(
        "Queue",
        "`false`: customers are not offered to be called on Telegram. Else they are where there is a bot "
        "(TELEGRAM_BOT_TOKEN) that hears them: with a webhook, set it anew once (`manage.py telegramwebhook set`).",
        True,
    )
    CALLBACK_LEAD_SECS: Annotated[float, Field(ge=0, le=3600)] = setting(
        "Queue", "Who is to be called is told so long before their turn, by the calls of late.", 300
    )
    CALLBACK_HOLD_SECS: Annotated[float, Field(ge=10, le=3600)] = setting(
        "Queue",
        "Whose turn has come and who is not there is called once more after this long, and then counts as missed: "
        "operators find a message.",
        180,
    )
    CALLBACK_MAX_WAIT_SECS: PositiveSeconds = setting(
        "Queue", "Longest time in the line of who has left to be called, instead of QUEUE_MAX_WAIT_SECS.", 14_400
    )
    CALLBACKS_PER_ADDRESS: Count = setting(
        "Queue", "Callbacks that may be open for customers at one address.", 3, development=10_000_000
    )
    CALLBACKS_PER_SITE: Count = setting("Queue", "Callbacks that may be open for one site; 200 for all together.", 100)
    PRIORITY_MAX_PASSED: Annotated[int, Field(ge=0, le=100)] = setting(
        "Queue",
        "Somebody with a priority (of a line, or said by a signed identity) comes before others, but nobody is passed "
        "more often than this. 0: nobody ever is.",
        3,
    )
    # Renewed every second; less than this and a slow second would pass for an outage.
    PROCESS_LEASE_SECS: Annotated[int, Field(ge=4, le=3600)] = setting(
        "Queue",
        "A web process that is silent this long is taken for dead; its connections start their grace.",
        10,
    )
    ENABLE_VIDEO: bool = setting(
        "Queue",
        "`false`: nobody is seen. Pages offer calls by voice and the chat, and whoever asks for video is refused.",
        True,
    )
    CALLS_FROM_CHAT: bool = setting(
        "Queue",
        "Whether a chat may become a voice or video call: either side proposes it, the other accepts or declines.",
        True,
    )
    RATINGS: bool = setting(
        "Queue", "`false` asks no customer for a rating after a conversation; ratings that were given stay.", True
    )

    SOCKET_FRAME_BURST: Count = setting("Sockets", "Frames that one socket may send at once.", 60, development=600)
    SOCKET_FRAME_RATE: Count = setting("Sockets", "Frames per second of one socket, lasting.", 30, development=300)
    SOCKET_OPEN_LIMIT: Rate = setting(
        "Sockets", "Sockets opened, per address.", "60/minute", development="60000/minute"
    )
    SOCKET_MAX_PER_ADDRESS: Count = setting(
        "Sockets", "Open sockets per address and web process.", 100, development=20_000
    )
    JOIN_LIMIT: Rate = setting("Sockets", "Joins of the queue, per address.", "10/minute", development="60000/minute")
    PARTY_LIMIT: Rate = setting(
        "Sockets",
        "TURN credentials, device checks, resume handles, proposals of a call and looks at a chat that is over, each "
        "per party: a customer's token, or an operator.",
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
        "Telegram calls /telegram/webhook/ when Accept is pressed, with this in a header (letters, digits, `_`, `-`; "
        "24 or more); see `manage.py telegramwebhook`. Without it `manage.py telegrambot` asks Telegram.",
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

    MAIL_URL: MailUrl = setting(
        "E-mail",
        "Server that takes our e-mail: `smtp+starttls://user:password@host:587`, `smtps://user:password@host:465`, or "
        "`smtp://host:25` without encryption, for one on this machine. Without it nothing is offered by e-mail.",
        "",
        secret=True,
    )
    MAIL_FROM: MailFrom = setting(
        "E-mail", "Sender of our e-mail, as `support@example.com` or `Our support <support@example.com>`.", ""
    )
    MAIL_REPLY_TO: MailFrom = setting(
        "E-mail",
        "Where an answer to an operator's reply goes, written as `MAIL_FROM`, if not there. What we send by ourselves "
        "asks for none.",
        "",
    )
    MAIL_ADDRESS_LIMIT: Rate = setting(
        "E-mail",
        "Letters that customers ask for to one e-mail address: chats, places that are kept, times chosen and moved. Of "
        "one conversation's chat it is one a minute and five a day in any case.",
        "5/hour",
    )
    MAIL_CLIENT_LIMIT: Rate = setting(
        "E-mail", "Chats that customers at one address have sent by e-mail.", "10/hour", development="600/minute"
    )

    MESSAGES: bool = setting(
        "Messages", "`false` offers no customer to leave a message where nobody can be reached.", True
    )
    MESSAGE_CLIENT_LIMIT: Rate = setting(
        "Messages",
        "Messages left from one address, those that are refused and repeated included.",
        "10/hour",
        development="600/minute",
    )
    MESSAGE_LIMIT: Rate = setting(
        "Messages", "Messages left by everybody together.", "300/hour", development="6000/minute"
    )
    MESSAGE_FILES_MAX_MB: Annotated[int, Field(ge=0, le=1000)] = setting(
        "Messages",
        "Files and recordings of one message together; each within FILE_MAX_MB. 0: none can be attached.",
        20,
    )
    MESSAGE_FILES_TOTAL_MB: Annotated[int, Field(ge=1, le=1_000_000)] = setting(
        "Messages",
        "Files of all messages together; a quarter of it for what is uploaded and not sent. What is over it is "
        "refused, text is still taken.",
        2_000,
    )

    ENABLE_APPOINTMENTS: bool = setting(
        "Appointments",
        "`true`: who meets a dead end, or waits, may choose a time at which their turn is. Customers are told by "
        "e-mail, so without MAIL_URL it is offered to nobody.",
        False,
    )
    APPOINTMENT_MINUTES: Annotated[int, Field(ge=5, le=240)] = setting(
        "Appointments", "Length of the times that can be chosen, from the start of the opening hours on.", 15
    )
    APPOINTMENTS_PER_SLOT: Annotated[int, Field(ge=1, le=50)] = setting(
        "Appointments",
        "Customers of one site who may choose the same time; of a department no more than serve it, over all sites. "
        "Who comes without one is passed by no more than these.",
        1,
    )
    APPOINTMENT_DAYS: Annotated[int, Field(ge=1, le=60)] = setting(
        "Appointments", "So many days ahead a time can be chosen.", 7
    )
    APPOINTMENT_NOTICE_SECS: Annotated[float, Field(ge=0, le=604_800)] = setting(
        "Appointments", "A time begins so long from now at the earliest.", 1800
    )
    APPOINTMENT_REMIND_SECS: Annotated[float, Field(ge=0, le=86_400)] = setting(
        "Appointments", "So long before a time its customer and the operators are reminded. 0: nobody is.", 900
    )
    APPOINTMENTS_PER_CONTACT: Annotated[int, Field(ge=1, le=20)] = setting(
        "Appointments", "Times to come that one e-mail address may have.", 2
    )
    APPOINTMENT_CLIENT_LIMIT: Rate = setting(
        "Appointments",
        "Times chosen, moved and given back from one address, those that are refused included.",
        "20/hour",
        development="600/minute",
    )
    APPOINTMENT_LIMIT: Rate = setting(
        "Appointments", "The same by everybody together.", "300/hour", development="6000/minute"
    )

    FILE_MAX_MB: Annotated[int, Field(ge=0, le=100)] = setting(
        "Files",
        "Largest file that customers and operators may send each other; the proxy in front has to let a little more "
        "through. 0: none at all.",
        10,
    )
    FILES_MAX_PER_CONVERSATION: Annotated[int, Field(ge=1, le=500)] = setting(
        "Files", "Files of one conversation, of both sides together.", 50
    )
    FILES_MAX_MB_PER_CONVERSATION: Annotated[int, Field(ge=1, le=10_000)] = setting(
        "Files", "… and how much they may be together.", 100
    )
    FILE_LIMIT: Rate = setting(
        "Files", "Files sent, per party: a customer's token, or an operator.", "20/minute", development="6000/minute"
    )
    FILE_CLIENT_LIMIT: Rate = setting(
        "Files", "Uploads begun, per address and web process.", "60/minute", development="60000/minute"
    )
    CLAMD_URL: ClamdUrl = setting(
        "Files",
        "Virus scanner: ClamAV's clamd as `tcp://host:3310` or `unix:///run/clamav/clamd.ctl`. While it does not "
        "answer, files wait and both sides read why. Without it nothing is scanned.",
        "",
    )
    S3_BUCKET: str = setting(
        "Files",
        "Bucket of S3, or of a store that speaks its language, for the files; needs requirements-aws.txt. Without it "
        "they are in the folder `files` of DATA_DIR, which several machines then have to share.",
        "",
    )
    S3_ENDPOINT_URL: HttpUrl = setting("Files", "Address of a store that is not Amazon's.", "")
    S3_REGION: str = setting("Files", "Region of the bucket.", "")
    S3_ACCESS_KEY_ID: str = setting("Files", "Key of the store. Without it: the role of the instance.", "")
    S3_SECRET_ACCESS_KEY: str = setting("Files", "The key's secret.", "", secret=True)

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

    @property
    def is_development(self) -> bool:
        return self.DJANGO_ENV == "development"

    @property
    def public_url(self) -> str:
        """PUBLIC_URL, or this machine's own address in development; no slash at the end."""
        return self.PUBLIC_URL or self.local_url

    @property
    def local_url(self) -> str:
        """Where the web process answers on this machine; no slash at the end."""
        return f"http://{shown_as(self.BIND)}:{self.PORT}"
