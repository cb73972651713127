"""Old events are removed from the feed, a few at a time, from its beginning on, and never one that somebody still needs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from crmcore import clock
from crmcore.database import Database
from crmcore.events.cursor import Cursor
from crmcore.jobs.job import job
from crmcore.jobs.states import State

if TYPE_CHECKING:
    from crmcore.app import Crm
    from crmcore.jobs.run import Run

__all__ = ["remove_old", "sweep_feed"]

#: Events removed by one transaction: a moment's work, so that nobody waits for it.
_BATCH = 1000

# The first event that an after-handler is still to be told of.
_UNHEARD = """
    select e.era, e.transaction_id, e.position from crm_job j join crm_event e on e.id = j.event_id
    where j.state < $1 order by e.era, e.transaction_id, e.position limit 1
"""
# Where the first few end, if that is not behind what may go.
_FEW = {
    "postgresql": """
        select era, transaction_id, position from (
            select era, transaction_id, position from crm_event
            where (era, transaction_id, position) <= ($1, $2, $3) order by era, transaction_id, position limit $4
        ) few order by era desc, transaction_id desc, position desc limit 1
    """,
    "sqlite": """
        select era, transaction_id, position from (
            select era, transaction_id, position from crm_event where position <= $3 order by position limit $4
        ) few order by position desc limit 1
    """,
}
_REMOVE = {
    "postgresql": "delete from crm_event where (era, transaction_id, position) <= ($1, $2, $3)",
    "sqlite": "delete from crm_event where position <= $3",
}
_REMEMBER = "update crm_feed_state set kept_era = $1, kept_transaction = $2, kept_position = $3"


@job(at_once=1, timeout=3600.0)
async def sweep_feed(run: Run) -> None:
    """Remove events that are older than the setting feed.keep_days."""
    await remove_old(run.crm)


async def remove_old(crm: Crm, batch: int = _BATCH) -> int:
    """Remove events that are older than the setting `feed.keep_days`.

    Args:

        crm: whose feed.
        batch: how many are removed by one transaction.

    Returns:

        How many were removed.
    """
    if crm.settings.feed.keep_days is None:
        return 0
    last = await crm.feed.since(clock.now() - timedelta(days=crm.settings.feed.keep_days))
    for hold in crm.feed.holds:
        if (needed := await hold()) is not None:
            last = min(last, needed)
    if (unheard := await _unheard(crm.database)) is not None:
        last = min(last, Cursor(unheard.era, unheard.transaction, unheard.position - 1))
    removed = 0
    while count := await crm.database.retrying(lambda: _remove(crm.database, last, batch)):
        removed += count
    return removed


async def _unheard(database: Database) -> Cursor | None:
    found = await database.fetch(_UNHEARD, State.DONE)
    return Cursor(*found[0]) if found else None


async def _remove(database: Database, last: Cursor, batch: int) -> int:
    async with database.transaction():
        few = await database.fetch(_FEW[database.dialect], last.era, last.transaction, last.position, batch)
        if not few:
            return 0
        await database.execute(_REMEMBER, *few[0])
        return await database.execute(_REMOVE[database.dialect], *few[0])
