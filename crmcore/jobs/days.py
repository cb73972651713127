"""How handlers and jobs did, day by day, of all processes together: for those who ask long after a process has ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from crmcore.database import Database
from crmcore.jobs.figures import Kind, News

__all__ = ["Done", "add", "done_since", "forget"]

_ADD = """
    insert into crm_handler_day (day, kind, name, plugin, runs, failures, seconds, slowest, error)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    on conflict (day, kind, name) do update set
        plugin = excluded.plugin,
        runs = crm_handler_day.runs + excluded.runs,
        failures = crm_handler_day.failures + excluded.failures,
        seconds = crm_handler_day.seconds + excluded.seconds,
        slowest = case when excluded.slowest > crm_handler_day.slowest then excluded.slowest
            else crm_handler_day.slowest end,
        error = coalesce(excluded.error, crm_handler_day.error)
"""
_SINCE = """
    select d.plugin, d.kind, d.name, sum(d.runs), sum(d.failures), sum(d.seconds), max(d.slowest), (
        select l.error from crm_handler_day l
        where l.kind = d.kind and l.name = d.name and l.day >= $1 and l.error is not null order by l.day desc limit 1
    )
    from crm_handler_day d where d.day >= $1 group by d.plugin, d.kind, d.name order by d.plugin, d.kind, d.name
"""


@dataclass(frozen=True, slots=True)
class Done:
    """What a handler or job did in some days.

    Attributes:

        plugin: whose it is.
        kind: inside-handler, or job.
        name: `plugin.function`.
        runs: how often it ran.
        failures: how often it failed.
        seconds: how long it ran altogether.
        slowest: seconds of the slowest run.
        error: the last failure.
    """

    plugin: str
    kind: Kind
    name: str
    runs: int
    failures: int
    seconds: float
    slowest: float
    error: str | None


async def add(database: Database, day: date, news: Iterable[News]) -> None:
    """Add what one process did on a day; all of it or nothing."""
    rows = [(day, n.kind, n.name, n.plugin, n.runs, n.failures, n.seconds, n.slowest, n.error) for n in news]

    async def unit() -> None:
        async with database.transaction():
            await database.execute_many(_ADD, rows)

    if rows:
        await database.retrying(unit)


async def done_since(database: Database, day: date) -> Sequence[Done]:
    """Return what was done on a day and since, by plugin and name."""
    rows = await database.fetch(_SINCE, day)
    return [Done(p, k, n, int(runs), int(failures), *rest) for p, k, n, runs, failures, *rest in rows]


async def forget(database: Database, day: date) -> int:
    """Remove what was done before a day."""
    return await database.execute("delete from crm_handler_day where day < $1", day)
