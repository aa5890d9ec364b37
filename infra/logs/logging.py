"""JSON (or, for people, coloured) log lines on stderr; everything that logs goes through one structlog
chain.
"""

import logging.config
from typing import Any, Literal, NamedTuple

import structlog
from structlog.dev import ConsoleRenderer, plain_traceback
from structlog.processors import ExceptionRenderer
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor, WrappedLogger

LogFormat = Literal["json", "console"]
SECRETS = {"token", "code", "password", "secret", "authorization", "cookie", "session_key", "identity", "handle"}
WORDS_OF_PEOPLE = {"text", "sdp", "candidate"}
"""What customers and operators say, and where their machines are: no log line is the place for it."""


class LogFile(NamedTuple):
    """`path` empty: no file. It always holds JSON lines, for a collector."""

    path: str = ""
    max_mb: int = 100
    keep: int = 5


def _masked(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Secrets never reach a log line, whoever logs them."""
    event.pop("color_message", None)  # uvicorn's second copy of the line
    for name in event.keys() & (SECRETS | WORDS_OF_PEOPLE):
        event[name] = "***" if isinstance(event[name], str) else event[name]
    return event


def _shared_processors() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]


def _rendering(log_format: LogFormat) -> list[Processor]:
    drop = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if log_format == "json":
        # Local variables stay out of tracebacks: among them are codes and tokens.
        tracebacks = ExceptionRenderer(ExceptionDictTransformer(show_locals=False))
        return [drop, tracebacks, structlog.processors.JSONRenderer(ensure_ascii=False)]
    return [drop, ConsoleRenderer(colors=False, exception_formatter=plain_traceback)]


def _lines(log_format: LogFormat) -> dict[str, Any]:
    return {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": _rendering(log_format),
        "foreign_pre_chain": [*_shared_processors(), structlog.stdlib.ExtraAdder(), _masked],
    }


def _handlers(file: LogFile) -> dict[str, Any]:
    handlers: dict[str, Any] = {
        "stderr": {"class": "logging.StreamHandler", "formatter": "lines", "filters": ["repeats"]}
    }
    if file.path:
        handlers["file"] = {
            "class": "infra.logs.logfile.SharedFileHandler",
            "formatter": "file",
            "filters": ["repeats"],
            "path": file.path,
            "max_bytes": file.max_mb * 1024 * 1024,
            "keep": file.keep,
        }
    return handlers


def logging_config(log_format: LogFormat, level: str, file: LogFile | None = None) -> dict[str, Any]:
    """A `logging.config` dictionary; also turns structlog on, so that both kinds of logger give the same
    lines.
    """
    handlers = _handlers(file or LogFile())
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared_processors(),
            _masked,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": _lines(log_format), "file": _lines("json")},
        "filters": {"repeats": {"()": "infra.logs.repeats.RepeatedTracebacks"}},
        "handlers": handlers,
        "root": {"handlers": list(handlers), "level": level},
        "loggers": {
            # A request is one line already (django-structlog); these would say it again.
            "django.server": {"level": "WARNING", "handlers": [], "propagate": True},
            "django.request": {"level": "ERROR"},
            "uvicorn.access": {"level": "WARNING"},
            "daphne": {"level": "WARNING"},
            "httpx": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
            "telegram": {"level": "WARNING"},
        },
    }


def configure(log_format: LogFormat, level: str, file: LogFile | None = None) -> None:
    """For processes that are not started by Django: applies `logging_config`."""
    logging.config.dictConfig(logging_config(log_format, level, file))
