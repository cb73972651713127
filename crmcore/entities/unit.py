"""A unit of work in its transaction: first in hope of what is surely fine, and if something stands against it, asking for each."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from crmcore.access.standing import Standing
from crmcore.database import Contention, Database, UniqueViolation
from crmcore.database.connection import Isolation
from crmcore.entities.work import Work
from crmcore.errors import Refusal, Unavailable

__all__ = ["Unit"]

logger = logging.getLogger("crmcore.units")

R = TypeVar("R")
C = TypeVar("C")


class Unit(Generic[R, C]):
    """What is done in one transaction, as often as it takes.

    Args:

        database: where.
        made: makes the `Work` of an attempt, `hopeful` or not.
        do: gets it.
        flush: writes what it caused, and says what it was.
        isolation: of the transaction.
        last: reads what is shown of the result by `Database.fetch_last`, with which all is committed: what fails behind that is logged.
        standing: of who does it, if they are only known from before: the transaction confirms it.
    """

    def __init__(
        self,
        database: Database,
        made: Callable[..., Work],
        do: Callable[[Work], Awaitable[R]],
        flush: Callable[[Work], Awaitable[C]],
        isolation: Isolation,
        last: Callable[[R], Awaitable[None]] | None,
        standing: Standing | None = None,
    ) -> None:
        self._database, self._made, self._do, self._flush = database, made, do, flush
        self._isolation, self._last, self._standing = isolation, last, standing
        self._hopeful = True

    async def attempt(self) -> tuple[R, C]:
        """Do it; return the result, and what it caused.

        Raises:

            Contention: somebody else was at the same rows, or wrote the very same: it is to be done again.
            Unconfirmed: the standing does not hold any more, and nothing is kept.
        """
        work = self._made(hopeful=self._hopeful)
        try:
            async with self._database.transaction(self._isolation, hopeful=self._hopeful):
                result, caused = await self._written(work)
                if self._last is not None and self._hopeful:
                    work.hoped = True
                    await self._show(self._last(result))
        except Contention:
            # Somebody else's turn; or a statement that took along what was hoped for had that one's failure.
            self._hopeful = False
            raise
        except Unavailable:
            # Whether it was committed nobody knows.
            raise
        except Exception as error:
            if isinstance(error, UniqueViolation) and error.table in work.races:
                self._hopeful = False
                msg = "The same was written by somebody else at this very moment; try again in a moment."
                raise Contention(msg) from error
            if not work.hoped:
                raise
        else:
            if self._standing is not None:
                self._standing.confirmed = True
            return result, caused
        # Something that was hoped for may be what stands against it: the same is done again, and asks where it hoped.
        self._hopeful = False
        return await self.attempt()

    async def _written(self, work: Work) -> tuple[R, C]:
        try:
            if self._standing is not None:
                await self._standing.hold(work)
            return await self._do(work), await self._flush(work)
        except Refusal:
            self._heard(work)
            raise

    def _heard(self, work: Work) -> None:
        """Note that all that was hoped for is so, if a statement that was waited for took it along."""
        if work.hoped and not (work.presumed or self._database.unheard):
            work.hoped = False
            if self._standing is not None:
                self._standing.confirmed = True

    async def _show(self, reading: Awaitable[None]) -> None:
        try:
            await reading
        except Exception:
            if not self._database.kept:
                raise
            # Done again it would be done twice; who shows the result can read it behind the commit.
            logger.exception("What was written is kept; reading what is shown of it failed behind the commit.")
