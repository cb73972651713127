"""Evaluates members and writes down what came of it; one member or thousands, by the same few statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from crmcore import Row, Work, ids
from crmcore_loyalty.sets import among, insert_many
from crmcore_loyalty.tables.standings import LoyaltyStanding
from crmcore_loyalty.tables.tiers import LoyaltyTierPeriod
from crmcore_loyalty.tiers.days import add_months
from crmcore_loyalty.tiers.evaluate import evaluate
from crmcore_loyalty.tiers.ladder import Ladder
from crmcore_loyalty.tiers.measure import histories
from crmcore_loyalty.tiers.standing import History, standing_of
from crmcore_loyalty.tiers.writing import Outcome, write

__all__ = ["at_cuts", "cuts", "earliest", "evaluated", "locked", "requalify"]

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


async def requalify(work: Work, ladder: Ladder, members: Iterable[UUID]) -> int:
    """Evaluate members of the ladder's program anew; return how many standings changed.

    The unit of work reads what is committed (`isolation="read committed"`): first standings are locked, in the order of
    members, and then what counts is read, so that who comes later has seen what came before.
    """
    return await write(work, ladder, await evaluated(work, ladder, await locked(work, ladder, members)))


async def evaluated(work: Work, ladder: Ladder, rows: Sequence[Row]) -> list[Outcome]:
    """Say of standings that were read (`locked`, if they are to be written) where their members stand now."""
    found = await _counted(work, ladder, rows)
    return [
        Outcome(row, evaluate(ladder, row["enrolled_at"], found.get(row["member_id"], ()), standing_of(row), work.now))
        for row in rows
    ]


async def locked(work: Work, ladder: Ladder, members: Iterable[UUID]) -> list[Row]:
    """Return the standings of members who still take part, locked; those who had none have one now."""
    wanted = sorted(set(members))
    there = await work.database.fetch(
        f"select member_id from loyalty_standing where group_id = $1 and {among(work.database.dialect, 'member_id', 2)}",
        ladder.id,
        wanted,
    )
    missing = sorted(set(wanted) - {member for (member,) in there})
    await insert_many(work.database, LoyaltyStanding, [_new(ladder, member, work.now) for member in missing], _UNLESS)
    lock = " for update of s" if work.database.dialect == "postgresql" else ""
    return await work.rows(
        "select s.*, m.enrolled_at from loyalty_standing s join loyalty_member m on m.id = s.member_id "
        "and m.status in ('ACTIVE', 'FROZEN') and m.deleted_at is null "
        f"where s.group_id = $1 and {among(work.database.dialect, 's.member_id', 2)} order by s.member_id{lock}",
        ladder.id,
        wanted,
    )


_UNLESS = "on conflict (member_id, group_id) do nothing"


async def _counted(work: Work, ladder: Ladder, rows: Sequence[Row]) -> dict[UUID, History]:
    """Read what counts; summed by the database as far as the outcome cannot depend on the days in between."""
    by = cuts(ladder, work.now)
    exact = [row for row in rows if by is None or not at_cuts(ladder, row, by, work.now)]
    known = {row["member_id"] for row in exact}
    summed = [row for row in rows if row["member_id"] not in known]
    since = earliest(ladder, rows, work.now)
    found = await histories(work.database, ladder, [row["member_id"] for row in summed], since, by)
    return found | await histories(work.database, ladder, [row["member_id"] for row in exact], since)


def cuts(ladder: Ladder, now: datetime) -> list[datetime] | None:
    """Return the instants that periods and grace days of everybody begin and end at; None where each member has their own."""
    if ladder.periods.kind is LoyaltyTierPeriod.EVER:
        return []
    if ladder.periods.kind is not LoyaltyTierPeriod.CALENDAR:
        return None
    found: set[datetime] = set()
    for back in range(ladder.keep + 1):
        window = ladder.periods.window(now.date(), ladder.periods.day(now), -back)
        if window is not None and window.begins is not None:
            grace = ladder.periods.day(window.begins) + timedelta(days=ladder.grace_days)
            found |= {window.begins, ladder.periods.midnight(grace)}
    return sorted(found)


def at_cuts(ladder: Ladder, row: Row, by: Sequence[datetime], now: datetime) -> bool:
    """Say whether all that happened to a standing since it was looked at happened at cuts, and in the present period."""
    end = row["grace_until"] or row["until"]
    window = ladder.periods.window(now.date(), ladder.periods.day(now))
    begins = window.begins if window else None
    return end is None or end > now or (end in by and (begins is None or end >= begins))


def earliest(ladder: Ladder, rows: Sequence[Row], now: datetime) -> datetime:
    """Return from when on what happened matters: the first period that any of these standings may still go by."""
    if ladder.periods.kind is LoyaltyTierPeriod.EVER:
        return _BEGINNING
    ends = (row["until"] or row["grace_until"] for row in rows)
    first = min([now, *(end for end in ends if end is not None)])
    day = add_months(first.date(), -(ladder.keep + 1) * ladder.periods.months) - timedelta(days=2)
    return datetime.combine(max(day, date(1970, 1, 1)), time.min, UTC)


def _new(ladder: Ladder, member: UUID, now: datetime) -> dict[str, Any]:
    return {"id": ids.new(), "member_id": member, "group_id": ladder.id, "state": "ACTIVE", "evaluated_at": now}
