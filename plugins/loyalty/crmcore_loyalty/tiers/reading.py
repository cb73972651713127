"""Ladders as the database has them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from crmcore import Database
from crmcore_loyalty.sets import among
from crmcore_loyalty.tables.tiers import LoyaltyTierMetric
from crmcore_loyalty.tiers.ladder import Ladder, ladder_of

__all__ = ["ladder", "ladders", "ladders_of_members"]

_GROUPS = (
    "select g.*, p.timezone, p.order_trigger from loyalty_tier_group g "
    "join loyalty_program p on p.id = g.program_id where g.deleted_at is null"
)


async def ladders(
    database: Database, *, program_id: UUID | None = None, metrics: Iterable[LoyaltyTierMetric] = LoyaltyTierMetric
) -> list[Ladder]:
    """Return the ladders of a program, or of all, that go by one of some metrics."""
    wanted = [metric.name for metric in metrics]
    where, values = among(database.dialect, "g.metric", 1, "text"), [wanted]
    if program_id is None:
        return await _made(database, where, *values)
    return await _made(database, f"{where} and g.program_id = $2", *values, program_id)


async def ladder(database: Database, group_id: UUID) -> Ladder | None:
    """Return one ladder, None if there is no such group any more."""
    return next(iter(await _made(database, "g.id = $1", group_id)), None)


async def ladders_of_members(
    database: Database, members: Iterable[UUID], metrics: Iterable[LoyaltyTierMetric] = LoyaltyTierMetric
) -> list[tuple[Ladder, list[UUID]]]:
    """Return the ladders that some members stand on, each with those members."""
    rows = await database.fetch(
        f"select m.program_id, m.id from loyalty_member m where {among(database.dialect, 'm.id', 1)}",
        list(members),
    )
    by_program: dict[UUID, list[UUID]] = {}
    for program, member in rows:
        by_program.setdefault(program, []).append(member)
    return [
        (ladder, there)
        for program, there in by_program.items()
        for ladder in await ladders(database, program_id=program, metrics=metrics)
    ]


async def _made(database: Database, where: str, *values: Any) -> list[Ladder]:
    groups = await database.fetch_dicts(f"{_GROUPS} and {where} order by g.id", *values)
    if not groups:
        return []
    tiers = await database.fetch_dicts(
        f"select * from loyalty_tier where deleted_at is null and {among(database.dialect, 'group_id', 1)}",
        [group["id"] for group in groups],
    )
    return [
        ladder_of(g, [t for t in tiers if t["group_id"] == g["id"]], g["timezone"], g["order_trigger"]) for g in groups
    ]
