"""What is done on a raw SQLite connection, in whichever thread: plain functions that wait for nobody but the file."""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

__all__ = [
    "PATIENCE",
    "begin",
    "begin_now",
    "begin_schema",
    "close",
    "commit",
    "commit_now",
    "execute",
    "execute_many",
    "fetch",
    "fetch_dicts",
    "fetch_value",
    "is_busy",
    "patiently",
    "release",
    "rollback",
    "save",
    "script",
    "undo",
    "write_back",
    "write_back_beside",
]

T = TypeVar("T")
Bound = dict[str, Any]

_log = logging.getLogger("crmcore.database.sqlite")

#: Where the system lists the descriptors that a process has open, if it does.
_OPEN = "/dev/fd"
#: Seconds to wait for another process's lock.
PATIENCE = 5.0


def fetch(raw: sqlite3.Connection, sql: str, params: Bound) -> list[tuple[Any, ...]]:
    """Return all rows."""
    return raw.execute(sql, params).fetchall()


def fetch_dicts(raw: sqlite3.Connection, sql: str, params: Bound) -> list[dict[str, Any]]:
    """Return all rows by column name."""
    cursor = raw.execute(sql, params)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def fetch_value(raw: sqlite3.Connection, sql: str, params: Bound) -> Any:
    """Return the first column of the first row; the others are read too, so that the statement is over."""
    rows = raw.execute(sql, params).fetchall()
    return rows[0][0] if rows else None


def execute(raw: sqlite3.Connection, sql: str, params: Bound) -> int:
    """Return how many rows were written."""
    cursor = raw.execute(sql, params)
    cursor.fetchall()
    return max(cursor.rowcount, 0)


def execute_many(raw: sqlite3.Connection, sql: str, rows: Sequence[Bound]) -> None:
    """Write many rows, all or none."""
    if raw.in_transaction:
        raw.executemany(sql, rows)
        return
    raw.execute("begin immediate")
    try:
        raw.executemany(sql, rows)
    except BaseException:
        rollback(raw)
        raise
    commit(raw)


def script(raw: sqlite3.Connection, statements: Sequence[str]) -> None:
    """Run one statement after the other."""
    for statement in statements:
        raw.execute(statement).fetchall()


def begin(raw: sqlite3.Connection) -> None:
    """Begin a writing transaction, when other processes are done with theirs."""
    raw.execute("begin immediate")


def begin_now(raw: sqlite3.Connection) -> bool:
    """Begin a writing transaction if no other process has one, and say whether that worked."""
    raw.execute("pragma busy_timeout = 0")
    try:
        raw.execute("begin immediate")
    except sqlite3.OperationalError as error:
        if not is_busy(error):
            raise
        return False
    finally:
        raw.execute(f"pragma busy_timeout = {PATIENCE * 1000:.0f}")
    return True


def begin_schema(raw: sqlite3.Connection) -> None:
    """Begin a transaction in which tables may be rebuilt, so foreign keys rest until its end."""
    raw.execute("pragma foreign_keys = off")
    raw.execute("begin immediate")


def commit(raw: sqlite3.Connection) -> None:
    """Commit, or roll back and raise."""
    try:
        resting = not raw.execute("pragma foreign_keys").fetchone()[0]
        if resting and raw.execute("pragma foreign_key_check").fetchone():
            msg = "FOREIGN KEY constraint failed"
            raise sqlite3.IntegrityError(msg)
        raw.execute("commit")
    finally:
        rollback(raw)


def commit_now(raw: sqlite3.Connection) -> None:
    """Commit a transaction that changed no schema, or roll back and raise."""
    try:
        raw.execute("commit")
    finally:
        if raw.in_transaction:
            raw.execute("rollback")


def write_back(raw: sqlite3.Connection) -> None:
    """Write the log back into the file, as far as no reader needs it; what is left is for the next time."""
    try:
        raw.execute("pragma wal_checkpoint(passive)").fetchall()
    except sqlite3.Error as error:
        _log.error("SQLite's log could not be written back into the file (%s); it grows until it can.", error)


def write_back_beside(raw: sqlite3.Connection) -> None:
    """Write the log back while others write, and wait until the disk has the file, so that nobody waits who writes the rest back.

    SQLite waits for the disk only when nothing is left of the log: then it finds little to wait for.
    """
    write_back(raw)
    file = raw.execute("pragma database_list").fetchone()[2]
    try:
        _put_down(file)
    except OSError as error:
        _log.error("The disk did not take what was written into %s (%s).", file, error)


def _put_down(file: str) -> None:
    """Wait until the disk has a file that SQLite has open, where the system lists what is open.

    It is a descriptor of SQLite's: were another one of the file closed, the process would lose all its locks on it (POSIX). It is
    the last one, which is a reader's unless the writer was replaced: Linux tells each descriptor once that the disk failed, and so
    SQLite hears of it as well.
    """
    if not os.path.isdir(_OPEN):
        return
    there, found = os.stat(file), -1
    for descriptor in map(int, os.listdir(_OPEN)):
        with suppress(OSError):  # closed since
            if os.path.samestat(os.fstat(descriptor), there):
                found = max(found, descriptor)
    if found >= 0:
        getattr(os, "fdatasync", os.fsync)(found)


def rollback(raw: sqlite3.Connection) -> None:
    """Roll back if there is anything to, and let foreign keys count again."""
    if raw.in_transaction:
        raw.execute("rollback")
    # Not each time: setting it makes SQLite prepare every statement of the connection anew.
    if not raw.execute("pragma foreign_keys").fetchone()[0]:
        raw.execute("pragma foreign_keys = on")


def save(raw: sqlite3.Connection) -> None:
    """Begin a part of a transaction that can be undone alone."""
    raw.execute("savepoint crm_unit")


def release(raw: sqlite3.Connection) -> None:
    """Keep that part with the rest."""
    raw.execute("release crm_unit")


def undo(raw: sqlite3.Connection) -> None:
    """Undo that part, if SQLite has not undone all."""
    if raw.in_transaction:
        raw.execute("rollback to crm_unit")
        raw.execute("release crm_unit")


def close(raw: sqlite3.Connection, farewell: Sequence[str]) -> None:
    """Close, after statements that are left out when they cannot run now."""
    with suppress(sqlite3.Error):
        script(raw, farewell)
    raw.close()


def patiently(work: Callable[..., T], raw: sqlite3.Connection, *args: Any) -> T:
    """Read, and wait while another process opens or closes the file.

    Readers have no busy time-out: on the event loop's thread nobody may wait.
    """
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return work(raw, *args)
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() > end:
                raise
            time.sleep(0.01)


def is_busy(error: sqlite3.OperationalError) -> bool:
    """Say whether another process was in the way."""
    return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
