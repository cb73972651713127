"""Partners: members earn and redeem at other companies', which pay us or are paid, and are settled with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from crmcore import BigInt, Ref, Row, Work, action, errors, ids
from crmcore_loyalty import ledger
from crmcore_loyalty.tables.ledger import LoyaltyHouse
from crmcore_loyalty.tables.partners import LoyaltyPartnerDirection, LoyaltyPartnerStatus

__all__ = [
    "PARTNERS",
    "SETTLE",
    "loyalty_partner_accrue",
    "loyalty_partner_prepay",
    "loyalty_partner_redeem",
    "loyalty_settle_partner",
]

#: Giving and taking points at a partner's.
PARTNERS = "loyalty.partners"
#: Settling with partners, and writing down what they have paid for.
SETTLE = "loyalty.settle"

_PARTNER_ID = Annotated[UUID, Ref("loyalty_partner"), "Which partner."]
_MEMBER_ID = Annotated[UUID, Ref("loyalty_member"), "Which member."]
_CURRENCY = Annotated[str, "Code of the points."]
_POINTS = Annotated[BigInt, "How many; more than none."]
_EVENT_AT = Annotated[datetime | None, "When it happened in the business; now if you do not say."]
_ID = Annotated[
    UUID | None, Ref("loyalty_transaction"), "The transaction's id; asking twice with one id has one effect."
]

_RATE = """
    select price, money from loyalty_partner_rate
    where partner_id = $1 and currency_id = $2 and direction = $3 and starts_at <= $4 and deleted_at is null
    order by starts_at desc limit 1
"""
#: Guarded: of two who give a prepaid partner's last points one is refused.
_TAKE = "update loyalty_partner set prepaid = prepaid - $2 where id = $1 and prepaid >= $2 returning prepaid"
_GIVE = "update loyalty_partner set prepaid = prepaid + $2 where id = $1 returning prepaid"
_OPEN = """
    select direction, money, count(*) as transactions, sum(points) as points, sum(price) as price from loyalty_partner_use
    where partner_id = $1 and settlement_id is null and event_at < $2 group by direction, money
"""
_CLAIM = """
    update loyalty_partner_use set settlement_id = $3
    where partner_id = $1 and settlement_id is null and event_at < $2 and money = $4
"""
_PER = 1000


@action(returns="loyalty_transaction", permission=PARTNERS, isolation="read committed", since="0.1.0")
async def loyalty_partner_accrue(
    work: Work, partner_id: _PARTNER_ID, member_id: _MEMBER_ID, currency: _CURRENCY, points: _POINTS,
    event_at: _EVENT_AT = None, id: _ID = None,
) -> Row:  # fmt: skip
    """Give a member points that a partner pays for, by the rate of that time."""
    use = await _use(work, partner_id, member_id, currency, points, event_at, LoyaltyPartnerDirection.EARN)
    asked = ledger.Accrual(
        member_id=member_id, currency_id=use["currency_id"], points=points, id=id, event_at=event_at, house=LoyaltyHouse.PARTNER,
        source=ledger.Source(type="loyalty_partner", id=str(partner_id)),
    )  # fmt: skip
    return await _post(work, await ledger.accrue(work, asked), use)


@action(returns="loyalty_transaction", permission=PARTNERS, isolation="read committed", since="0.1.0")
async def loyalty_partner_redeem(
    work: Work, partner_id: _PARTNER_ID, member_id: _MEMBER_ID, currency: _CURRENCY, points: _POINTS,
    event_at: _EVENT_AT = None, id: _ID = None,
) -> Row:  # fmt: skip
    """Let a member spend points at a partner's, whom we owe what they cost by the rate of that time."""
    use = await _use(work, partner_id, member_id, currency, points, event_at, LoyaltyPartnerDirection.BURN)
    asked = ledger.Redemption(
        member_id=member_id, currency_id=use["currency_id"], points=points, id=id, event_at=event_at, house=LoyaltyHouse.PARTNER,
        source=ledger.Source(type="loyalty_partner", id=str(partner_id)),
    )  # fmt: skip
    return await _post(work, await ledger.redeem(work, asked), use)


@action(returns="loyalty_partner", permission=SETTLE, isolation="read committed", since="0.1.0")
async def loyalty_partner_prepay(
    work: Work, partner_id: _PARTNER_ID, points: Annotated[BigInt, "How many points the partner has paid for."]
) -> Row:
    """Write down that a partner has paid for points before its customers earn them; give an idempotencyKey."""
    if points <= 0:
        raise errors.Invalid.at("points", "TOO_SMALL", "A pack holds more than no points.")
    partner = await work.get("loyalty_partner", partner_id, action="update")
    await work.database.fetch(_GIVE, partner_id, points)
    return partner | {"prepaid": partner["prepaid"] + points}


