"""Many members earn points at once: some hundreds are written while the next are drawn up."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from crmcore import Row, Work, errors, ids
from crmcore_loyalty.ledger import journal
from crmcore_loyalty.ledger.accruing import accrue, earned, request_of
from crmcore_loyalty.ledger.asked import Accrual
from crmcore_loyalty.ledger.batch import Batch
from crmcore_loyalty.ledger.booking import is_idle, lapse_idle
from crmcore_loyalty.ledger.ground import Ground, lock_pairs
from crmcore_loyalty.ledger.plan import Impossible

__all__ = ["accrue_many"]

#: So many are written by one statement.
_AT_ONCE = 250
#: After so many the event loop gets a turn, to send on what is being written.
_TURN = 25


async def accrue_many(work: Work, accruals: Sequence[Accrual], *, partial: bool = False) -> list[Row]:
    """Let members earn points, with the outcome that `accrue` of one after the other would have.

    Args:

        work: the unit of work, of `Crm.run(..., isolation="read committed")`.
        accruals: some thousands at most.
        partial: whether what is declined is recorded, and the rest goes on; otherwise it raises, and nothing is kept.

    Returns:

        The transactions in the order asked; with `partial` those declined have the status DECLINED.

    Raises:

        Declined: the first that was declined, unless `partial`.
        NotFound, Invalid, KeyReused: as for `accrue`.
    """
    pairs = dict.fromkeys((one.member_id, one.currency_id) for one in accruals)
    if not pairs:
        return []
    given = [one.id for one in accruals if one.id is not None]
    grounds = await lock_pairs(work, list(pairs), given)
    if any(ground.row["limited"] for ground in grounds.values()):
        return [await _alone(work, one, partial=partial) for one in accruals]
    known = any(ground.stored for ground in grounds.values())
    writer = _Writer(work, Batch(await journal.read_many(work, given) if known else {}))
    try:
        # A transaction and its lot may have the same id.
        rows = [
            await writer.add(one, grounds[one.member_id, one.currency_id], new_id, partial=partial)
            for one, new_id in zip(accruals, ids.many(len(accruals)), strict=True)
        ]
        await writer.finish()
    finally:
        await writer.stop()
    return rows


class _Writer:
    """Writes what is drawn up, some hundreds at a time, and lets the next be drawn up meanwhile."""

    def __init__(self, work: Work, batch: Batch) -> None:
        self._work, self._batch = work, batch
        self._writing: asyncio.Task[None] | None = None

    async def add(self, accrual: Accrual, ground: Ground, new_id: UUID, *, partial: bool) -> Row:
        """Draw one up, or find what came of it before."""
        batch, request = self._batch, request_of(self._work, accrual, new_id)
        if is_idle(ground, request.event_at) and not batch.knows(request.id):
            await self._lapse(ground, request.event_at)
        try:
            row = batch.add(request, ground, lambda: earned(request, accrual, ground, new_id))
        except errors.Declined:
            if not partial:
                raise
            row = batch.outcome(request.id)
        if len(batch.plans) == _AT_ONCE:
            await self._write()
        elif self._writing is not None and not len(batch.plans) % _TURN:
            await asyncio.sleep(0)
        return row

    async def finish(self) -> None:
        """Write the rest."""
        await self._write()
        await self._written()

    async def stop(self) -> None:
        """End what is still being written, when something has failed."""
        if self._writing is not None:
            self._writing.cancel()
            with suppress(BaseException):
                await self._writing

    async def _lapse(self, ground: Ground, at: datetime) -> None:
        """Let expire what was idle for too long, which is read from the database."""
        with suppress(Impossible):
            ground.check_earning()
            await self._write()
            await self._written()
            await lapse_idle(self._work, ground, at)

    async def _write(self) -> None:
        """Begin to write what was drawn up so far, and tell of it meanwhile: handlers' statements come after it."""
        await self._written()
        plans, moved = self._batch.take()
        if not plans:
            return
        writing = journal.write(self._work, plans, moved)
        if self._work.database.dialect == "sqlite":
            await writing
        else:
            self._writing = asyncio.create_task(writing)
            await asyncio.sleep(0)
        await journal.tell(self._work, plans)

    async def _written(self) -> None:
        """Wait for what is being written."""
        writing, self._writing = self._writing, None
        if writing is not None:
            await writing


async def _alone(work: Work, accrual: Accrual, *, partial: bool) -> Row:
    """Let one earn where limits look at what was earned before."""
    id = accrual.id or ids.new()
    try:
        return await accrue(work, replace(accrual, id=id))
    except errors.Declined as declined:
        if not partial:
            raise
        if declined.keep is not None:
            await declined.keep(work)
        return (await journal.read_many(work, [id]))[id]
