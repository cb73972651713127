"""A SQLite file: how its connections are set up, how it is opened and left."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from crmcore.database.failures import Keys
from crmcore.database.lifo import Lifo
from crmcore.database.sqlite import statements
from crmcore.database.sqlite.budget import Slow
from crmcore.database.sqlite.connection import SqliteConnection
from crmcore.database.sqlite.functions import add_functions
from crmcore.database.sqlite.worker import Worker
from crmcore.database.sqlite.writer import SqliteWriter
from crmcore.errors import SetupError, Unavailable

__all__ = ["SqliteDriver"]

C = TypeVar("C", bound=SqliteConnection)

#: The oldest SQLite that has all that is used: `returning` and `drop column` (3.35), `unixepoch` and `->>` (3.38).
_OLDEST = (3, 38, 0)
_ARRIVAL = (
    "pragma foreign_keys = on",
    "pragma synchronous = normal",  # with WAL: safe against a killed process; a power cut may lose the last commits
    "pragma mmap_size = 2147418112",  # as much as SQLite takes: a page beyond it costs a call of the system each time
    "pragma cache_size = -8192",
    "pragma temp_store = memory",
)
#: Pages after which SQLite itself writes the log back (64 MB): of large rows, or of processes that are killed before their turn.
#: A log that fills the disk can never be written back, since the file has no room to grow.
_LONGEST_LOG = 16000
#: The file alone is then the whole database, and its statistics are fresh.
_FAREWELL = ("pragma optimize", "pragma wal_checkpoint(truncate)")


class SqliteDriver:
    """See `crmcore.database.connection.Driver`: many readers, one writer.

    Attributes:

        slow: statements that are known to take time.
        went: told of each group of transactions that was committed how many it had.
    """

    dialect = "sqlite"
    went: Callable[[int], None]

    def __init__(self, path: Path, pool_size: int, limit: float, keys: Keys) -> None:
        self._path, self._limit, self._keys, self.slow = path, limit, keys, Slow()
        self.readers: Lifo[SqliteConnection] = Lifo(self._reader, pool_size, limit, "readers of the database")
        self.writers: Lifo[SqliteWriter] = Lifo(self._writer, 1, limit, "writers of the database")

    async def open(self) -> None:
        if sqlite3.sqlite_version_info < _OLDEST:
            found, needed = sqlite3.sqlite_version, ".".join(map(str, _OLDEST))
            msg = f"This Python brings SQLite {found}; crmcore needs {needed}. Use a newer Python build or PostgreSQL."
            raise _refused(msg)
        try:
            writer = await self.writers.take()
        except Unavailable as error:
            raise _refused(_reason(self._path, error.__cause__)) from error.__cause__
        self.writers.give(writer)

    async def close(self) -> None:
        await self.readers.close()
        await self.writers.close()

    async def _reader(self) -> SqliteConnection:
        arrival = ["pragma query_only = on", "pragma busy_timeout = 0"]
        return await self._connect(SqliteConnection, "crm-sqlite-reader", arrival)

    async def _writer(self) -> SqliteWriter:
        # When the log is written back is the connection's to say, which counts rows, and only its own.
        arrival = ["pragma journal_mode = wal", f"pragma wal_autocheckpoint = {_LONGEST_LOG}"]
        writer = await self._connect(SqliteWriter, "crm-sqlite-writer", arrival, _FAREWELL)
        writer.stack, writer.readers, writer.went = self.writers, self.readers, self.went
        return writer

    async def _connect(self, kind: type[C], name: str, arrival: Sequence[str], farewell: Sequence[str] = ()) -> C:
        worker, opened = Worker(name), list[sqlite3.Connection]()
        try:
            raw = await worker.call(_open, self._path, (*_ARRIVAL, *arrival), opened)
        except BaseException as error:
            # By the thread itself, which may be opening still: the loop may be over before it is done.
            worker.call(_drop, opened, always=True)
            worker.stop()
            if isinstance(error, sqlite3.Error):
                raise Unavailable("The database file cannot be opened now; tell the operator.") from error
            raise
        return kind(raw, worker, self._limit, self._keys, self.slow, farewell)


def _open(path: Path, pragmas: Sequence[str], opened: list[sqlite3.Connection]) -> sqlite3.Connection:
    """Open a connection and note it in `opened`, where it is found when nobody waits for it any more."""
    raw = sqlite3.connect(
        path,
        timeout=statements.PATIENCE,
        isolation_level=None,
        detect_types=sqlite3.PARSE_DECLTYPES,
        check_same_thread=False,
        cached_statements=512,
    )
    add_functions(raw)
    try:
        for pragma in pragmas:
            raw.execute(pragma).fetchall()
    except BaseException:
        raw.close()
        raise
    opened.append(raw)
    return raw


def _drop(opened: list[sqlite3.Connection]) -> None:
    for raw in opened:
        raw.close()


def _reason(path: Path, error: BaseException | None) -> str:
    if isinstance(error, sqlite3.OperationalError) and statements.is_busy(error):
        return f"The database {path} cannot be opened, because another program keeps it locked; end that program."
    folder = path.absolute().parent
    if not folder.is_dir():
        return f"The database {path} cannot be opened, because the folder {folder} does not exist; create it or name another file."
    if path.is_dir():
        return f"The database {path} cannot be opened, because it is a folder; name a file in it, for example {path / 'crm.db'}."
    if not os.access(path if path.exists() else folder, os.R_OK | os.W_OK):
        return f"The database {path} cannot be opened, because this user may not read and write it; change the owner or the rights."
    return f"The database {path} cannot be opened: {error}. Name a SQLite file, or one that does not exist yet."


def _refused(problem: str) -> SetupError:
    return SetupError("database-unusable", [problem])
