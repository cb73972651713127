"""Whose transactions the feed counts: a dump brought to another server brings numbers that mean nothing there."""

from __future__ import annotations

import logging

from crmcore.database import Database

__all__ = ["settle_era"]

logger = logging.getLogger("crmcore.events")

# No event of this server's own can carry a number that the server has yet to give out.
_BEGIN_ERA = """
    update crm_feed_state set era = era + 1
    where pg_snapshot_xmax(pg_current_snapshot())::text::bigint <= (
        select e.transaction_id from crm_event e where e.era = crm_feed_state.era
        order by e.transaction_id desc limit 1
    )
"""


async def settle_era(database: Database) -> None:
    """Begin a new era if there are events of transactions that this server has not had yet; once, whoever else starts.

    A dump (`pg_dump`) takes the events' transaction numbers along, and a fresh server begins to count at a few hundreds:
    without this, what happens next would stand before what is known already, and no reader would find it.
    """
    if database.dialect == "postgresql" and await database.execute(_BEGIN_ERA):
        logger.warning("The database was restored on another server; the change feed goes on in a new era.")
