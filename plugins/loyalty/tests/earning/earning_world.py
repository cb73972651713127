"""What the tests of earning share: a program in Shanghai with points, members, published rules, orders."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from crmcore_loyalty.earning.publishing import loyalty_publish_rule
from crmcore_loyalty.program.enrolling import enrol
from crmcore_orders import actions as orders
from crmcore_orders.drafts import OrderDraft, OrderDraftLine, OrderRefundDraft, OrderRefundDraftLine

from crmcore import Actor, Money, Row, Work, actions
from crmcore.testing import TestCrm

__all__ = ["NOON", "SYSTEM", "World", "world"]

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SYSTEM = Actor.system("test")


class World:
    """A program with one kind of points and one member, Ada."""

    def __init__(self, crm: TestCrm, program: Row, currency: Row, customer: Row, ada: Row) -> None:
        self.crm, self.program, self.currency, self.customer, self.ada = crm, program, currency, customer, ada

    async def run(self, unit: Any) -> Any:
        """Do a unit of work as those who earn do."""
        return await self.crm.run(SYSTEM, unit, isolation="read committed")

    async def rule(self, code: str = "R", *, publish: bool = True, **said: Any) -> Row:
        """Make a rule that gives 10 points for an order, but for what is said."""
        given = {
            "program_id": self.program["id"],
            "currency_id": self.currency["id"],
            "code": code,
            "name": f"Rule {code}",
        }
        given |= {"trigger": "ORDER", "effect": "FIXED", "points": 10, "tiered": False} | said

        async def make(work: Work) -> Row:
            draft = await actions.create(work, "loyalty_rule", given)
            return await loyalty_publish_rule(work, draft["id"]) if publish else draft

        made: Row = await self.crm.run(SYSTEM, make)
        return made

    async def member(self, **more: Any) -> Row:
        """Enrol somebody else."""
        customer = await self.crm.make("customer", kind="PERSON", **more.pop("customer", {}))
        made: Row = await self.run(lambda work: enrol(work, self.program["id"], customer["id"], **more))
        return made

    async def order(self, *prices: int, customer: Row | None = None, pay: bool = True, **said: Any) -> Row:
        """Place an order of lines that cost so many cents, and pay it."""
        lines = [OrderDraftLine(title=f"Thing {n}", unit_price=Money(price, "EUR")) for n, price in enumerate(prices)]
        customer_id = (customer or self.customer)["id"]
        actor, paid_at = said.pop("actor", SYSTEM), said.pop("paid_at", None)
        draft = OrderDraft(currency="EUR", lines=said.pop("lines", lines), customer_id=customer_id, **said)

        async def place(work: Work) -> Row:
            placed: Row = await orders.order_place(work, draft)
            return await orders.order_pay(work, placed["id"], paid_at) if pay else placed

        made: Row = await self.crm.run(actor, place)
        return made

    async def refund(self, order: Row, *back: tuple[int, int]) -> Row:
        """Give back money for some lines: their places and how many cents."""
        lines = {line["position"]: line["id"] for line in await self.find("order_line", order_id=order["id"])}
        asked = [OrderRefundDraftLine(line_id=lines[n], quantity=0, amount=Money(cents, "EUR")) for n, cents in back]
        draft = OrderRefundDraft(order_id=order["id"], lines=asked)
        made: Row = await self.crm.run(SYSTEM, lambda work: orders.order_refund(work, draft))
        return made

    async def find(self, entity: str, **equals: Any) -> list[Row]:
        """Read records."""
        found: list[Row] = await self.crm.run(SYSTEM, lambda work: work.find(entity, **equals))
        return found

    async def available(self, member: Row | None = None) -> int:
        """Return how many points a member can spend."""
        return await self._sum("available", member)

    async def pending(self, member: Row | None = None) -> int:
        """Return how many points of a member are pending."""
        return await self._sum("pending", member)

    async def _sum(self, column: str, member: Row | None) -> int:
        id: UUID = (member or self.ada)["id"]
        return sum(account[column] for account in await self.find("loyalty_account", member_id=id))


async def world(crm: TestCrm, **said: Any) -> World:
    """Make a program that is active, its points, and Ada, who joined at noon."""
    crm.clock.set(NOON)
    currency_said = said.pop("currency", {})
    given = {"code": "STARS", "name": "Stars", "timezone": "Asia/Shanghai", "status": "ACTIVE"} | said
    program = await crm.make("loyalty_program", **{"join_policy": "BY_HAND", "order_trigger": "PAID", **given})
    terms = {"code": "POINTS", "name": "Points", "kind": "REDEEMABLE", "pending_days": 0, "expiry": "NEVER", "floor": 0}
    currency = await crm.make("loyalty_currency", program=program, **(terms | currency_said))
    customer = await crm.make("customer", kind="PERSON")
    made = World(crm, program, currency, customer, {})
    made.ada = await made.run(lambda work: enrol(work, program["id"], customer["id"]))
    return made
