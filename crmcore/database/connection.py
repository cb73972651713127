"""What the layer asks of a connection, whichever the database."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Literal, Protocol

from crmcore.database.lifo import Lifo, Stacked

__all__ = ["Connection", "Driver", "Fetching", "Isolation", "Params", "Work"]

Params = Sequence[Any]
#: What a transaction sees of others that commit meanwhile: nothing, or with each statement what there is then.
Isolation = Literal["repeatable read", "read committed"]
#: What a statement is run for, by the name of the method.
Work = Literal["fetch", "fetch_dicts", "fetch_value", "execute"]


class Connection(Stacked, Protocol):
    """One connection. Placeholders are `$1` to `$n`; driver errors come out translated (`failures`)."""

    def at_once(self, work: Work, sql: str, params: Params) -> tuple[Any] | None:
        """Return what a statement gives if it surely takes no time; None if it is to be waited for, and nothing was done."""
        ...

    async def fetch(self, sql: str, params: Params) -> list[tuple[Any, ...]]:
        """Return all rows."""
        ...

    async def fetch_dicts(self, sql: str, params: Params) -> list[dict[str, Any]]:
        """Return all rows by column name."""
        ...

    async def fetch_value(self, sql: str, params: Params) -> Any:
        """Return the first column of the first row, None without rows."""
        ...

    async def fetch_last(self, sql: str, params: Params) -> list[tuple[Any, ...]]:
        """Return all rows of a transaction's last statement, and commit along with it if that saves anything."""
        ...

    async def execute(self, sql: str, params: Params) -> int:
        """Return how many rows were written."""
        ...

    async def execute_many(self, sql: str, rows: Sequence[Params]) -> None:
        """Write many rows, all or none."""
        ...

    async def load(self, table: str, columns: Sequence[str], rows: Sequence[Params]) -> None:
        """Write many new rows by the quickest way there is, all or none."""
        ...

    async def script(self, statements: Sequence[str]) -> None:
        """Run statements without parameters, one after the other, in one go."""
        ...

    async def begin(self, *, schema: bool = False, isolation: Isolation = "repeatable read") -> None:
        """Begin a writing transaction.

        Args:

            schema: it changes the schema: alone among all processes, without a time limit; SQLite checks foreign keys
                at its end only, so that tables can be rebuilt.
            isolation: on PostgreSQL; under SQLite there is one writer, which always sees everything.
        """
        ...

    def later(self, sql: str, params: Params) -> bool:
        """Have a statement that gives no rows run before the next one; say whether that can be had.

        Where it fails, the next one does, with its failure.
        """
        ...

    @property
    def gathers(self) -> bool:
        """Whether what is left for `later` saves anything, so that what will surely be fine should not be waited for."""
        ...

    @property
    def waiting(self) -> bool:
        """Whether something that was left for `later` has not been run yet."""
        ...

    def forget(self) -> None:
        """Do not run what `later` left, if it has not run yet."""
        ...

    async def commit(self) -> None:
        """Commit; when that fails the transaction is rolled back before the failure is raised."""
        ...

    def join(self) -> asyncio.Future[None] | None:
        """End a transaction that is committed along with others in a moment, if it can be had; the connection is free for them.

        Returns:

            what ends when it is committed, or fails as a commit does; None if it is to be committed by `commit`.
        """
        ...

    async def rollback(self) -> None:
        """Roll back whatever is open; never raises: a connection that cannot is no longer usable."""
        ...


class Fetching(Protocol):
    """Where statements that only read can be run."""

    async def fetch(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        """Return all rows."""
        ...

    async def row(self, sql: str, *params: Any) -> tuple[Any, ...]:
        """Return the only row of a statement that has one whatever is bound to it."""
        ...


class Driver(Protocol):
    """A database: its name and its connections. Where readers and writers need not differ, they are one stack."""

    dialect: str
    readers: Lifo[Any]
    writers: Lifo[Any]

    async def open(self) -> None:
        """Try the address.

        Raises:

            SetupError: there is no database to work with.
        """
        ...

    async def close(self) -> None:
        """End all connections."""
        ...
