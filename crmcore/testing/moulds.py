"""Databases by copying: one is migrated once, every test gets a copy of it in milliseconds."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from crmcore.settings import Settings
from crmcore.testing.happened import LAST

if TYPE_CHECKING:
    from crmcore.app import Crm
    from crmcore.testing.postgresql import Server

__all__ = ["Mould", "PostgresqlMould", "SqliteMould"]

T = TypeVar("T")
_numbers = count(1)


class Mould(Protocol):
    """A migrated database of which copies are made.

    Attributes:

        last_event: position of the last event in it.
    """

    last_event: int

    def copy(self, name: str) -> Any:
        """Give the URL of a copy while a block runs."""


class SqliteMould:
    """A file; a copy is a copy of the file.

    Args:

        crm: the CRM whose plugins say what the database holds.
        folder: where the files are.
        base: a mould with some of these plugins, to begin with.
    """

    def __init__(self, crm: Crm, folder: Path, base: SqliteMould | None = None) -> None:
        self._folder = folder
        self._file = folder / "mould.sqlite"
        if base is not None:
            shutil.copyfile(base._file, self._file)
        self.last_event = _apart(_fill(crm, f"sqlite:///{self._file}"))

    @contextmanager
    def copy(self, name: str) -> Iterator[str]:
        """Give the URL of a copy while a block runs."""
        file = self._folder / f"{name}.sqlite"
        shutil.copyfile(self._file, file)
        yield f"sqlite:///{file}"
        for each in self._folder.glob(f"{name}.sqlite*"):
            # A connection that closes late removes some of them itself.
            each.unlink(missing_ok=True)


class PostgresqlMould:
    """A database; a copy is made with it as the template.

    Args:

        crm: the CRM whose plugins say what the database holds.
        server: where the databases are.
        base: a mould with some of these plugins, to begin with.
    """

    def __init__(self, crm: Crm, server: Server, base: PostgresqlMould | None = None) -> None:
        self._server = server
        self._name = f"crm_mould_{next(_numbers)}"
        # The locale is the server's own, so that texts sort alike on every machine.
        empty = "template0 locale_provider builtin builtin_locale 'C.UTF-8'"
        server.execute(f"create database {self._name} template {base._name if base else empty}")
        self.last_event = _apart(_fill(crm, server.url(self._name)))

    @contextmanager
    def copy(self, name: str) -> Iterator[str]:
        """Give the URL of a copy while a block runs."""
        # Half the processor time of the default: nothing of the copy goes through the log.
        self._server.execute(f"create database {name} template {self._name} strategy file_copy")
        yield self._server.url(name)
        self._server.execute(f"drop database {name} with (force)")


async def _fill(crm: Crm, url: str) -> int:
    mould = crm.like(Settings(database=url))
    await mould.start(migrate="always")
    try:
        last: int = await mould.database.fetch_value(LAST)
    finally:
        await mould.stop()
    return last


async def _execute(server: Server, statement: str) -> None:
    import asyncpg

    connection = await asyncpg.connect(server.url("postgres"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _apart(work: Coroutine[Any, Any, T]) -> T:
    # In a thread of its own: pytest-asyncio has a loop that must not notice.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()
