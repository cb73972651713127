"""Giving deals their places in a stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from crmcore.entities import actions
from crmcore.entities.action import Ref, action
from crmcore.entities.change import Change
from crmcore.entities.store import Row
from crmcore.entities.work import Work
from crmcore.pipelines.actions import rank

__all__ = ["Spot", "place", "rank_deal"]


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a stage: right after one deal, or right before one."""

    after: UUID | None = None
    before: UUID | None = None

    def __bool__(self) -> bool:
        return self.after is not None or self.before is not None


@action(returns="deal")
async def rank_deal(
    work: Work,
    id: Annotated[UUID, Ref("deal"), "Which deal."],
    after: Annotated[
        UUID | None, Ref("deal"), "The deal of the same stage it comes right after; wins over before."
    ] = None,
    before: Annotated[
        UUID | None, Ref("deal"), "The deal of the same stage it comes right before. With neither, it comes first."
    ] = None,
) -> Row:
    """Give a deal another place in its stage; no other deal is written.

    Raises:

        Invalid: a neighbour is not in the deal's stage.
    """
    return await actions.update(work, "deal", id, {}, spot=Spot(after, before), ranking=True)


async def place(work: Work, change: Change, spot: Spot) -> None:
    """Give the deal its rank in the stage it will be in: at the spot, else at the top."""
    stage = change.get("stage_id")
    neighbour = spot.after or spot.before
    if neighbour is None:
        change.values["rank"] = rank.above(await _top(work, change, stage))
        return
    column = "after" if spot.after else "before"
    if neighbour == change.id or not await work.find("deal", id=neighbour, stage_id=stage):
        change.refuse(
            column, "NOT_IN_STAGE", "The neighbour must be another deal of the same stage; read the stage again."
        )
        return
    await work.get("deal", neighbour)
    found = await _beside(work, change, neighbour, after=column == "after")
    if len(found) > rank.LONGEST:
        await _spread(work, stage)
        found = await _beside(work, change, neighbour, after=column == "after")
    change.values["rank"] = found


async def _top(work: Work, change: Change, stage: UUID) -> str | None:
    if work.lot is not None and change.was("stage_id") != stage:
        top: str | None = await work.lot.least(work.entities["deal"], "rank", "stage_id", stage)
        return top
    sql = "select min(rank) as rank from deal where stage_id = $1 and deleted_at is null and id <> $2"
    return _rank(await work.rows(sql, stage, change.id))


async def _beside(work: Work, change: Change, neighbour: UUID, *, after: bool) -> str:
    (row,) = await work.find("deal", id=neighbour)
    edge, side = ("min", ">") if after else ("max", "<")
    sql = f"select {edge}(rank) as rank from deal where stage_id = $1 and deleted_at is null and id <> $2 and rank {side} $3"
    other = _rank(await work.rows(sql, change.get("stage_id"), change.id, row["rank"]))
    if other is None:
        return rank.below(row["rank"]) if after else rank.above(row["rank"])
    return rank.between(*sorted((row["rank"], other)))


def _rank(rows: Sequence[Row]) -> str | None:
    found: str | None = rows[0]["rank"]
    return found


async def _spread(work: Work, stage: UUID) -> None:
    rows = await work.rows("select id from deal where stage_id = $1 and deleted_at is null order by rank, id", stage)
    pairs = [(row["id"], new) for row, new in zip(rows, rank.spread(len(rows)), strict=True)]
    await work.database.execute_many("update deal set rank = $2 where id = $1", pairs)
