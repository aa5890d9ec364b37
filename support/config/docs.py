"""docs/configuration.md and .env.example, written from the schema."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from support.config.schema import BASE_DIR, Config

DOCUMENT = BASE_DIR / "docs" / "configuration.md"
EXAMPLE = BASE_DIR / ".env.example"

INTRODUCTION = """\
# Configuration

<!-- Written by `manage.py checkconfig --write-docs` from support/config/schema.py; a test holds the two equal. -->

Every setting is an environment variable. Four places, the first one wins:

1. the environment of the process;
2. `NAME_FILE`: the path of a file that holds the value, for secrets from Docker or Kubernetes (setting both
   `NAME` and `NAME_FILE` is an error);
3. a `.env` file in the project root, or the file that `ENV_FILE` names;
4. a store of secrets, when `SECRETS_PROVIDER` names one.

An empty value counts as not set. Lists are separated by commas. Rates are written as `10/minute` or
`5/15 minutes`. `manage.py checkconfig` shows every value in use (secrets masked) and every fault at once; no
process starts with one. With `staging` or `production` these must be set: `PUBLIC_URL`, `SECRET_KEY` (or
`COOKIE_SECRET`), `ALLOWED_ORIGINS`, `REDIS_URL` and `TELEGRAM_BOT_TOKEN`; short, repeated or well-known
secrets are refused.

In the tables, a second default in brackets is that of development.
"""


@dataclass(frozen=True)
class Setting:
    """What is known about one setting, as people read it."""

    name: str
    section: str
    description: str
    default: Any
    development: Any
    secret: bool


def settings_by_section() -> dict[str, list[Setting]]:
    """All settings in the order of the schema."""
    sections: dict[str, list[Setting]] = {}
    for setting in _settings():
        sections.setdefault(setting.section, []).append(setting)
    return sections


def spelled(value: Any) -> str:
    """A value as one would write it in the environment."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Path):
        return f"./{value.relative_to(BASE_DIR)}" if value.is_relative_to(BASE_DIR) else str(value)
    if isinstance(value, list) and value and isinstance(value[0], BaseModel):
        return str(to_jsonable_python(value))
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def document() -> str:
    """docs/configuration.md."""
    parts = [INTRODUCTION]
    for section, settings in settings_by_section().items():
        rows = "\n".join(f"| `{s.name}` | {_defaults(s)} | {_cell(s)} |" for s in settings)
        parts.append(f"\n## {section}\n\n| setting | default | meaning |\n|---|---|---|\n{rows}\n")
    return "".join(parts)


def example() -> str:
    """.env.example: every setting, commented out, with its default."""
    lines = ["# Copy to .env and fill in. Every setting and its meaning: docs/configuration.md"]
    for section, settings in settings_by_section().items():
        lines += ["", f"# --- {section} ---"]
        for one in settings:
            lines += [f"# {one.description}", f"#{one.name}={spelled(one.default)}"]
    return "\n".join(lines) + "\n"


def _settings() -> Iterator[Setting]:
    for name, field in Config.model_fields.items():
        extra = field.json_schema_extra
        assert isinstance(extra, dict)
        details: dict[str, Any] = dict(extra)
        default = details["default"] if field.default_factory is not None else field.default
        yield Setting(
            name,
            details["section"],
            field.description or "",
            default,
            details["development"],
            details["secret"],
        )


def _defaults(setting: Setting) -> str:
    shown = f"`{spelled(setting.default)}`" if spelled(setting.default) else "–"
    return shown if setting.development is None else f"{shown} (`{spelled(setting.development)}`)"


def _cell(setting: Setting) -> str:
    text = setting.description.replace("|", "\\|")
    return f"{text} *Secret.*" if setting.secret else text
