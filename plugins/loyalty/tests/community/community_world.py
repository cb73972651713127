"""A program with points, and members who have some."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from crmcore_loyalty import ledger

from crmcore import Actor, ids
from crmcore.testing import TestCrm

__all__ = ["SELF", "World", "made"]

SELF = Actor.system("test")


@dataclass(frozen=True)
class World:
    """What the tests have in hand."""

    crm: TestCrm
    program: UUID
    points: UUID

    async def member(self, points: int = 0) -> UUID:
        """Make a member who has points."""
        customer = await self.crm.make("customer")
        row = await self.crm.make("loyalty_member", program_id=self.program, customer_id=customer["id"])
        if points:
            await self.earn(row["id"], points)
        return row["id"]

    async def earn(self, member_id: UUID, points: int, **more: Any) -> dict[str, Any]:
        """Let a member earn."""
        asked = ledger.Accrual(member_id=member_id, currency_id=self.points, points=points, **more)
        return await self.crm.run(SELF, lambda work: ledger.accrue(work, asked), isolation="read committed")

    async def available(self, member_id: UUID) -> int:
        """Return what a member can spend."""
        sql = "select available from loyalty_account where member_id = $1"
        return int(await self.crm.database.fetch_value(sql, member_id) or 0)

    async def do(self, mutation: str, selection: str = "__typename", **variables: Any) -> dict[str, Any]:
        """Ask for a mutation by its text; return what it gave, problems among it."""
        problem = "... on Problem { code message violations { path code } }"
        answer = await self.crm.execute(
            f"mutation {{ it: {mutation} {{ __typename {selection} {problem} }} }}", variables
        )
        assert "errors" not in answer, answer
        return answer["data"]["it"]


def shown(id: UUID, entity: str = "loyalty_member") -> str:
    """Return an id as clients see it, in quotes."""
    return f'"{ids.encode(entity, id)}"'


async def made(crm: TestCrm, **currency: Any) -> World:
    """Make an active program with one kind of points."""
    program = await crm.make("loyalty_program", code="STARS", status="ACTIVE")
    points = await crm.make("loyalty_currency", program_id=program["id"], code="POINTS", **currency)
    return World(crm, program["id"], points["id"])
