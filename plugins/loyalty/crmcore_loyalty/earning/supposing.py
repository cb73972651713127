"""Something that might happen, as a client says it."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

import strawberry
from strawberry.scalars import JSON

from crmcore import BigInt, Row, Work, errors
from crmcore_loyalty.earning.activities import VISIT
from crmcore_loyalty.earning.facts import Facts, Line, Purchase
from crmcore_loyalty.earning.members import facts_of as facts_of_member
from crmcore_loyalty.tables.rule_terms import LoyaltyRuleTrigger as Trigger

__all__ = ["LoyaltySupposed", "LoyaltySupposedLine", "facts_of"]


@strawberry.input(description="A line of a supposed order.")
class LoyaltySupposedLine:
    """As the schema shows it."""

    total: BigInt = strawberry.field(description="What is to be paid for it, in minor units.")
    quantity: int = strawberry.field(description="How many pieces.", default=1)
    tax: BigInt = strawberry.field(description="How much of that is tax, in minor units.", default=BigInt(0))
    sku: str = strawberry.field(description="Which product.", default="")
    categories: list[str] = strawberry.field(description="Codes of its categories.", default_factory=list)


@strawberry.input(description="What is supposed to happen: an order, or an activity.")
class LoyaltySupposed:
    """As the schema shows it."""

    at: datetime | None = strawberry.field(description="When; now if nobody says.", default=None)
    currency: str | None = strawberry.field(description="Of an order: its currency, as in EUR.", default=None)
    lines: list[LoyaltySupposedLine] = strawberry.field(description="Of an order: its lines.", default_factory=list)
    shipping: BigInt = strawberry.field(
        description="Of an order: what bringing it costs, in minor units.", default=BigInt(0)
    )
    channel: str = strawberry.field(description="Of an order: by which way it comes.", default="WEB")
    first: bool = strawberry.field(description="Of an order: whether it is the member's first.", default=False)
    action: str | None = strawberry.field(description="Of an activity: its name.", default=None)
    payload: JSON | None = strawberry.field(description="Of an activity: more about it.", default=None)


async def facts_of(work: Work, program: Row, member: Row, said: LoyaltySupposed) -> Facts:
    """Return what rules would see.

    Raises:

        Invalid: neither an order nor an activity.
    """
    at = said.at or work.now
    if said.action is not None:
        triggers = {Trigger.ACTION} | ({Trigger.VISIT} if said.action == VISIT else set())
        return await facts_of_member(
            work, program, member, triggers, at, action=said.action, payload=said.payload or {}
        )
    if not said.lines or said.currency is None:
        text = "Say an order (currency and lines) or an activity (action)."
        raise errors.Invalid.at("input", "REQUIRED", text)
    lines = [
        Line(
            id=str(uuid4()),
            total=int(line.total),
            tax=int(line.tax),
            quantity=line.quantity,
            sku=line.sku,
            categories=line.categories,
        )
        for line in said.lines
    ]
    total = sum(line.total for line in lines) + int(said.shipping)
    order = Purchase(said.currency, total, lines, int(said.shipping), channel=said.channel, first=said.first)
    triggers = {Trigger.ORDER, Trigger.ORDER_LINE} | ({Trigger.REFERRAL} if said.first else set())
    return await facts_of_member(work, program, member, triggers, at, purchase=order)
