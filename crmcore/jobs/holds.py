"""The table of what is held back: jobs that somebody paused, and jobs whose breaker is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from crmcore.database import Database
from crmcore.jobs.moment import instant, micros

__all__ = ["Hold", "Why", "close", "extend", "hold", "holds"]


class Why(StrEnum):
    """Why jobs of a name are not started.

    Attributes:

        PAUSED: somebody said so; until somebody says otherwise.
        FAILING: they failed and failed; until one succeeds.
    """

    PAUSED = "paused"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class Hold:
    """A name whose jobs wait.

    Attributes:

        name: of the job, or of the after-handler.
        why: who or what held it back.
        since: from when on.
        until: when one of them is tried again; None for as long as somebody wants.
        trials: how often that was done already.
        reason: the last failure, or who paused it.
    """

    name: str
    why: Why
    since: datetime
    until: datetime | None
    trials: int
    reason: str


async def holds(database: Database) -> Sequence[Hold]:
    """Read all, by name."""
    rows = await database.fetch("select name, why, since, until, trials, reason from crm_job_hold order by name, why")
    return [
        Hold(name, Why(why), instant(since), None if until is None else instant(until), trials, reason)
        for name, why, since, until, trials, reason in rows
    ]


async def hold(database: Database, held: Hold) -> bool:
    """Hold a name back; False if it is held back for that reason already."""
    sql = (
        "insert into crm_job_hold (name, why, since, until, trials, reason) values ($1, $2, $3, $4, $5, $6) "
        "on conflict (name, why) do nothing"
    )
    until = None if held.until is None else micros(held.until)
    values = (held.name, held.why.value, micros(held.since), until, held.trials, held.reason)
    return await database.execute(sql, *values) > 0


async def extend(database: Database, held: Hold, until: datetime) -> bool:
    """Take the right to try one job, by putting off the next trial; one process gets it, the others False."""
    assert held.until is not None
    sql = (
        "update crm_job_hold set until = $3, trials = trials + 1 "
        "where name = $1 and why = 'failing' and until = $2 and trials = $4"
    )
    return await database.execute(sql, held.name, micros(held.until), micros(until), held.trials) > 0


async def close(database: Database, name: str, why: Why) -> bool:
    """Hold a name back no longer for that reason; False if it was not."""
    return await database.execute("delete from crm_job_hold where name = $1 and why = $2", name, why.value) > 0
