"""Transactions that follow another one: what that was, and the account it is about now."""

from __future__ import annotations

from uuid import UUID

from crmcore import Row, Work, errors, ids
from crmcore_loyalty.ledger.ground import Ground, lock
from crmcore_loyalty.ledger.request import Request
from crmcore_loyalty.tables.ledger import LoyaltyHouse, LoyaltyTransactionStatus

__all__ = ["house_of", "lock_of", "posted", "successor"]

_HOUSE = "select house from loyalty_entry where transaction_id = $1 and house is not null order by id"


async def posted(work: Work, id: UUID) -> Row:
    """Return a transaction that came about, whose member the actor may reach.

    Raises:

        NotFound: there is none.
    """
    found = await work.get("loyalty_transaction", id)
    if found["status"] != LoyaltyTransactionStatus.POSTED.name:
        msg = f"The transaction {ids.encode('loyalty_transaction', id)} was declined; there is nothing to follow it."
        raise errors.NotFound(msg)
    return found


async def successor(work: Work, member_id: UUID) -> UUID:
    """Return as whom a member goes on today, which is itself unless it was merged."""
    while True:
        (member,) = await work.find("loyalty_member", id=member_id)
        if member["merged_into_id"] is None:
            return member_id
        member_id = member["merged_into_id"]


async def lock_of(request: Request) -> Ground:
    """Lock the account that a request is about.

    Raises:

        Contention: its member has gone on as another one while it was waited for.
    """
    ground = await lock(request.work, request.member_id, request.currency_id, request.id)
    if ground.account.closed and await successor(request.work, request.member_id) != request.member_id:
        msg = "The member has just gone on as another one."
        raise errors.Contention(msg)
    return ground


async def house_of(work: Work, transaction_id: UUID) -> LoyaltyHouse:
    """Return which of our accounts a transaction went by."""
    rows = await work.rows(_HOUSE, transaction_id)
    house: LoyaltyHouse = getattr(LoyaltyHouse, rows[0]["house"])
    return house