@action(returns="loyalty_settlement", permission=SETTLE, isolation="read committed", since="0.1.0")
async def loyalty_settle_partner(
    work: Work, partner_id: _PARTNER_ID,
    until: Annotated[datetime, "Everything that happened before this and is in no settlement yet is settled."],
) -> Row:  # fmt: skip
    """Settle with a partner: each transaction is in one settlement, those that were told late in the next."""
    if until > work.now:
        raise errors.Invalid.at("until", "IN_THE_FUTURE", "Settle what has happened; this instant is still to come.")
    # Locked, so that two who settle at one moment do not share what is open.
    await work.get("loyalty_partner", partner_id, action="update")
    found = await work.rows(_OPEN, partner_id, until)
    if not found:
        raise errors.Invalid.at(
            "until", "NOTHING_OPEN", "There is nothing to settle with this partner before that instant."
        )
    money = {row["money"] for row in found}
    if len(money) > 1:
        shown = ", ".join(sorted(money))
        raise errors.Invalid.at(
            "until", "SEVERAL_CURRENCIES", f"What is open is in {shown}; settle up to where the rate changed."
        )
    settlement = await work.insert("loyalty_settlement", _sums(found) | {
        "partner_id": partner_id, "until": until, "settled_at": work.now, "money": money.pop(),
    })  # fmt: skip
    await work.database.execute(_CLAIM, partner_id, until, settlement["id"], settlement["money"])
    return settlement


def cost(points: int, price: int) -> int:
    """Return what points cost at a price for a thousand, in minor units, half of one rounded up."""
    return (points * price * 2 + _PER) // (2 * _PER)


def _sums(found: list[dict[str, Any]]) -> dict[str, int]:
    earned = [row for row in found if row["direction"] == LoyaltyPartnerDirection.EARN.name]
    burned = [row for row in found if row["direction"] == LoyaltyPartnerDirection.BURN.name]
    return {
        "transactions": sum(int(row["transactions"]) for row in found),
        "earned": sum(int(row["points"]) for row in earned),
        "burned": sum(int(row["points"]) for row in burned),
        "net": sum(int(row["price"]) for row in earned) - sum(int(row["price"]) for row in burned),
    }


async def _use(
    work: Work, partner_id: UUID, member_id: UUID, currency: str, points: int, event_at: datetime | None,
    direction: LoyaltyPartnerDirection,
) -> dict[str, Any]:  # fmt: skip
    at = event_at or work.now
    partner = await work.get("loyalty_partner", partner_id)
    member = await work.get("loyalty_member", member_id)
    if partner["status"] != LoyaltyPartnerStatus.ACTIVE.name:
        raise errors.Invalid.at("partnerId", "PARTNER_NOT_ACTIVE", f"{partner['name']} does not take part any more.")
    if partner["program_id"] != member["program_id"]:
        raise errors.Invalid.at("memberId", "OTHER_PROGRAM", "The member is of another program than the partner.")
    found = await work.find("loyalty_currency", program_id=partner["program_id"], code=currency)
    if not found:
        raise errors.Invalid.at("currency", "UNKNOWN_CURRENCY", f"The program has no points called {currency}.")
    rates = await work.rows(_RATE, partner_id, found[0]["id"], direction.name, at)
    if not rates:
        message = (
            f"There is no rate with {partner['name']} for {currency} at that time; make a LoyaltyPartnerRate first."
        )
        raise errors.Invalid.at("currency", "NO_RATE", message)
    return {
        "partner": partner, "currency_id": found[0]["id"], "direction": direction, "points": points, "member_id": member_id,
        "price": cost(points, int(rates[0]["price"])), "money": rates[0]["money"], "event_at": at,
    }  # fmt: skip


async def _post(work: Work, transaction: Row, use: Mapping[str, Any]) -> Row:
    """Write down at whose it was, once: a transaction that was there already has its use."""
    if await work.find("loyalty_partner_use", transaction_id=transaction["id"]):
        return transaction
    partner = use["partner"]
    prepaid = use["direction"] is LoyaltyPartnerDirection.EARN and partner["prepaid_only"]
    if prepaid and not await work.rows(_TAKE, partner["id"], use["points"]):
        message = f"{partner['name']} has not paid for so many points; note its payment by loyaltyPartnerPrepay first."
        raise errors.Invalid.at("points", "NOT_PREPAID", message)
    columns = ("direction", "points", "member_id", "price", "money", "event_at")
    await work.insert("loyalty_partner_use", {
        **{column: use[column] for column in columns}, "direction": use["direction"].name,
        "id": ids.new(), "partner_id": partner["id"], "transaction_id": transaction["id"],
    })  # fmt: skip
    return transaction
