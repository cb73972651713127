"""On PostgreSQL totals grow by a row with every write; now and then what belongs together is put together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from crmcore.database import Database
from crmcore.database.schema import Totals
from crmcore.database.totals import folding
from crmcore.errors import Unavailable

__all__ = ["Folding", "fold"]

logger = logging.getLogger("crmcore.database")

#: Seconds between looks at the totals, and how many rows more than after the last time make it worth while.
_PERIOD = 5.0
_ENOUGH = 500


async def fold(database: Database, totals: Totals) -> bool:
    """Put the rows of each group together; readers and writers never wait for it.

    Returns:

        Whether it was done: False when another process is at it.
    """
    async with database.transaction():
        if database.dialect == "postgresql":
            lock = "select pg_try_advisory_xact_lock(hashtext('crmcore'), hashtext($1))"
            if not await database.fetch_value(lock, totals.table):
                return False
        await database.execute(folding(database.dialect, totals))
    return True


class Folding:
    """Folds totals in the background from `start` to `stop`.

    Args:

        database: where they are.
        totals: which.
        period: seconds between two looks.
    """

    def __init__(self, database: Database, totals: Sequence[Totals], period: float = _PERIOD) -> None:
        self._database, self._totals, self._period = database, totals, period
        self._least = dict.fromkeys(totals, 0)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; the first look comes after one period, so short-lived processes never pay for it."""
        self._task = asyncio.create_task(self._run(), name="crm-folding")

    async def stop(self) -> None:
        """End; a fold under way is rolled back."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def look(self) -> None:
        """Fold the totals that have grown enough."""
        for totals in self._totals:
            count = f'select count(*) from "{totals.table}"'
            if await self._database.fetch_value(count) < self._least[totals] + _ENOUGH:
                continue
            await self._database.retrying(lambda totals=totals: fold(self._database, totals))  # type: ignore[misc]
            self._least[totals] = await self._database.fetch_value(count)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._period)
            try:
                await self.look()
            except Unavailable:
                logger.warning("The database was too busy to fold totals; they are tried again in %g s.", self._period)
            except Exception:  # whatever it is, it must not end the folding of this process for good, nor go untold
                message = "Totals could not be folded and boards become slow; mend what this says. Tried again in %g s."
                logger.exception(message, self._period)
