"""Log lines: JSON that a collector can read, no secrets in them."""

import json

from harness import python
from harness.processes import clean_environment

PROGRAM = """
import logging, structlog
from infra.logs.logging import configure
configure({log_format!r}, "INFO")
structlog.contextvars.bind_contextvars(request_id="r-1")
logging.getLogger("app").info("plain %s", "çay", extra={{"conversation": "c1", "secret": "hunter2"}})
structlog.get_logger("app").info("structured", token="hunter2", code="123456", n=1)
try:
    hidden = "hunter2"
    raise RuntimeError("broken")
except RuntimeError:
    logging.getLogger("app").exception("failed")
logging.getLogger("app").debug("never")
"""


def lines(log_format: str) -> list[str]:
    done = python.run(["-c", PROGRAM.format(log_format=log_format)], env=clean_environment())
    assert (done.returncode, done.stdout) == (0, "")
    return done.stderr.splitlines()


def test_json_lines_carry_context_and_no_secrets() -> None:
    plain, structured, failed = map(json.loads, lines("json"))
    assert plain["event"] == "plain çay"
    assert plain["conversation"] == "c1"
    assert plain["request_id"] == structured["request_id"] == "r-1"
    assert plain["level"] == "info"
    assert plain["timestamp"].endswith("Z")
    assert (structured["token"], structured["code"], structured["n"]) == ("***", "***", 1)
    assert failed["exception"][0]["exc_type"] == "RuntimeError"
    assert "hunter2" not in json.dumps([plain, structured, failed])


def test_console_lines_are_for_people() -> None:
    text = "\n".join(lines("console"))
    assert "plain çay" in text
    assert "RuntimeError: broken" in text
    assert "hunter2" not in text
