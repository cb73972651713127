"""A member takes a reward: points, then the piece, in one transaction, so that a refusal leaves neither gone."""

from __future__ import annotations

from uuid import UUID, uuid5

from crmcore import Row, Work, errors, ids
from crmcore_loyalty import ledger
from crmcore_loyalty.ledger import Redemption, Reservation, Source
from crmcore_loyalty.rewards import stock
from crmcore_loyalty.rewards.declined import declined
from crmcore_loyalty.rewards.eligibility import check_member, check_offer
from crmcore_loyalty.rewards.handing_out import hand_out
from crmcore_loyalty.rewards.written import added, changed, locked
from crmcore_loyalty.tables.rewards import LoyaltyPurchaseStatus, LoyaltyRewardKind

__all__ = ["PURCHASE", "pay", "purchase"]

#: The entity's name, as points say what they went to.
PURCHASE = "loyalty_reward_purchase"
_RESERVED, _PLACED = LoyaltyPurchaseStatus.RESERVED.name, LoyaltyPurchaseStatus.PLACED.name
_HAD = """
    select coalesce(sum(quantity), 0) as n from loyalty_reward_purchase
    where reward_id = $1 and member_id = $2 and status not in ('REFUNDED', 'LAPSED')
"""


async def purchase(
    work: Work, reward_id: UUID, member_id: UUID, quantity: int, *, id: UUID | None = None
) -> tuple[Row, list[str]]:
    """Let a member take a reward.

    Where money is due besides, points and pieces are set aside until `pay`; else it is had at once.

    Returns:

        The order, and the codes of the vouchers it consists of.

    Raises:

        NotFound: there is no such reward.
        Declined: it is not offered, not to them, sold out, or the points do not suffice.
        KeyReused: the id was used for something else.
    """
    if id is not None and (known := await work.find(PURCHASE, id=id)):
        return _same(known[0], reward_id, member_id, quantity), []
    reward = await _offered(work, reward_id, quantity)
    (member,) = await work.find("loyalty_member", id=member_id)
    await check_member(work, member, reward["program_id"], reward["tier_id"])
    # Accounts first, then what there is of the reward: in one order, so that no two wait for each other.
    order = await _spent(work, reward, member_id, quantity, id or ids.new())
    if not await stock.take(work, reward_id, quantity, reward["stock"]):
        raise declined("rewardId", "OUT_OF_STOCK", f"Fewer than {quantity} of {reward['title']!r} are left.")
    # From here on all who take this reward queue here, and a new statement sees what those before have taken.
    if known := await work.find(PURCHASE, id=order["id"]):
        await stock.give_back(work, reward_id, quantity)
        return _same(known[0], reward_id, member_id, quantity), []
    await _check_share(work, reward, member_id, quantity)
    row = await added(work, PURCHASE, order)
    return (row, []) if order["status"] == _RESERVED else await hand_out(work, row, reward)


async def pay(work: Work, id: UUID, reference: str | None) -> tuple[Row, list[str]]:
    """Say that the money for a reward has come: its points are spent now; paid once, whatever is said again.

    Raises:

        Declined: it lapsed before.
    """
    order = await locked(work, PURCHASE, id)
    assert order is not None
    if order["status"] in (_PLACED, LoyaltyPurchaseStatus.FULFILLED.name):
        return order, []
    if order["status"] != _RESERVED:
        raise declined("id", "HOLD_NOT_OPEN", "This order has lapsed or was refunded; the member has to order again.")
    values = {"status": _PLACED, "paid_at": work.now, "reference": reference or order["reference"]}
    if order["hold_id"] is not None:
        taken = await ledger.capture(work, order["hold_id"], id=uuid5(id, "capture"), source=_source(id))
        values["transaction_id"] = taken["id"]
    after = await changed(work, PURCHASE, order, values)
    (reward,) = await work.find("loyalty_reward", id=after["reward_id"])
    return await hand_out(work, after, reward)


async def _offered(work: Work, id: UUID, quantity: int) -> Row:
    if quantity < 1:
        raise errors.Invalid.at("quantity", "TOO_SMALL", "Take one at least.")
    found = await work.find("loyalty_reward", id=id)
    if not found:
        msg = f"There is no reward {ids.encode('loyalty_reward', id)}."
        raise errors.NotFound(msg)
    await check_offer(work, found[0])
    if found[0]["kind"] == LoyaltyRewardKind.TICKET.name and quantity > 1:
        raise errors.Invalid.at("quantity", "TOO_LARGE", "A member takes one ticket.")
    return found[0]


async def _check_share(work: Work, reward: Row, member_id: UUID, quantity: int) -> None:
    if reward["per_member"] is None:
        return
    (had,) = await work.rows(_HAD, reward["id"], member_id)
    if had["n"] + quantity > reward["per_member"]:
        message = f"A member may have {reward['per_member']} of {reward['title']!r}; this one has {had['n']}."
        raise declined("quantity", "LIMIT_EXCEEDED", message)


async def _spent(work: Work, reward: Row, member_id: UUID, quantity: int, id: UUID) -> Row:
    points = reward["points"] * quantity
    cash = reward["cash"] * quantity if reward["cash"] else None
    order: Row = {"id": id, "reward_id": reward["id"], "member_id": member_id, "quantity": quantity}
    order |= {"currency_id": reward["currency_id"], "points": points, "placed_at": work.now}
    order |= {"cash": cash, "cash_currency": reward["cash_currency"] if cash else None}
    asked = {"member_id": member_id, "currency_id": reward["currency_id"], "points": points, "source": _source(id)}
    if cash:
        hold = await ledger.reserve(work, Reservation(**asked, id=uuid5(id, "hold"))) if points else None
        return order | {"status": _RESERVED, "hold_id": hold and hold["id"]}
    taken = await ledger.redeem(work, Redemption(**asked, id=uuid5(id, "redeem"))) if points else None
    return order | {"status": _PLACED, "paid_at": work.now, "transaction_id": taken and taken["id"]}


def _source(id: UUID) -> Source:
    return Source(type=PURCHASE, id=str(id))


def _same(known: Row, reward_id: UUID, member_id: UUID, quantity: int) -> Row:
    if (known["reward_id"], known["member_id"], known["quantity"]) != (reward_id, member_id, quantity):
        msg = "This id was used for another order; make a new one for each new intention."
        raise errors.KeyReused(msg)
    return known
