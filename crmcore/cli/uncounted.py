"""SQLite without its count of the memory that it uses."""

from __future__ import annotations

import ctypes
import sys
from importlib.util import find_spec

__all__ = ["leave_memory_uncounted"]

#: SQLITE_CONFIG_MEMSTATUS (https://sqlite.org/c3ref/c_config_covering_index_scan.html).
_MEMORY_STATUS = 9


def leave_memory_uncounted() -> None:
    """Have SQLite not count what it allocates, before it is first used; afterwards it cannot be told any more.

    The count is one number for all threads behind one lock, which each of thousands of allocations of a statement takes: two
    threads that read were slower than one. Nobody asks for it. Where Python brings SQLite inside of itself, it stays as it is.
    """
    module = find_spec("_sqlite3")
    if "_sqlite3" in sys.modules or module is None or not module.has_location or module.origin is None:
        return
    # Loads SQLite with what Python has around it, but begins nothing yet.
    configure = getattr(ctypes.CDLL(module.origin), "sqlite3_config", None)
    if configure is not None:
        configure.argtypes = [ctypes.c_int]
        configure(_MEMORY_STATUS, 0)
