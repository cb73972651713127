"""What SQLite counts in a process of ours."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import pytest

_USED = """
import ctypes
{first}
import sqlite3

raw = sqlite3.connect(":memory:")
raw.execute("create table thing (name text)")
library = ctypes.CDLL({library!r})
library.sqlite3_memory_used.restype = ctypes.c_int64
print(library.sqlite3_memory_used())
"""
_QUICK = """
from crmcore.cli.quick import quick_start
with quick_start():
    import crmcore.app, crmcore.http.server
"""
#: As `crm serve` comes there.
_SERVE = "import crmcore.cli.commands.serve, crmcore.cli.log, crmcore.settings\n"


def _used(first: str) -> int:
    module = find_spec("_sqlite3")
    if module is None or not module.has_location or sys.platform == "win32":
        pytest.skip("SQLite is inside of Python here")
    text = _USED.format(first=first, library=module.origin)
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True, timeout=60)
    return int(done.stdout)


def test_sqlite_counts_its_memory_by_itself() -> None:
    """Or the next test would show nothing."""
    assert _used("") > 0


def test_a_server_has_it_not_counted() -> None:
    """Reads in several threads would wait for each other's count at each allocation."""
    assert _used(_SERVE + _QUICK) == 0


def test_where_sqlite_is_in_use_already_nothing_happens() -> None:
    """A program that has the CRM inside of itself may use it for something else."""
    assert _used("import sqlite3\n" + _QUICK) > 0
