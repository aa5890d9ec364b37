"""The environment that we pass on, for who has no use for its settings: the launcher stays small without them."""

import os


def child_environment(**changes: str) -> dict[str, str]:
    """The environment for a process that we start: ours, plus `changes`."""
    return {**os.environ, **changes}
