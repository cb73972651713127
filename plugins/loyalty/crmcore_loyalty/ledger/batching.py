"""Many members earn points at once: some hundreds are written while the next are drawn up."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from crmcore import Row, Work, errors, ids
from crmcore_loyalty.ledger import journal
from crmcore_loyalty.ledger.accruing import accrue, drawn, request_of
from crmcore_loyalty.ledger.asked import Accrual
from crmcore_loyalty.ledger.booking import is_idle, lapse_idle, note_move
from crmcore_loyalty.ledger.ground import Ground, lock_pairs
from crmcore_loyalty.ledger.plan import Impossible, Plan
from crmcore_loyalty.ledger.request import Request, replayed
from crmcore_loyalty.sets import among

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
    pairs = list(dict.fromkeys((one.member_id, one.currency_id) for one in accruals))
    if not pairs:
        return []
    grounds = await lock_pairs(work, pairs)
    if any(ground.row["limited"] for ground in grounds.values()):
        return [await _alone(work, one, partial=partial) for one in accruals]
    batch = _Batch(work, await _stored(work, accruals), partial=partial)
    try:
        # A transaction and its lot may have the same id.
        for one, new_id in zip(accruals, ids.many(len(accruals)), strict=True):
            await batch.add(one, grounds[one.member_id, one.currency_id], new_id)
        return await batch.outcomes()
    finally:
        await batch.stop()


class _Batch:
    """What is to be written together, and what came of each request so far."""

    def __init__(self, work: Work, stored: dict[UUID, Row], *, partial: bool) -> None:
        self._work, self._stored, self._partial = work, stored, partial
        self._plans: list[Plan] = []
        self._moved: dict[UUID, datetime] = {}
        self._latest: dict[UUID, datetime] = {}
        self._outcomes: list[Row | None] = []
        self._writing: asyncio.Task[None] | None = None

    async def add(self, accrual: Accrual, ground: Ground, new_id: UUID) -> None:
        """Draw one up, or find what came of it before."""
        request = request_of(self._work, accrual, new_id)
        if (stored := self._stored.get(request.id)) is not None:
            self._outcomes.append(_told(stored, request, partial=self._partial))
            return
        try:
            ground.check_earning()
        except Impossible as why:
            await self._decline(request, request.declined(why))
            return
        if is_idle(ground, request.event_at):
            # What lapses is read from the database.
            await self._write()
            await self._written()
            await lapse_idle(self._work, ground, request.event_at)
        plan = drawn(request, accrual, ground, new_id).finish()
        self._note(note_move(ground, request.event_at), request.event_at)
        self._plans.append(plan)
        self._stored[request.id] = journal.as_row(plan.transaction)
        self._outcomes.append(self._stored[request.id])
        if len(self._plans) == _AT_ONCE:
            await self._write()
        elif self._writing is not None and not len(self._plans) % _TURN:
            await asyncio.sleep(0)

    async def outcomes(self) -> list[Row]:
        """Write the rest, and return what came of each."""
        await self._write()
        await self._written()
        return [one for one in self._outcomes if one is not None]

    async def stop(self) -> None:
        """End what is still being written, when something has failed."""
        if self._writing is not None:
            self._writing.cancel()
            with suppress(BaseException):
                await self._writing

    async def _write(self) -> None:
        """Begin to write what was drawn up so far, and tell of it meanwhile: handlers' statements come after it."""
        await self._written()
        if not self._plans:
            return
        plans, moved = self._plans, self._moved
        self._plans, self._moved = [], {}
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

    def _note(self, member_id: UUID | None, at: datetime) -> None:
        if member_id is not None and ((before := self._latest.get(member_id)) is None or at > before):
            self._latest[member_id] = self._moved[member_id] = at

    async def _decline(self, request: Request, declined: errors.Declined) -> None:
        if not self._partial:
            raise declined
        assert declined.keep is not None
        await declined.keep(self._work)
        self._outcomes.append(await journal.read(self._work, request.id))


async def _alone(work: Work, accrual: Accrual, *, partial: bool) -> Row:
    """Let one earn where limits look at what was earned before."""
    try:
        return await accrue(work, accrual)
    except errors.Declined as declined:
        if not partial or declined.keep is None or accrual.id is None:
            raise
        await declined.keep(work)
        found = await journal.read(work, accrual.id)
        assert found is not None
        return found


async def _stored(work: Work, accruals: Sequence[Accrual]) -> dict[UUID, Row]:
    given = [one.id for one in accruals if one.id is not None]
    sql = f"select t.id from loyalty_transaction t where {among(work.database.dialect, 't.id', 1)}"
    rows: list[dict[str, Any]] = await work.rows(sql, given) if given else []
    found: dict[UUID, Row] = {}
    for row in rows:
        stored = await journal.read(work, row["id"])
        assert stored is not None
        found[row["id"]] = stored
    return found


def _told(stored: Row, request: Request, *, partial: bool) -> Row:
    try:
        return replayed(stored, request.fingerprint)
    except errors.Declined:
        if not partial:
            raise
        return stored
