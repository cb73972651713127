"""Postings of many callers in one unit of work: locked, drawn up and written together, and each has an outcome of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from crmcore import Actor, Once, Row, Work, errors, ids
from crmcore_loyalty.ledger import accruing, journal, redeeming
from crmcore_loyalty.ledger.asked import Accrual, Redemption
from crmcore_loyalty.ledger.batch import Batch
from crmcore_loyalty.ledger.booking import is_idle
from crmcore_loyalty.ledger.ground import Ground, lock_those
from crmcore_loyalty.ledger.lots import lots_to_spend
from crmcore_loyalty.ledger.plan import Plan
from crmcore_loyalty.ledger.request import Request
from crmcore_loyalty.ledger.state import Lot

__all__ = ["Outcome", "Posting", "post_together"]

#: The transaction, or why there is none; None is for what has to be posted by itself.
Outcome = Row | errors.Refusal | None


@dataclass(slots=True, frozen=True)
class Posting:
    """What somebody wants posted.

    Attributes:

        actor: who.
        asked: what, with an id.
        request_id: the request behind it.
        once: the idempotency key that the request carries, None if none.
    """

    actor: Actor
    asked: Accrual | Redemption
    request_id: str | None = None
    once: Once | None = None


async def post_together(work: Work, postings: Sequence[Posting]) -> list[Outcome]:
    """Post what can be posted with others, with the outcome that one after the other would have.

    Left alone are the postings of accounts that are not there yet or out of the actors' reach, that limits look at, or whose
    points lapse before one of them; and those whose idempotency key was used before.

    Args:

        work: the unit of work, of `Crm.run(..., isolation="read committed")`; whoever it acts for reaches what all of the
            others reach, and in the end it acts for one of them.
        postings: in the order in which they came.

    Returns:

        What came of each, in their order.
    """
    group = await _Group.of(work, [one.asked for one in postings])
    # Of a key that was used, nearly always, the transaction is there.
    used = await Once.used(work, [one.once for one in postings if one.once is not None], hope=not group.stored)
    outcomes = [
        None if one.once in used else group.add(one, lot_id)
        for one, lot_id in zip(postings, ids.many(len(postings)), strict=True)
    ]
    plans, moved = group.batch.take()
    if plans:
        await journal.write(work, plans, moved)
        for plan, posting in zip(plans, group.drawn, strict=True):
            _act_for(work, posting)
            await journal.tell(work, [plan])
    done = zip(postings, outcomes, strict=True)
    await Once.keep(work, [(one.once, came) for one, came in done if one.once is not None and came is not None])
    return outcomes


def _act_for(work: Work, posting: Posting) -> None:
    """From here on, all that is written and told is this one's."""
    work.actor, work.request_id = posting.actor, posting.request_id
    work.idempotency_key = None if posting.once is None else posting.once.key


class _Group:
    """The accounts of a group, as they are after those that were drawn up.

    Attributes:

        stored: whether any of the transactions was there before.
        batch: what was drawn up.
        drawn: whose each of it is.
    """

    def __init__(
        self,
        work: Work,
        batch: Batch,
        grounds: dict[tuple[UUID, UUID], Ground],
        lots: dict[UUID, list[Lot]],
        *,
        stored: bool,
    ) -> None:
        self._work, self._grounds, self._lots = work, grounds, lots
        self.batch, self.stored = batch, stored
        self.drawn: list[Posting] = []

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
        return cls(work, batch, grounds, lots, stored=stored)

    def add(self, posting: Posting, lot_id: UUID) -> Outcome:
        """Draw one up; what is left alone takes those of its account along that come after it."""
        one = posting.asked
        pair = one.member_id, one.currency_id
        ground = self._grounds.get(pair)
        if ground is None:
            return None
        if (ground.row["limited"] and not one.unlimited) or is_idle(ground, one.event_at or self._work.now):
            del self._grounds[pair]
            return None
        _act_for(self._work, posting)
        try:
            return self._draw(one, ground, lot_id)
        except errors.Refusal as refused:
            return refused
        finally:
            if len(self.batch.plans) > len(self.drawn):
                self.drawn.append(posting)

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
