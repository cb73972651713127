"""SQLite's errors in the words of `failures`."""

from __future__ import annotations

import re
import sqlite3

from crmcore.database.failures import Contention, Keys, ReferenceViolation, StatementTimeout
from crmcore.errors import Unavailable

__all__ = ["translate"]

_COLUMNS = re.compile(r"UNIQUE constraint failed: (\w+\.\w+(?:, \w+\.\w+)*)$")
_INDEX = re.compile(r"UNIQUE constraint failed: index '(.+)'$")
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_PASSING = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN})


def translate(error: sqlite3.Error, keys: Keys) -> Exception:
    """Return what to raise in place of `error`: itself when it can only be a bug."""
    code = getattr(error, "sqlite_errorcode", 0)
    if code in (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY):
        return _unique(str(error), keys)
    if "FOREIGN KEY constraint failed" in str(error):  # the code differs between RESTRICT and the rest
        return ReferenceViolation()
    if code & 0xFF in _BUSY:
        return Contention("Another process kept the database locked for too long; try again in a moment.")
    if code & 0xFF == sqlite3.SQLITE_INTERRUPT:
        return StatementTimeout(
            "The database needed too long for one statement, so it was ended; ask for less at once."
        )
    if code & 0xFF in _PASSING:
        return Unavailable(f"The database file cannot be read or written now ({error}); tell the operator.")
    return error


def _unique(text: str, keys: Keys) -> Exception:
    if found := _INDEX.search(text):
        return keys.by_name(found[1])
    if found := _COLUMNS.search(text):
        pairs = [pair.split(".") for pair in found[1].split(", ")]
        return keys.by_columns(pairs[0][0], [column for _, column in pairs])
    return keys.by_name(None)
