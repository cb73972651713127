"""A look at a database that leaves it as it is: no file is made, no journal, nothing is written."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from crmcore.database.address import Address
from crmcore.errors import SetupError

if TYPE_CHECKING:
    from asyncpg import Connection

__all__ = ["Look", "looking"]

_TABLES = {
    "sqlite": "select name from sqlite_master where type = 'table'",
    "postgresql": "select tablename from pg_tables where schemaname = current_schema()",
}


class Look(Protocol):
    """What can be asked."""

    dialect: str

    async def fetch(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        """Return all rows; placeholders are `$1` to `$n`."""
        ...

    async def tables(self) -> set[str]:
        """Return the names of all tables."""
        ...


@asynccontextmanager
async def looking(url: str) -> AsyncIterator[Look | None]:
    """Open a database for reading while a block runs; None where there is no SQLite file yet.

    Raises:

        SetupError: it cannot be read.
    """
    address = Address.parse(url)
    if address.path is not None:
        if not address.path.exists():
            yield None
            return
        with closing(_file(address.path)) as raw:
            yield _File(raw)
        return
    connection = await _server(address)
    try:
        # A transaction, since a setting of the session would stay with a connection that PgBouncer gives to others.
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            yield _Server(connection)
    finally:
        await connection.close()


class _File:
    dialect = "sqlite"

    def __init__(self, raw: sqlite3.Connection) -> None:
        self._raw = raw

    async def fetch(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        return self._raw.execute(sql, {str(n): value for n, value in enumerate(params, 1)}).fetchall()

    async def tables(self) -> set[str]:
        return {str(name) for (name,) in await self.fetch(_TABLES[self.dialect])}


class _Server:
    dialect = "postgresql"

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def fetch(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self._connection.fetch(sql, *params)]

    async def tables(self) -> set[str]:
        return {str(name) for (name,) in await self.fetch(_TABLES[self.dialect])}


def _file(path: Path) -> sqlite3.Connection:
    # A reader of a file in WAL mode makes the files beside it, unless it is told that nothing changes. That is so where
    # there is no journal: whoever has the file open has one.
    journal = path.with_name(f"{path.name}-wal")
    mode = "mode=ro" if journal.exists() else "immutable=1"
    try:
        raw = sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, isolation_level=None)
    except sqlite3.Error as error:
        raise _unusable(str(path), error) from error
    try:
        raw.execute("select 1 from sqlite_master").fetchall()
    except sqlite3.Error as error:
        raw.close()
        raise _unusable(str(path), error) from error
    return raw


async def _server(address: Address) -> Connection:
    # Heavy, and SQLite needs it not.
    import asyncpg

    try:
        return await asyncpg.connect(address.server, timeout=10, statement_cache_size=0)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise _unusable(address.shown, error) from error


def _unusable(shown: str, error: Exception) -> SetupError:
    return SetupError("database-unusable", [f"The database {shown} cannot be read: {error or type(error).__name__}."])
