"""What is wrong with settings taken together; what is wrong with one alone, its type says."""

from importlib.util import find_spec

from infra.mail import server_of
from infra.writing.catalogues import FILE, SOURCE, languages
from support.config.schema import Config
from support.config.types import weakness_of

REQUIRED = ("PUBLIC_URL", "ALLOWED_ORIGINS", "REDIS_URL", "TELEGRAM_BOT_TOKEN")
"""Needed outside development, besides SECRET_KEY or COOKIE_SECRET."""
SECRET_LENGTHS = {
    "SECRET_KEY": 50,
    "COOKIE_SECRET": 50,
    "METRICS_TOKEN": 24,
    "TELEGRAM_WEBHOOK_SECRET": 24,
    "TURN_SECRET": 16,
    "IDENTITY_SECRET": 32,
}
"""Least number of characters outside development, where the secret is set."""


def faults_between(config: Config) -> dict[str, str]:
    """Setting → sentence; empty when all is well."""
    faults: dict[str, str] = {}
    if config.TURN_SERVERS and not config.TURN_SECRET:
        faults.update(TURN_SECRET="is needed by TURN_SERVERS")  # noqa: S106
    if config.ICE_TRANSPORT_POLICY == "relay" and not any(
        url.startswith("turn") for server in config.TURN_SERVERS for url in server.urls
    ):
        faults["ICE_TRANSPORT_POLICY"] = "relay needs a turn: address in TURN_SERVERS, or no call has a way to go"
    if config.MAIL_URL and not config.MAIL_FROM:
        faults["MAIL_FROM"] = "is needed by MAIL_URL"
    if bool(config.S3_ACCESS_KEY_ID) != bool(config.S3_SECRET_ACCESS_KEY):
        faults["S3_SECRET_ACCESS_KEY"] = "and S3_ACCESS_KEY_ID need each other"  # noqa: S105
    if config.S3_BUCKET and find_spec("boto3") is None:
        faults["S3_BUCKET"] = "needs the packages of requirements-aws.txt"
    faults.update(_language_faults(config))
    if not config.is_development:
        faults.update(_deployment_faults(config))
    return faults


def _language_faults(config: Config) -> dict[str, str]:
    codes = [language.code for language in languages(config.LOCALE_DIR)]
    if SOURCE not in codes:
        return {"LOCALE_DIR": f"has no catalogue {SOURCE}/{FILE}, from which texts come that another one lacks"}
    if config.LANGUAGE_CODE not in codes:
        return {"LANGUAGE_CODE": f"has no catalogue in LOCALE_DIR; there are: {', '.join(codes)}"}
    return {}


def _deployment_faults(config: Config) -> dict[str, str]:
    where = f"in {config.DJANGO_ENV}"
    faults = {name: f"is required {where}" for name in REQUIRED if not getattr(config, name)}
    if not config.SECRET_KEY and not config.COOKIE_SECRET:
        faults["SECRET_KEY"] = f"is required {where} (or COOKIE_SECRET)"
    for name, length in SECRET_LENGTHS.items():
        weakness = weakness_of(getattr(config, name), length)
        if weakness:
            faults[name] = weakness
    if config.PUBLIC_URL and not config.PUBLIC_URL.startswith("https://"):
        faults["PUBLIC_URL"] = f"must be https:// {where}"
    if config.MAIL_URL:
        server = server_of(config.MAIL_URL)
        if server.tls == "none" and server.user:
            faults["MAIL_URL"] = (
                "smtp:// would send its password for everybody to read: use smtp+starttls:// or smtps://"
            )
    plain = [origin for origin in config.ALLOWED_ORIGINS if origin.startswith("http://")]
    if plain:
        faults["ALLOWED_ORIGINS"] = f"must be https:// {where}: {', '.join(plain)}"
    return faults
