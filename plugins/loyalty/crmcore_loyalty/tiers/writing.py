"""Writes what evaluations say: the standing, its history, and the events others act on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crmcore import Row, Work, ids, instants
from crmcore_loyalty.sets import change_many, insert_many
from crmcore_loyalty.tables.standings import LoyaltyStanding, LoyaltyTierChange
from crmcore_loyalty.tables.standings import LoyaltyTierMove as Kind
from crmcore_loyalty.tiers.events import LoyaltyTierAtRisk, LoyaltyTierChanged
from crmcore_loyalty.tiers.ladder import Ladder
from crmcore_loyalty.tiers.standing import Evaluation, Move, Standing
from crmcore_loyalty.tiers.words import why_moved

__all__ = ["Outcome", "differs", "values_of", "write"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A row of `loyalty_standing` as it is, and what the rules say."""

    row: Row
    evaluation: Evaluation


async def write(work: Work, ladder: Ladder, outcomes: Sequence[Outcome]) -> int:
    """Write those that differ from what is there; return how many."""
    changed = [{"id": o.row["id"], **values_of(o.evaluation), "evaluated_at": work.now} for o in outcomes if differs(o)]
    await change_many(work.database, LoyaltyStanding, changed)
    moves = [(o.row["member_id"], move) for o in outcomes for move in o.evaluation.moves]
    await insert_many(work.database, LoyaltyTierChange, [_change(work, ladder, member, move) for member, move in moves])
    for outcome in outcomes:
        await _tell(work, ladder, outcome)
    return len(changed)


def differs(outcome: Outcome) -> bool:
    """Say whether a row is not what the rules say."""
    values = values_of(outcome.evaluation)
    # Thousands of times a second: a comparison of dicts, not a loop over columns.
    return values != {column: outcome.row[column] for column in values}


def values_of(evaluation: Evaluation) -> Row:
    """Return the columns that an evaluation decides."""
    standing = evaluation.standing
    return {
        "tier_id": standing.tier_id,
        "state": standing.state.name,
        "since": standing.since,
        "until": standing.until,
        "grace_until": standing.grace_until,
        "qualified": evaluation.qualified,
        "window_from": evaluation.window.begins,
        "window_until": evaluation.window.ends,
        "next_tier_id": evaluation.next_tier_id,
        "missing": evaluation.missing,
        "keep_missing": evaluation.keep_missing,
        "warned_until": standing.warned_until,
        "reason": standing.reason,
        "due_at": evaluation.due_at,
    }


def _change(work: Work, ladder: Ladder, member: Any, move: Move) -> Row:
    moved = move.before.tier_id != move.after.tier_id
    return {
        "id": ids.new(),
        "member_id": member,
        "group_id": ladder.id,
        "kind": move.kind.name,
        "from_tier_id": move.before.tier_id,
        "to_tier_id": move.after.tier_id,
        "at": move.at,
        "moved_at": move.at if moved else None,
        "reason": why_moved(ladder, move),
        "inputs": {
            "amounts": list(move.amounts),
            "thresholds": {rung.code: rung.threshold for rung in ladder.rungs},
            "before": _said(move.before),
            "after": _said(move.after),
            "evaluated_at": instants.wire(work.now),
        },
        "actor": work.actor.stamp,
    }


def _said(standing: Standing) -> dict[str, str | None]:
    said: dict[str, str | None] = {"state": standing.state.name}
    for name, at in (("since", standing.since), ("until", standing.until), ("grace_until", standing.grace_until)):
        said[name] = instants.wire(at) if at else None
    return said


async def _tell(work: Work, ladder: Ladder, outcome: Outcome) -> None:
    member, evaluation = outcome.row["member_id"], outcome.evaluation
    entity = work.entities["loyalty_member"]
    for move in evaluation.moves:
        if move.before.tier_id != move.after.tier_id:
            tiers = {"from_tier_id": move.before.tier_id, "to_tier_id": move.after.tier_id}
            said = {"group_id": ladder.id, **tiers, "change": move.kind.name, "reason": why_moved(ladder, move)}
            await work.emit(work.event(LoyaltyTierChanged, entity, member, **said))
    if evaluation.warn:
        standing = evaluation.standing
        at_risk = evaluation.moves and evaluation.moves[-1].kind is Kind.AT_RISK
        until = standing.grace_until if at_risk else standing.until
        risk = {"group_id": ladder.id, "tier_id": standing.tier_id, "until": until, "missing": evaluation.keep_missing}
        await work.emit(work.event(LoyaltyTierAtRisk, entity, member, **risk))
