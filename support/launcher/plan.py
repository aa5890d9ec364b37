"""What the launcher has to know of the settings, as the process says it that loads them (`prepare.py`)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """`redis_socket` is None when REDIS_URL names a Redis elsewhere; `environment` holds what the processes get besides
    the launcher's own.
    """

    data_dir: str
    bind: str
    port: int
    redis_socket: str | None
    commands: dict[str, list[str]]
    folder: str
    environment: dict[str, str]
    stop_secs: float
