"""What an import has written, written once more as fast as the database can: by COPY, on SQLite by one executemany a table."""

from __future__ import annotations

import os
import sqlite3
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from shutil import copyfile
from typing import Any

import asyncpg

from crmcore.database.sqlite.functions import add_functions
from tests.benchmarks.usage import processor_time

__all__ = ["Base", "PostgresqlBase", "Spent", "SqliteBase"]


@dataclass
class Spent:
    """What something took: seconds, and seconds of processor time."""

    seconds: float = 0.0
    worked: float = 0.0


class Base(ABC):
    """An empty CRM's database, of which copies are made.

    Args:

        url: of the database.
        server: process id of its server, None for SQLite.
    """

    def __init__(self, url: str, server: int | None = None) -> None:
        self.url, self._server = url, server

    @contextmanager
    def timed(self) -> Iterator[Spent]:
        """Measure the block: its seconds, and the processor time of this process and of the server."""
        spent, pids = Spent(), [os.getpid(), *([self._server] if self._server else [])]
        worked, began = sum(map(processor_time, pids)), time.perf_counter()
        yield spent
        spent.seconds = time.perf_counter() - began
        spent.worked = sum(map(processor_time, pids)) - worked

    @abstractmethod
    async def copy(self, name: str) -> str:
        """Make a copy, in the place of what has its name, and return its URL."""

    @abstractmethod
    async def written(self, url: str, tables: Iterable[str]) -> Mapping[str, tuple[int, Any]]:
        """Return how many rows a copy has more than the base, by table, and the rows as `load` takes them."""

    @abstractmethod
    async def load(self, url: str, rows: Mapping[str, tuple[int, Any]]) -> Spent:
        """Write rows into the same tables of a copy, in one transaction; return what it took."""


class SqliteBase(Base):
    """A SQLite file that nobody has open."""

    async def copy(self, name: str) -> str:
        """See `Base`."""
        base = Path(self.url.removeprefix("sqlite:///"))
        for suffix in ("-wal", "-shm"):
            base.with_name(f"{name}{suffix}").unlink(missing_ok=True)
        return f"sqlite:///{copyfile(base, base.with_name(name))}"

    async def written(self, url: str, tables: Iterable[str]) -> Mapping[str, tuple[int, Any]]:
        """See `Base`."""
        with closing(_sqlite(self.url)) as base, closing(_sqlite(url)) as raw:
            found = {}
            for table in tables:
                (there,) = base.execute(f'select count(*) from "{table}"').fetchone()
                cursor = raw.execute(f'select * from "{table}" order by rowid limit -1 offset {there}')
                columns = ", ".join(f'"{column[0]}"' for column in cursor.description)
                if rows := cursor.fetchall():
                    places = ", ".join("?" * len(cursor.description))
                    sql = f'insert into "{table}" ({columns}) values ({places})'
                    found[table] = (len(rows), (sql, rows))
            return found

    async def load(self, url: str, rows: Mapping[str, tuple[int, Any]]) -> Spent:
        """See `Base`."""
        with closing(_sqlite(url)) as raw:
            for pragma in ("foreign_keys = on", "synchronous = normal", "mmap_size = 2147418112", "cache_size = -8192"):
                raw.execute(f"pragma {pragma}").fetchall()
            with self.timed() as spent:
                raw.execute("begin immediate")
                for _, (sql, values) in rows.values():
                    raw.executemany(sql, values)
                raw.execute("commit")
            return spent


class PostgresqlBase(Base):
    """A PostgreSQL database that nobody is connected to."""

    async def copy(self, name: str) -> str:
        """See `Base`."""
        place, _, rest = self.url.partition("?")
        place, _, base = place.rpartition("/")
        server = await asyncpg.connect(f"{place}/postgres?{rest}")
        try:
            await server.execute(f"drop database if exists {name} with (force)")
            await server.execute(f"create database {name} template {base}")
        finally:
            await server.close()
        return f"{place}/{name}?{rest}"

    async def written(self, url: str, tables: Iterable[str]) -> Mapping[str, tuple[int, Any]]:
        """See `Base`. The rows are text as pg_dump writes it."""
        base, copy = await asyncpg.connect(self.url), await asyncpg.connect(url)
        try:
            found = {}
            for table in tables:
                there = await base.fetchval(f'select count(*) from "{table}"')
                more = await copy.fetchval(f'select count(*) from "{table}"') - there
                if more:
                    text = BytesIO()
                    query = f'select * from "{table}" order by ctid offset {there}'
                    await copy.copy_from_query(query, output=text)
                    found[table] = (more, text.getvalue())
            return found
        finally:
            await base.close()
            await copy.close()

    async def load(self, url: str, rows: Mapping[str, tuple[int, Any]]) -> Spent:
        """See `Base`."""
        connection = await asyncpg.connect(url)
        try:
            with self.timed() as spent:
                async with connection.transaction():
                    for table, (_, text) in rows.items():
                        await connection.copy_to_table(table, source=BytesIO(text))
            return spent
        finally:
            await connection.close()


def _sqlite(url: str) -> sqlite3.Connection:
    raw = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    add_functions(raw)
    return raw
