"""Reads on a copy of the database, and on the database itself whenever the copy would not do."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from crmcore.database.failures import Busy, Contention, StatementTimeout
from crmcore.database.tally import TALLY
from crmcore.errors import SetupError, Unavailable

if TYPE_CHECKING:
    from crmcore.database.facade import Database

__all__ = ["Replica"]

T = TypeVar("T")

_log = logging.getLogger("crmcore.database.replica")

#: Seconds for which a copy that did not answer is left alone.
_REST = 10.0


class Replica:
    """A copy that follows the database a moment behind.

    A read goes to it only inside a request that has not written yet, and outside of transactions: then nobody can have
    seen in this request what the copy does not know. Programs and commands, which are no requests, read the database.

    Args:

        database: the database itself, the primary.
        copy: the replica.

    Attributes:

        failures: how often the copy did not answer and the database did in its place.
    """

    def __init__(self, database: Database, copy: Database) -> None:
        self._database, self._copy = database, copy
        self._resting_until = 0.0
        self.failures = 0

    async def open(self) -> None:
        """Try the copy; one that cannot be used is told of in the log and tried again later."""
        try:
            await self._copy.open()
        except SetupError as error:
            self._rest(str(error))

    async def close(self) -> None:
        """End its connections."""
        await self._copy.close()

    async def fetch(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        """Return all rows, as `Database.fetch` does."""
        return await self._read(lambda database: database.fetch(sql, *params))

    async def row(self, sql: str, *params: Any) -> tuple[Any, ...]:
        """Return the only row of a statement, as `Database.row` does."""
        return await self._read(lambda database: database.row(sql, *params))

    async def _read(self, work: Callable[[Database], Awaitable[T]]) -> T:
        if not self._serves():
            return await work(self._database)
        try:
            return await work(self._copy)
        except (StatementTimeout, Busy):
            raise  # the database would be no quicker, and has the writes to care for
        except Contention:
            # Recovery removed rows that the statement still needed: usual on a copy, and no sign of anything wrong.
            return await work(self._database)
        except Unavailable as error:
            self._rest(error.message)
            return await work(self._database)

    def _serves(self) -> bool:
        tally = TALLY.get()
        if tally is None or tally.wrote or self._database.in_transaction:
            return False
        return monotonic() >= self._resting_until

    def _rest(self, why: str) -> None:
        self.failures += 1
        self._resting_until = monotonic() + _REST
        _log.warning(
            "The replica %s does not answer (%s); for %d s its reads go to the database.", self._copy.shown, why, _REST
        )
