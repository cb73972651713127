"""The way a deal went before it came to this CRM, as another system tells it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from crmcore.entities.checks import is_trusted
from crmcore.entities.store import Row
from crmcore.entities.work import Work
from crmcore.errors import Forbidden, Invalid
from crmcore.pipelines.actions.history import seconds

__all__ = ["StageMove", "record_stage_history"]


@dataclass(frozen=True, slots=True)
class StageMove:
    """That a deal came into a stage, as another system tells it.

    Attributes:

        stage_id: the stage.
        entered_at: when, aware UTC.
        probability: chance to win in percent at that time; None means the stage's.
        amount: what the deal was worth at that time, in minor units of the deal's currency; None means its present amount.
    """

    stage_id: UUID
    entered_at: datetime
    probability: int | None = None
    amount: int | None = None


async def record_stage_history(work: Work, deal_id: UUID, moves: Sequence[StageMove]) -> bool:
    """Replace what is remembered of a deal's way by what another system tells, so that durations are true.

    The deal's `stage_entered_at`, and `closed_at` if it is closed, follow the last move.

    Args:

        work: of a trusted actor (import, system).
        deal_id: the deal.
        moves: all its moves, oldest first; the last into the stage the deal is in.

    Returns:

        Whether anything was written; the same history again writes nothing.

    Raises:

        Forbidden: the actor is neither an import nor the system.
        Invalid: there are no moves, they are out of order or in the future, or they end elsewhere.
        NotFound: there is no such deal, or a stage does not exist.
    """
    if not is_trusted(work.actor):
        msg = f"{work.actor.label} may not write history; only imports and the system itself may."
        raise Forbidden(msg)
    deal = await work.get("deal", deal_id, action="update")
    _check_moves(work, deal, moves)
    wanted = [await _stay(work, deal, move, before, after) for before, move, after in _in_context(moves)]
    present = await work.find("deal_stage_change", deal_id=deal_id)
    present.sort(key=lambda row: (row["entered_at"], row["id"]))
    if [{column: row[column] for column in wanted[0]} for row in present] == wanted:
        return False
    await work.database.execute("delete from deal_stage_change where deal_id = $1", deal_id)
    for stay in wanted:
        await work.insert("deal_stage_change", stay)
    last = {"stage_entered_at": moves[-1].entered_at}
    if deal["closed_at"] is not None:
        last["closed_at"] = moves[-1].entered_at
    await work.change("deal", deal_id, last)
    return True


def _check_moves(work: Work, deal: Row, moves: Sequence[StageMove]) -> None:
    if not moves or moves[-1].stage_id != deal["stage_id"]:
        raise Invalid.at("moves", "OTHER_STAGE", f"The history of {deal['name']} must end in the stage it is in.")
    if moves[-1].entered_at > work.now:
        raise Invalid.at("moves", "IN_THE_FUTURE", f"The history of {deal['name']} goes beyond the present.")
    if any(later.entered_at < earlier.entered_at for earlier, later in pairwise(moves)):
        raise Invalid.at("moves", "OUT_OF_ORDER", f"The moves of {deal['name']} must be in the order they happened.")


def _in_context(moves: Sequence[StageMove]) -> list[tuple[StageMove | None, StageMove, StageMove | None]]:
    return list(zip([None, *moves[:-1]], moves, [*moves[1:], None], strict=True))


async def _stay(work: Work, deal: Row, move: StageMove, before: StageMove | None, after: StageMove | None) -> Row:
    stage = await work.get("stage", move.stage_id, deleted=True)
    left = None if after is None else after.entered_at
    amount = deal["amount"] if move.amount is None else move.amount
    return {
        "deal_id": deal["id"],
        "from_stage_id": None if before is None else before.stage_id,
        "to_stage_id": move.stage_id,
        "entered_at": move.entered_at,
        "left_at": left,
        "duration_seconds": None if left is None else seconds(move.entered_at, left),
        "probability_at": stage["probability"] if move.probability is None else move.probability,
        "amount_at": amount,
        "amount_at_currency": None if amount is None else deal["amount_currency"],
    }
