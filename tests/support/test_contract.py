"""What is documented is what the code does, for settings; and who may read the environment."""

import re
from pathlib import Path

from django.conf import settings

from support.config import docs
from support.config.schema import BASE_DIR, BOOTSTRAP, Config
from tests.contract.packages import PACKAGES

# Names that deployments and outside scripts set: they stay.
PROMISED = {
    "DJANGO_ENV", "SECRET_KEY", "COOKIE_SECRET", "PUBLIC_URL", "DATABASE_URL", "REDIS_URL", "REDIS_NAMESPACE",
    "STATE_TTL_SECS", "SESSION_TTL_MS", "OTP_TTL_SECS", "ALLOWED_ORIGINS", "ALLOWED_METRICS_ORIGINS",
    "METRICS_TOKEN", "TRUSTED_PROXIES", "TELEGRAM_BOT_TOKEN", "TELEGRAM_API_URL", "TELEGRAM_ADMIN_CHAT_ID",
    "FALLBACK_URLS", "ENABLE_QUEUE", "QUEUE_MAX_LENGTH", "QUEUE_MAX_WAIT_SECS", "QUEUE_GRACE_SECS",
    "CALL_GRACE_SECS", "WRAP_UP_SECS", "TURN_SERVERS", "TURN_SECRET", "SENTRY_DSN", "LOG_FORMAT", "PORT",
    "DATA_DIR", "WEB_SERVER",
}  # fmt: skip


def product_files() -> list[Path]:
    return [BASE_DIR / "manage.py", *(file for name in PACKAGES for file in (BASE_DIR / name).rglob("*.py"))]


def test_the_configuration_document_equals_the_schema() -> None:
    assert docs.DOCUMENT.read_text() == docs.document(), "run `make docs`"


def test_the_example_environment_equals_the_schema() -> None:
    assert docs.EXAMPLE.read_text() == docs.example(), "run `make docs`"


def test_the_promised_names_exist() -> None:
    assert set(Config.model_fields) >= PROMISED


def test_every_setting_has_a_description() -> None:
    for section in docs.settings_by_section().values():
        for setting in section:
            assert setting.description.endswith("."), setting.name


def test_every_setting_is_a_django_setting() -> None:
    needed = Config.model_fields.keys() - BOOTSTRAP - {"COOKIE_SECRET"}
    missing = [name for name in needed if not hasattr(settings, name)]
    assert missing == []


def test_no_setting_is_declared_for_nothing() -> None:
    files = (file for file in product_files() if file.name != "schema.py")
    words = {word for file in files for word in re.findall(r"\w+", file.read_text())}
    assert Config.model_fields.keys() - words <= PROMISED


def test_the_environment_is_read_in_one_place() -> None:
    passes_it_on = "support/config/shell.py"  # unread, to a process that is started
    readers = [
        str(file.relative_to(BASE_DIR))
        for file in product_files()
        if re.search(r"\bos\.(environ|getenv|putenv)\b|from os import .*\b(environ|getenv)\b", file.read_text())
    ]
    assert sorted(readers) == ["support/config/environment.py", passes_it_on]
