"""Children that do not outlive the launcher, however that ends."""

import ctypes
import signal
import sys

PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(number: int = signal.SIGTERM) -> None:
    """Runs in the child before its program: asks Linux for that signal when the launcher is killed."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, number)
