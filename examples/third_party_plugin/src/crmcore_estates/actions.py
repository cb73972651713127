"""What one can do with a property beyond writing it down."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmcore import Money, Ref, Row, Work, action, actions, errors

from crmcore_estates.events import EstateSold
from crmcore_estates.tables import EstateStatus

__all__ = ["SELL", "estate_sell"]

#: Saying that a property is sold.
SELL = "estates.sell"


@action(returns="estate", permission=SELL, since="0.1.0")
async def estate_sell(
    work: Work,
    id: Annotated[UUID, Ref("estate"), "Which property."],
    buyer_id: Annotated[UUID, Ref("customer"), "Who bought it."],
    price: Annotated[Money | None, "For how much; what it was offered for if you do not say."] = None,
) -> Row:
    """Say that a property on offer was sold; the viewings that were still to be are cancelled soon afterwards.

    Selling it once more to the same customer changes nothing.
    """
    before = await work.get("estate", id, action="update")
    if before["status"] == EstateStatus.SOLD.name and before["buyer_id"] == buyer_id:
        return before
    if before["status"] != EstateStatus.OFFERED.name:
        raise errors.Invalid.at("id", "NOT_OFFERED", "Only a property that is offered can be sold; offer it first.")
    await work.get("customer", buyer_id)
    values: Row = {"status": EstateStatus.SOLD.name}
    if price is not None:
        values |= {"price": price.minor, "price_currency": price.currency}
    after = await actions.update(work, "estate", id, values, buyer_id=buyer_id)
    await work.emit(work.event(EstateSold, work.entities["estate"], id, after=after, buyer_id=buyer_id))
    return after
