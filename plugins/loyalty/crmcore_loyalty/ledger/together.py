"""Postings of many callers in one unit of work: locked, drawn up and written together, and each has an outcome of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from crmcore import Row, Work, errors, ids
from crmcore_loyalty.ledger import accruing, journal, redeeming
from crmcore_loyalty.ledger.asked import Accrual, Redemption
from crmcore_loyalty.ledger.batch import Batch
from crmcore_loyalty.ledger.booking import is_idle
from crmcore_loyalty.ledger.ground import Ground, lock_those
from crmcore_loyalty.ledger.lots import lots_to_spend
from crmcore_loyalty.ledger.plan import Plan
from crmcore_loyalty.ledger.request import Request
from crmcore_loyalty.ledger.state import Lot

__all__ = ["Outcome", "post_together"]

#: The transaction, or why there is none; None is for what has to be posted by itself.
Outcome = Row | errors.Refusal | None


async def post_together(work: Work, asked: Sequence[tuple[Accrual | Redemption, str | None]]) -> list[Outcome]:
    """Post what can be posted with others, with the outcome that one after the other would have.

    Left alone are the postings of accounts that are not there yet or out of the actor's reach, that limits look at, or whose
    points lapse before one of them.

    Args:

        work: the unit of work, of `Crm.run(..., isolation="read committed")`.
        asked: each with an id, and with the request behind it.

    Returns:

        What came of each, in their order.
    """
    group = await _Group.of(work, [one for one, _ in asked])
    outcomes = [group.add(one, lot_id) for (one, _), lot_id in zip(asked, ids.many(len(asked)), strict=True)]
    plans, moved = group.batch.take()
    if plans:
        await journal.write(work, plans, moved)
        await _tell(work, plans, {one.id: request_id for one, request_id in asked})
    return outcomes


async def _tell(work: Work, plans: Sequence[Plan], requests: Mapping[UUID | None, str | None]) -> None:
    """Tell of each as of what its own request did."""
    for plan in plans:
        work.request_id = requests[plan.transaction.id]
        await journal.tell(work, [plan])
    work.request_id = None


class _Group:
    """The accounts of a group, as they are after those that were drawn up."""

    def __init__(
        self, work: Work, batch: Batch, grounds: dict[tuple[UUID, UUID], Ground], lots: dict[UUID, list[Lot]]
    ) -> None:
        self._work, self._grounds, self._lots = work, grounds, lots
        self.batch = batch

    @classmethod
    async def of(cls, work: Work, asked: Sequence[Accrual | Redemption]) -> _Group:
        """Lock the accounts, and read what decides."""
        spenders = {(one.member_id, one.currency_id) for one in asked if isinstance(one, Redemption)}
        pairs = dict.fromkeys((one.member_id, one.currency_id) for one in asked)
        given = [one.id for one in asked if one.id is not None]
        grounds = await lock_those(work, list(pairs), given, [member_id for member_id, _ in spenders])
        stored = any(ground.stored for ground in grounds.values())
        batch = Batch(await journal.read_many(work, given) if stored else {})
        lots = {g.account.id: await lots_to_spend(work, g) for pair, g in grounds.items() if pair in spenders}
        return cls(work, batch, grounds, lots)

    def add(self, one: Accrual | Redemption, lot_id: UUID) -> Outcome:
        """Draw one up; what is left alone takes those of its account along that come after it."""
        pair = one.member_id, one.currency_id
        ground = self._grounds.get(pair)
        if ground is None:
            return None
        if (ground.row["limited"] and not one.unlimited) or is_idle(ground, one.event_at or self._work.now):
            del self._grounds[pair]
            return None
        try:
            return self._draw(one, ground, lot_id)
        except errors.Refusal as refused:
            return refused

    def _draw(self, one: Accrual | Redemption, ground: Ground, lot_id: UUID) -> Row:
        lots = self._lots.get(ground.account.id)
        if isinstance(one, Accrual):
            earning = accruing.request_of(self._work, one)
            return self.batch.add(earning, ground, lambda: _earned(earning, one, ground, lot_id, lots))
        assert lots is not None
        spending = redeeming.request_of(self._work, one)
        return self.batch.add(spending, ground, lambda: redeeming.redeemed(spending, one, ground, lots))


def _earned(request: Request, one: Accrual, ground: Ground, lot_id: UUID, lots: list[Lot] | None) -> Plan:
    """Draw an accrual up, whose lot can be spent by those after it."""
    plan = accruing.earned(request, one, ground, lot_id)
    if lots is not None:
        lots.extend(plan.made.values())
    return plan
