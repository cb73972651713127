"""New databases for each round, and backups of them, on SQLite and on PostgreSQL; all are gone at the end."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import asyncpg

from faults.site import Site

if TYPE_CHECKING:
    from crmcore.testing.postgresql import Server

__all__ = ["Databases", "databases"]


class Databases(Protocol):
    """Makes sites. Nobody may be connected to a database that is copied, so both are done between two processes."""

    def new(self) -> Site:
        """Return a site whose databases are empty."""

    def back_up(self, site: Site) -> None:
        """Copy the data of a site; its keystore is no part of that."""

    def put_back(self, site: Site) -> None:
        """Have the copy be the data of the site again."""


class _Sqlite:
    def __init__(self, folder: Path) -> None:
        self._folder, self._count = folder, count(1)

    def new(self) -> Site:
        own = self._folder / str(next(self._count))
        own.mkdir()
        return Site(own, f"sqlite:///{own}/data.sqlite", f"sqlite:///{own}/keystore.db")

    def back_up(self, site: Site) -> None:
        for file in self._files(site):
            shutil.copyfile(file, site.folder / f"backup-of-{file.name}")

    def put_back(self, site: Site) -> None:
        for file in self._files(site):
            file.unlink()
        for copy in site.folder.glob("backup-of-*"):
            copy.rename(site.folder / copy.name.removeprefix("backup-of-"))

    @staticmethod
    def _files(site: Site) -> list[Path]:
        return list(site.folder.glob("data.sqlite*"))


class _Postgresql:
    def __init__(self, folder: Path, server: Server) -> None:
        self._folder, self._server, self._count = folder, server, count(1)

    def new(self) -> Site:
        name = f"faults_{next(self._count)}"
        own = self._folder / name
        own.mkdir()
        for database in (name, f"{name}_keys"):
            self._do(f"create database {database}")
        return Site(own, self._server.url(name), self._server.url(f"{name}_keys"))

    def back_up(self, site: Site) -> None:
        name = site.folder.name
        self._do(f"create database {name}_backup template {name} strategy file_copy")

    def put_back(self, site: Site) -> None:
        name = site.folder.name
        self._do(f"drop database {name} with (force)")
        self._do(f"alter database {name}_backup rename to {name}")

    def _do(self, statement: str) -> None:
        asyncio.run(_execute(self._server.url("postgres"), statement))


async def _execute(url: str, statement: str) -> None:
    connection: Any = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@contextmanager
def databases(kind: str) -> Iterator[Databases]:
    """Give what makes sites while a block runs; PostgreSQL is a server of its own."""
    folder = Path(tempfile.mkdtemp(prefix="crm-faults-"))
    try:
        if kind == "sqlite":
            yield _Sqlite(folder)
            return
        from crmcore.testing.postgresql import running_server

        with running_server() as server:
            yield _Postgresql(folder, server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
