"""A program with one currency and members, and short ways to move their points."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from crmcore_loyalty import ledger
from crmcore_loyalty.ledger import Accrual, Redemption, Reservation

from crmcore import Actor, Row, Work, errors
from crmcore.testing import TestCrm

__all__ = ["MONDAY", "Stage", "declined", "run", "stage"]

T = TypeVar("T")
#: Noon in Vienna and UTC alike is the same day.
MONDAY = datetime(2027, 3, 1, 12, tzinfo=UTC)
_SYSTEM = Actor.system("ledger tests")


async def run(crm: TestCrm, unit: Callable[[Work], Awaitable[T]]) -> T:
    """Do something as the ledger's actions do."""
    return await crm.run(_SYSTEM, unit, isolation="read committed")


async def declined(asked: Awaitable[Any]) -> str | None:
    """Return with which code something was declined, None if it was not."""
    try:
        await asked
    except errors.Declined as refused:
        return refused.violations[0].code
    return None


@dataclass
class Stage:
    """One currency, and the first member."""

    crm: TestCrm
    program_id: UUID
    currency_id: UUID
    ada: UUID

    async def member(self) -> UUID:
        """Make another member."""
        return await _member(self.crm, self.program_id)

    async def earn(self, points: int, who: UUID | None = None, **more: Any) -> Row:
        """Let a member earn."""
        asked = Accrual(member_id=who or self.ada, currency_id=self.currency_id, points=points, **more)
        return await run(self.crm, lambda work: ledger.accrue(work, asked))

    async def spend(self, points: int, who: UUID | None = None, **more: Any) -> Row:
        """Let a member redeem."""
        asked = Redemption(member_id=who or self.ada, currency_id=self.currency_id, points=points, **more)
        return await run(self.crm, lambda work: ledger.redeem(work, asked))

    async def hold(self, points: int, who: UUID | None = None, **more: Any) -> UUID:
        """Set points aside."""
        asked = Reservation(member_id=who or self.ada, currency_id=self.currency_id, points=points, **more)
        id: UUID = (await run(self.crm, lambda work: ledger.reserve(work, asked)))["id"]
        return id

    async def reverse(self, id: UUID, points: int | None = None, **more: Any) -> Row:
        """Undo a transaction."""
        return await run(self.crm, lambda work: ledger.reverse(work, id, points, **more))

    async def account(self, who: UUID | None = None) -> dict[str, int]:
        """Return what a member has: only what is not nothing."""
        sql = """select available, pending, held, owed, accrued, redeemed, expired from loyalty_account
            where member_id = $1 and currency_id = $2"""
        rows = await self.crm.database.fetch_dicts(sql, who or self.ada, self.currency_id)
        return {name: value for row in rows for name, value in row.items() if value}

    async def available(self, who: UUID | None = None) -> int:
        """Return what a member can spend."""
        return (await self.account(who)).get("available", 0)

    async def lots(self, who: UUID | None = None) -> list[tuple[int, int, int]]:
        """Return what is left of a member's lots, in the order they came: remaining, pending, held."""
        sql = "select remaining, pending, held from loyalty_lot where member_id = $1 order by id"
        return [tuple(row) for row in await self.crm.database.fetch(sql, who or self.ada)]  # type: ignore[misc]

    async def entries(self, transaction_id: UUID) -> list[tuple[str, int]]:
        """Return the entries of a transaction: which account, and what it adds."""
        sql = "select coalesce(bucket, house), amount from loyalty_entry where transaction_id = $1 order by id"
        return [tuple(row) for row in await self.crm.database.fetch(sql, transaction_id)]  # type: ignore[misc]

    async def check(self) -> None:
        """Demand that sums, balances, lots and moves agree."""
        for sql in _MUST_BE_EMPTY:
            found = await self.crm.database.fetch_dicts(sql)
            assert [] == found, sql


async def stage(crm: TestCrm, **currency: Any) -> Stage:
    """Make a program with a currency and a member, on a Monday in March."""
    crm.clock.set(MONDAY)
    program = await crm.make("loyalty_program", status="ACTIVE", timezone="Europe/Vienna")
    made = await crm.make("loyalty_currency", program=program, **currency)
    return Stage(crm, program["id"], made["id"], await _member(crm, program["id"]))


async def _member(crm: TestCrm, program_id: UUID) -> UUID:
    customer = await crm.make("customer")
    made = await crm.make("loyalty_member", program=program_id, customer=customer)
    id: UUID = made["id"]
    return id


_MUST_BE_EMPTY = (
    "select transaction_id from loyalty_entry group by transaction_id having sum(amount) <> 0 or count(*) < 2",
    """select a.id from loyalty_account a where a.available <> coalesce((select sum(e.amount) from loyalty_entry e
        where e.account_id = a.id and e.bucket = 'AVAILABLE'), 0)""",
    """select a.id from loyalty_account a where a.available + a.owed <> coalesce((select sum(l.remaining) from loyalty_lot l
        where l.account_id = a.id), 0)""",
    """select a.id from loyalty_account a where a.pending <> coalesce((select sum(l.pending) from loyalty_lot l
        where l.account_id = a.id), 0) or a.held <> coalesce((select sum(l.held) from loyalty_lot l where l.account_id = a.id), 0)""",
    """select l.id from loyalty_lot l where l.remaining <> case when l.came_as = 'AVAILABLE' then l.original else 0 end
        + coalesce((select sum(m.amount) from loyalty_lot_move m where m.lot_id = l.id and m.bucket = 'AVAILABLE'), 0)""",
    """select l.id from loyalty_lot l where l.remaining < 0 or l.pending < 0 or l.held < 0
        or l.spent <> (l.remaining = 0 and l.pending = 0 and l.held = 0)""",
    """select a.id from loyalty_account a where a.last_version <> (select count(*) from loyalty_entry e
        where e.account_id = a.id)""",
)
