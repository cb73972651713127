"""The trial balance: what all accounts hold together, which is nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from crmcore import Database
from crmcore_loyalty.tables.ledger import LoyaltyBucket, LoyaltyHouse

__all__ = ["TrialLine", "trial_balance"]

_HOUSES = """
    select e.house, count(*) as entries, cast(sum(e.amount) as bigint) as balance
    from loyalty_entry e where e.currency_id = $1 and e.house is not null group by e.house
"""
_MEMBERS = """
    select e.bucket, count(*) as entries, cast(sum(e.amount) as bigint) as balance
    from loyalty_entry e where e.currency_id = $1 and e.house is null group by e.bucket
"""


@dataclass(frozen=True)
class TrialLine:
    """One line of a trial balance.

    Attributes:

        account: `AVAILABLE`, `PENDING`, `HELD` of all members together, or one of our own accounts.
        entries: how many there are.
        debit: what we owe less by, where the balance is below zero.
        credit: what is owed to members, where it is above zero.
    """

    account: str
    entries: int
    debit: int
    credit: int

    @property
    def balance(self) -> int:
        """Above zero what members have."""
        return self.credit - self.debit


async def trial_balance(database: Database, currency_id: UUID) -> Sequence[TrialLine]:
    """Return the balances of one currency by account, members' buckets first; they add up to zero."""
    found: dict[str, tuple[int, int]] = {}
    for sql in (_MEMBERS, _HOUSES):
        for name, entries, balance in await database.fetch(sql, currency_id):
            found[str(name)] = int(entries), int(balance)
    return [
        TrialLine(name, entries, max(-balance, 0), max(balance, 0))
        for name, (entries, balance) in (
            (one.name, found.get(one.name, (0, 0))) for one in (*LoyaltyBucket, *LoyaltyHouse)
        )
    ]
