"""Every setting from the environment: its name, type, default, meaning, and all its faults at once.

The only module that reads the environment. `load()` gives a frozen, typed `Config` or raises `ConfigError`
with every fault found. A setting may also come from a file: `NAME_FILE=/run/secrets/name` (Docker and
Kubernetes secrets), or from a store of secrets (`SECRETS_PROVIDER`, support/config/secret_store.py); a `.env` file in
the project root (or `ENV_FILE`) is read below the real environment.
"""

import hashlib
import os
import secrets
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import environ
from pydantic import TypeAdapter, ValidationError

from support.config.rules import faults_between
from support.config.schema import BASE_DIR, BOOTSTRAP, Config

SOCKET_PATH_LIMIT = 100


class ConfigError(Exception):
    """The environment cannot be used; `faults` maps a setting's name to what is wrong with it."""

    def __init__(self, faults: dict[str, str]) -> None:
        self.faults = faults
        lines = "\n".join(f"  {name}: {fault}" for name, fault in faults.items())
        super().__init__(f"{len(faults)} setting(s) cannot be used:\n{lines}")


def point_django_at_settings() -> None:
    """For entry points: names the settings module unless the caller chose one."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "support.settings")


def load(environment: Mapping[str, str] | None = None) -> Config:
    """Reads and checks the whole environment. Raises `ConfigError` listing every fault."""
    config, faults = examine(environment)
    if faults:
        raise ConfigError(faults)
    return config


def examine(environment: Mapping[str, str] | None = None) -> tuple[Config, dict[str, str]]:
    """The configuration as far as it can be read (defaults where it cannot), and every fault by setting."""
    raw, faults = _collect(environment if environment is not None else _process_environment())
    parsed: dict[str, Any] = {}
    for name, field in Config.model_fields.items():
        if name in raw:
            try:
                parsed[name] = _adapter(name).validate_python(raw[name])
                continue
            except ValidationError as error:
                faults[name] = "; ".join(_fault_text(fault) for fault in error.errors())
        parsed[name] = field.get_default(call_default_factory=True, validated_data=parsed)
    config = Config.model_construct(**parsed)
    # A wrong value must not hide a missing one: both kinds are listed together.
    faults = {**faults_between(config), **faults}
    return config, dict(sorted(faults.items()))


@cache
def current() -> Config:
    """The configuration of this process; ends it with the list of faults when there are any."""
    try:
        return load()
    except ConfigError as error:
        sys.exit(f"Refusing to start. {error}\nSee docs/configuration.md and `manage.py checkconfig`.")


def secret_key(config: Config) -> str:
    """SECRET_KEY; in development one is made once and kept in DATA_DIR, so that signed tokens outlive a
    restart.
    """
    given = config.SECRET_KEY or config.COOKIE_SECRET
    if given:
        return given
    path = config.DATA_DIR / "secret-key"
    if not path.exists():
        config.DATA_DIR.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"secret-key.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(draft, path)  # the first process wins, also when two start at once
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def redis_url(config: Config) -> str:
    """REDIS_URL, or the address of the embedded Redis that `make run` keeps for this DATA_DIR."""
    return config.REDIS_URL or f"unix://{embedded_redis_socket(config.DATA_DIR)}?db=0"


def embedded_redis_socket(data_dir: Path) -> Path:
    """Where the embedded Redis listens: in a 0700 folder of DATA_DIR, or of /tmp when that path is too long
    for a socket.
    """
    path = data_dir / "redis" / "redis.sock"
    if len(str(path)) <= SOCKET_PATH_LIMIT:
        return path
    digest = hashlib.sha256(str(data_dir).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"adminara-{os.getuid()}-{digest}" / "redis.sock"


def database(config: Config) -> dict[str, Any]:
    """DATABASE_URL as Django wants it; SQLite in DATA_DIR by default."""
    url = config.DATABASE_URL or f"sqlite:///{config.DATA_DIR / 'adminara.sqlite3'}"
    parsed: dict[str, Any] = dict(environ.Env.db_url_config(url))
    if parsed["ENGINE"].endswith("sqlite3"):
        parsed["OPTIONS"] = {
            # Writers queue at BEGIN instead of failing in the middle of a transaction.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # What is deleted or overwritten is zeroed in the file, so that an erasure leaves nothing on free pages.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON;",
        }
    else:
        parsed.update(CONN_MAX_AGE=60, CONN_HEALTH_CHECKS=True)
        parsed["OPTIONS"] = {"connect_timeout": 5, **parsed.get("OPTIONS", {})}
    return parsed


def _process_environment() -> dict[str, str]:
    path = Path(os.environ.get("ENV_FILE", BASE_DIR / ".env"))
    if path.is_file():
        environ.Env.read_env(path)  # the real environment wins
    return dict(os.environ)


def _collect(environment: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Raw values of our settings, from NAME or NAME_FILE, and what could not be read. Empty means unset."""
    values: dict[str, str] = {}
    faults: dict[str, str] = {}
    for name in Config.model_fields:
        direct, file = environment.get(name, "").strip(), environment.get(f"{name}_FILE", "").strip()
        if direct and file:
            faults[name] = f"set both directly and by {name}_FILE; keep one"
        elif file:
            try:
                values[name] = Path(file).read_text().strip()
            except (OSError, UnicodeDecodeError) as error:
                faults[name] = f"{name}_FILE cannot be read: {error}"
        elif direct:
            values[name] = direct
    if values.get("SECRETS_PROVIDER"):
        _ask_store(values, faults)
    return values, faults


def _ask_store(values: dict[str, str], faults: dict[str, str]) -> None:
    """Adds what the store of secrets holds and nobody said otherwise, or its fault."""
    # Only here, because its HTTP client costs every process a tenth of a second.
    from support.config import secret_store

    try:
        held = secret_store.fetch(values)
    except secret_store.StoreFault as fault:
        faults[fault.setting] = fault.sentence
        return
    for name in Config.model_fields.keys() - BOOTSTRAP - faults.keys():
        if held.get(name, "").strip():
            values.setdefault(name, held[name].strip())


@cache
def _adapter(name: str) -> TypeAdapter[Any]:
    field = Config.model_fields[name]
    annotated: Any = Annotated[field.annotation, field.description, *field.metadata]
    return TypeAdapter(annotated)


def _fault_text(fault: Any) -> str:
    """Pydantic's sentence without its prefix, and never with the value: it may be a secret."""
    place = ".".join(str(part) for part in fault["loc"])
    text = str(fault["msg"]).removeprefix("Value error, ")
    return f"{place}: {text}" if place else text
