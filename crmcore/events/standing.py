"""How the change feed stands, for those who watch over it: how much it keeps, and whether its readers get on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from crmcore import clock
from crmcore.database import Database

if TYPE_CHECKING:
    from crmcore.events.cursor import Cursor
    from crmcore.events.feed import Feed

__all__ = ["FeedStanding", "behind", "feed_standing"]

_ORDER = {"postgresql": "era {0}, transaction_id {0}, position {0}", "sqlite": "position {0}"}
# Events of transactions that are not older than the oldest that runs: nobody is given them yet.
_UNSETTLED = """
    select min(e.at) from crm_event e, crm_feed_state s
    where e.era = s.era and e.transaction_id >= pg_snapshot_xmin(pg_current_snapshot())::text::bigint
"""


@dataclass(frozen=True, slots=True)
class FeedStanding:
    """The feed at one moment.

    Attributes:

        events: how many it keeps, about: numbers that undone transactions took are counted too.
        oldest: when the first of them happened, None without any.
        unsettled: for how many seconds an event has been kept back from all readers, because an older transaction has
            still not ended; 0 if none is.
    """

    events: int
    oldest: datetime | None
    unsettled: float


async def feed_standing(database: Database) -> FeedStanding:
    """Look; it takes a millisecond however long the feed is."""
    order = _ORDER[database.dialect]
    ends = [
        await database.fetch(f"select position, at from crm_event order by {order.format(way)} limit 1")
        for way in ("asc", "desc")
    ]
    if not ends[0]:
        return FeedStanding(0, None, 0.0)
    (first, oldest), (last, _) = ends[0][0], ends[1][0]
    kept_back = await database.fetch_value(_UNSETTLED) if database.dialect == "postgresql" else None
    return FeedStanding(last - first + 1, oldest, _seconds_since(kept_back))


async def behind(feed: Feed, cursor: Cursor) -> float:
    """Return for how many seconds there has been something to read after a cursor; 0 if all was read."""
    page = await feed.read(cursor, limit=1)
    return _seconds_since(page.events[0].at) if page.events else 0.0


def _seconds_since(at: datetime | None) -> float:
    return 0.0 if at is None else max((clock.now() - at).total_seconds(), 0.0)
