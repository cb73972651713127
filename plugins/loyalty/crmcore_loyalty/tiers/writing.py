"""Writes what evaluations say: the standing, its history, and the events others act on."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from uuid import UUID

import msgspec

from crmcore import Row, Work, ids, instants
from crmcore_loyalty.sets import change_many, insert_many
from crmcore_loyalty.tables.standings import LoyaltyStanding, LoyaltyTierChange
from crmcore_loyalty.tables.standings import LoyaltyStandingState as State
from crmcore_loyalty.tables.standings import LoyaltyTierMove as Kind
from crmcore_loyalty.tiers.events import LoyaltyTierAtRisk, LoyaltyTierChanged
from crmcore_loyalty.tiers.ladder import Ladder
from crmcore_loyalty.tiers.standing import Evaluation, Move, Standing
from crmcore_loyalty.tiers.words import why_moved

__all__ = ["BLANK", "Outcome", "differs", "insert_standings", "values_of", "write"]


class Outcome(msgspec.Struct, frozen=True):
    """A row of `loyalty_standing` as it is, and what the rules say."""

    row: Row
    evaluation: Evaluation


_TABLE: str = LoyaltyStanding._meta.tablename
_COLUMNS = tuple(c._meta.db_column_name for c in LoyaltyStanding._meta.columns)
_of_row = itemgetter(*_COLUMNS)
#: A standing that was never evaluated, without whose it is.
BLANK: Row = dict.fromkeys((*_COLUMNS, "enrolled_at")) | {
    "state": State.ACTIVE.name,
    "qualified": 0,
}


async def write(work: Work, ladder: Ladder, outcomes: Sequence[Outcome]) -> int:
    """Write those that differ from what is there; return how many."""
    new, changed, moved, different = [], [], [], 0
    for outcome in outcomes:
        row, values = outcome.row, values_of(outcome.evaluation)
        differs = _differs(row, values)
        different += differs
        if row["evaluated_at"] is None:
            new.append({**row, **values, "evaluated_at": work.now})
        elif differs:
            changed.append({"id": row["id"], **values, "evaluated_at": work.now})
        moved += [(row["member_id"], move, why_moved(ladder, move)) for move in outcome.evaluation.moves]
    await insert_standings(work, new)
    await change_many(work.database, LoyaltyStanding, changed)
    await insert_many(work.database, LoyaltyTierChange, _changes(work, ladder, moved))
    reasons = iter(moved)
    for outcome in outcomes:
        await _tell(work, ladder, outcome, [next(reasons)[2] for _ in outcome.evaluation.moves])
    return different


async def insert_standings(work: Work, rows: Sequence[Row]) -> None:
    """Write new standings; if somebody else does at this moment, the unit of work is run again and finds them."""
    work.races.add(_TABLE)
    await work.database.load(_TABLE, _COLUMNS, [_of_row(row) for row in rows])


def differs(outcome: Outcome) -> bool:
    """Say whether a row is not what the rules say."""
    return _differs(outcome.row, values_of(outcome.evaluation))


def _differs(row: Row, values: Row) -> bool:
    # Thousands of times a second: a comparison of dicts, not a loop over columns.
    return values != {column: row[column] for column in values}


def values_of(evaluation: Evaluation) -> Row:
    """Return the columns that an evaluation decides."""
    standing = evaluation.standing
    return {
        "tier_id": standing.tier_id,
        "state": standing.state._name_,
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


def _changes(work: Work, ladder: Ladder, moved: Sequence[tuple[UUID, Move, str]]) -> list[Row]:
    actor, now = _text(work.actor.stamp), instants.wire(work.now)
    thresholds = {rung.code: rung.threshold for rung in ladder.rungs}
    return [
        {
            "id": id,
            "member_id": member,
            "group_id": ladder.id,
            "kind": move.kind._name_,
            "from_tier_id": move.before.tier_id,
            "to_tier_id": move.after.tier_id,
            "at": move.at,
            "moved_at": move.at if move.before.tier_id != move.after.tier_id else None,
            "reason": why,
            "inputs": _text(
                {
                    "amounts": move.amounts,
                    "thresholds": thresholds,
                    "before": _said(move.before),
                    "after": _said(move.after),
                    "evaluated_at": now,
                }
            ),
            "actor": actor,
        }
        for id, (member, move, why) in zip(ids.many(len(moved)), moved, strict=True)
    ]


def _text(value: object) -> str:
    return _encode(value).decode()


_encode = msgspec.json.Encoder().encode


def _said(standing: Standing) -> dict[str, str | None]:
    said: dict[str, str | None] = {"state": standing.state._name_}
    for name, at in (("since", standing.since), ("until", standing.until), ("grace_until", standing.grace_until)):
        said[name] = instants.wire(at) if at else None
    return said


async def _tell(work: Work, ladder: Ladder, outcome: Outcome, reasons: Sequence[str]) -> None:
    member, evaluation = outcome.row["member_id"], outcome.evaluation
    entity = work.entities["loyalty_member"]
    for move, why in zip(evaluation.moves, reasons, strict=True):
        if move.before.tier_id != move.after.tier_id:
            tiers = {"from_tier_id": move.before.tier_id, "to_tier_id": move.after.tier_id}
            said = {"group_id": ladder.id, **tiers, "change": move.kind._name_, "reason": why}
            await work.emit(work.event(LoyaltyTierChanged, entity, member, **said))
    if evaluation.warn:
        standing = evaluation.standing
        at_risk = evaluation.moves and evaluation.moves[-1].kind is Kind.AT_RISK
        until = standing.grace_until if at_risk else standing.until
        risk = {"group_id": ladder.id, "tier_id": standing.tier_id, "until": until, "missing": evaluation.keep_missing}
        await work.emit(work.event(LoyaltyTierAtRisk, entity, member, **risk))
