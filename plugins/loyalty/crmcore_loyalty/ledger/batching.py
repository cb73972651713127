"""Many members earn points at once: a few statements for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from crmcore import Row, Work, errors
from crmcore_loyalty.ledger import journal
from crmcore_loyalty.ledger.accruing import accrue, drawn, request_of
from crmcore_loyalty.ledger.asked import Accrual
from crmcore_loyalty.ledger.booking import lapse_idle, note_move
from crmcore_loyalty.ledger.ground import Ground, lock_pairs
from crmcore_loyalty.ledger.plan import Impossible, Plan
from crmcore_loyalty.ledger.request import Request, replayed
from crmcore_loyalty.sets import among

__all__ = ["accrue_many"]


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
    for one in accruals:
        await batch.add(one, grounds[one.member_id, one.currency_id])
    return await batch.write()


class _Batch:
    """What is to be written together, and what came of each request so far."""

    def __init__(self, work: Work, stored: dict[UUID, Row], *, partial: bool) -> None:
        self._work, self._stored, self._partial = work, stored, partial
        self._plans: list[Plan] = []
        self._noted: dict[UUID, datetime] = {}
        self._outcomes: list[Row | None] = []

    async def add(self, accrual: Accrual, ground: Ground) -> None:
        """Draw one up, or find what came of it before."""
        request = request_of(self._work, accrual)
        if (stored := self._stored.get(request.id)) is not None:
            self._outcomes.append(_told(stored, request, partial=self._partial))
            return
        try:
            ground.check_earning()
        except Impossible as why:
            await self._decline(request, request.declined(why))
            return
        await lapse_idle(self._work, ground, request.event_at)
        plan = drawn(request, accrual, ground).finish()
        if (member_id := note_move(ground, request.event_at)) is not None:
            self._noted[member_id] = max(request.event_at, self._noted.get(member_id, request.event_at))
        self._plans.append(plan)
        self._stored[request.id] = journal.as_row(plan.transaction)
        self._outcomes.append(self._stored[request.id])

    async def write(self) -> list[Row]:
        """Write all, and return what came of each."""
        if self._plans:
            await journal.post(self._work, self._plans, self._noted)
        return [one for one in self._outcomes if one is not None]

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
