"""The table of schedules: when each is due next, so that one process puts what is due and the others know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crmcore.database import Database
from crmcore.jobs.moment import instant, micros

__all__ = ["Due", "all_due", "begin", "move"]


@dataclass(frozen=True, slots=True)
class Due:
    """A row of `crm_job_schedule`.

    Attributes:

        name: of the schedule.
        definition: by which `next_at` was found.
        next_at: when it is due next; None if never again.
        last_at: when it was due last.
    """

    name: str
    definition: str
    next_at: datetime | None
    last_at: datetime | None


async def all_due(database: Database) -> dict[str, Due]:
    """Read all, by name; those of plugins that are gone too."""
    rows = await database.fetch("select name, definition, next_at, last_at from crm_job_schedule order by name")
    return {name: Due(name, definition, _at(upcoming), _at(last)) for name, definition, upcoming, last in rows}


async def begin(database: Database, name: str, definition: str, next_at: datetime | None) -> None:
    """Write when a schedule that is new, or is now due at other times, is due next."""
    sql = (
        "insert into crm_job_schedule (name, definition, next_at) values ($1, $2, $3) on conflict (name) do update "
        "set definition = excluded.definition, next_at = excluded.next_at "
        "where crm_job_schedule.definition <> excluded.definition"
    )
    await database.execute(sql, name, definition, None if next_at is None else micros(next_at))


async def move(database: Database, due: Due, next_at: datetime | None, *, ran: datetime | None) -> bool:
    """Move a schedule on from an instant it was due at; False if another process has done so already.

    Args:

        database: inside the transaction that puts the job.
        due: as it was read.
        next_at: when it is due next.
        ran: the instant it is put for, None if that is left out.
    """
    assert due.next_at is not None
    sql = (
        "update crm_job_schedule set next_at = $4, last_at = coalesce($5, last_at) "
        "where name = $1 and definition = $2 and next_at = $3"
    )
    values = (None if next_at is None else micros(next_at), None if ran is None else micros(ran))
    return await database.execute(sql, due.name, due.definition, micros(due.next_at), *values) > 0


def _at(count: int | None) -> datetime | None:
    return None if count is None else instant(count)
