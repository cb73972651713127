"""Nothing that a run starts outlives it: the kernel ends a process when the one that started it does (Linux)."""

from __future__ import annotations

import ctypes
import signal

__all__ = ["die_with_parent"]

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Have this process killed at the end of its parent, whatever ends that."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
