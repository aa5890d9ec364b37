"""JSON (or, for people, coloured) log lines on stderr; everything that logs goes through one structlog
chain.
"""

import logging.config
from typing import Any, Literal

import structlog
from structlog.dev import ConsoleRenderer, plain_traceback
from structlog.processors import ExceptionRenderer
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor, WrappedLogger

LogFormat = Literal["json", "console"]


def _masked(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Secrets never reach a log line, whoever logs them."""
    event.pop("color_message", None)  # uvicorn's second copy of the line
    for name in event.keys() & {
        "token",
        "code",
        "password",
        "secret",
        "authorization",
        "cookie",
        "session_key",
    }:
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


def logging_config(log_format: LogFormat, level: str) -> dict[str, Any]:
    """A `logging.config` dictionary; also turns structlog on, so that both kinds of logger give the same
    lines.
    """
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
        "formatters": {
            "lines": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": _rendering(log_format),
                "foreign_pre_chain": [*_shared_processors(), structlog.stdlib.ExtraAdder(), _masked],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["stderr"], "level": level},
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


def configure(log_format: LogFormat, level: str) -> None:
    """For processes that are not started by Django: applies `logging_config`."""
    logging.config.dictConfig(logging_config(log_format, level))
