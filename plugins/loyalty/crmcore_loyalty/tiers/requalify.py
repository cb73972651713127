"""Evaluates members and writes down what came of it; one member or thousands, by the same few statements."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from crmcore import Row, Work, ids
from crmcore_loyalty.sets import among
from crmcore_loyalty.tables.tiers import LoyaltyTierPeriod
from crmcore_loyalty.tiers.days import add_months
from crmcore_loyalty.tiers.evaluate import evaluate
from crmcore_loyalty.tiers.ladder import Ladder
from crmcore_loyalty.tiers.measure import histories
from crmcore_loyalty.tiers.standing import History, standing_of
from crmcore_loyalty.tiers.writing import BLANK, Outcome, insert_standings, write

__all__ = ["at_cuts", "cuts", "earliest", "evaluated", "locked", "oldest", "requalify"]

#: For standings that nobody has looked at for more periods than this, days are read one by one.
_MOST_CUTS = 40
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


async def requalify(work: Work, ladder: Ladder, members: Iterable[UUID]) -> int:
    """Evaluate members of the ladder's program anew; return how many standings changed.

    The unit of work reads what is committed (`isolation="read committed"`): first standings are locked, in the order of
    members, and then what counts is read, so that who comes later has seen what came before.
    """
    wanted = sorted(set(members))
    rows = await _there(work, ladder, wanted)
    rows += await _newcomers(work, ladder, set(wanted) - {row["member_id"] for row in rows})
    return await write(work, ladder, await evaluated(work, ladder, rows))


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
    there = {row["member_id"] for row in await _there(work, ladder, wanted)}
    new = await _newcomers(work, ladder, set(wanted) - there)
    await insert_standings(work, [{**row, "evaluated_at": work.now} for row in new])
    return await _there(work, ladder, wanted)


async def _there(work: Work, ladder: Ladder, members: Sequence[UUID]) -> list[Row]:
    lock = " for update of s" if work.database.dialect == "postgresql" else ""
    return await work.rows(
        "select s.*, m.enrolled_at from loyalty_standing s join loyalty_member m on m.id = s.member_id "
        "and m.status in ('ACTIVE', 'FROZEN') and m.deleted_at is null "
        f"where s.group_id = $1 and {among(work.database.dialect, 's.member_id', 2)} order by s.member_id{lock}",
        ladder.id,
        members,
    )


async def _newcomers(work: Work, ladder: Ladder, members: Collection[UUID]) -> list[Row]:
    """Return what standings are before they were ever evaluated; whoever writes the same at once does it once more."""
    if not members:
        return []
    found = await work.rows(
        "select m.id as member_id, m.enrolled_at from loyalty_member m "
        f"where {among(work.database.dialect, 'm.id', 1)} and m.status in ('ACTIVE', 'FROZEN') and m.deleted_at is null "
        "and not exists (select 1 from loyalty_standing s where s.member_id = m.id and s.group_id = $2) order by m.id",
        sorted(members),
        ladder.id,
    )
    new = {**BLANK, "group_id": ladder.id}
    return [{**new, **row, "id": id} for row, id in zip(found, ids.many(len(found)), strict=True)]


async def _counted(work: Work, ladder: Ladder, rows: Sequence[Row]) -> dict[UUID, History]:
    """Read what counts; summed by the database as far as the outcome cannot depend on the days in between."""
    ended = oldest(rows, work.now)
    by = cuts(ladder, work.now, ended)
    if by is not None and len(by) > _MOST_CUTS:
        ended, by = None, cuts(ladder, work.now)
    exact = [row for row in rows if by is None or not at_cuts(ladder, row, by, work.now, ended)]
    known = {row["member_id"] for row in exact}
    summed = [row for row in rows if row["member_id"] not in known]
    since = earliest(ladder, rows, work.now)
    found = await histories(work.database, ladder, [row["member_id"] for row in summed], since, by)
    return found | await histories(work.database, ladder, [row["member_id"] for row in exact], since)


def oldest(rows: Iterable[Row], now: datetime) -> datetime | None:
    """Return when the first of some standings ended that nobody has looked at since; None if none has."""
    return min((end for row in rows if (end := row["grace_until"] or row["until"]) and end <= now), default=None)


def cuts(ladder: Ladder, now: datetime, ended: datetime | None = None) -> list[datetime] | None:
    """Return the instants that periods and grace days of everybody begin and end at; None where each member has their own.

    Args:

        ladder: whose.
        now: the time.
        ended: the instants are all from the periods on that mattered then; None is of those that matter now.
    """
    if ladder.periods.kind is LoyaltyTierPeriod.EVER:
        return []
    if ladder.periods.kind is not LoyaltyTierPeriod.CALENDAR:
        return None
    found: set[datetime] = set()
    back, more = 0, ladder.keep
    while more >= 0:
        window = ladder.periods.window(now.date(), ladder.periods.day(now), -back)
        if window is None or window.begins is None:
            break
        grace = ladder.periods.day(window.begins) + timedelta(days=ladder.grace_days)
        found |= {window.begins, ladder.periods.midnight(grace)}
        more -= ended is None or window.begins <= ended
        back += 1
    return sorted(found)


def at_cuts(ladder: Ladder, row: Row, by: Sequence[datetime], now: datetime, ended: datetime | None = None) -> bool:
    """Say whether all that happened to a standing since it was looked at happened at cuts, and in periods that these are of."""
    end = row["grace_until"] or row["until"]
    if end is None or end > now:
        return True
    window = ladder.periods.window(now.date(), ladder.periods.day(now))
    first = ended or (window.begins if window else None)
    return end in by and (first is None or end >= first)


def earliest(ladder: Ladder, rows: Sequence[Row], now: datetime) -> datetime:
    """Return from when on what happened matters: the first period that any of these standings may still go by."""
    if ladder.periods.kind is LoyaltyTierPeriod.EVER:
        return _BEGINNING
    ends = (row["until"] or row["grace_until"] for row in rows)
    first = min([now, *(end for end in ends if end is not None)])
    day = add_months(first.date(), -(ladder.keep + 1) * ladder.periods.months) - timedelta(days=2)
    return datetime.combine(max(day, date(1970, 1, 1)), time.min, UTC)
