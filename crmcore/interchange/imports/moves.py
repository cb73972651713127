"""Replay a deal's history: it enters its first stage when it did, and moves on through the same rules as any deal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from crmcore.entities import actions
from crmcore.entities.store import Row
from crmcore.entities.work import Work
from crmcore.errors import Conflict

__all__ = ["Step", "create", "resume"]

_HISTORY = "select to_stage_id from deal_stage_change where deal_id = $1 and deleted_at is null order by entered_at, created_at, id"


@dataclass(frozen=True, slots=True)
class Step:
    """A stage a deal entered.

    Attributes:

        stage_id: the stage.
        at: when; None for now.
        values: columns that became known with it.
    """

    stage_id: UUID
    at: datetime | None
    values: Row


async def create(work: Work, values: Row, steps: Sequence[Step]) -> Row:
    """Make a deal that enters its first stage, and move it through the others."""
    first, *others = steps
    began = {} if first.at is None else {"stage_entered_at": first.at}
    deal = await actions.create(work, "deal", {**values, **first.values, **began, "stage_id": first.stage_id})
    return await _follow(work, deal, first, others)


async def resume(work: Work, deal: Row, steps: Sequence[Step]) -> Row:
    """Move a deal on from where it stands, if it came this way.

    A deal that has been here where the file leaves it stays where it is: the file is the older of the two.

    Raises:

        Conflict: it went another way here.
    """
    if deal["stage_id"] == steps[-1].stage_id:
        known = {c: v for step in steps for c, v in step.values.items()}
        different = any(deal[c] != v for c, v in known.items())
        return await actions.update(work, "deal", deal["id"], known) if different else deal
    been = [UUID(str(row["to_stage_id"])) for row in await work.rows(_HISTORY, deal["id"])]
    if steps[-1].stage_id in been:
        return deal
    common = [n for n, step in enumerate(steps) if step.stage_id in been]
    if common and deal["stage_id"] == steps[common[-1]].stage_id:
        return await _follow(work, deal, steps[common[-1]], steps[common[-1] + 1 :])
    if not common and len(been) == 1:
        return await _follow(work, deal, None, steps)
    msg = f"The deal {deal['name']!r} went another way here than in the file; move it by hand, or leave the row out."
    raise Conflict(msg)


async def _follow(work: Work, deal: Row, before: Step | None, steps: Sequence[Step]) -> Row:
    for step in steps:
        at = step.at
        if at is not None and (before is None or before.at is None):
            # The file did not know when the stage before began, so it began on import: no earlier than that it can end.
            at = max(at, deal["stage_entered_at"])
        deal = await actions.update(work, "deal", deal["id"], {**step.values, "stage_id": step.stage_id}, at=at)
        before = step
    return deal
