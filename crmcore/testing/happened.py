"""What happened in a test: the events that were committed since it began."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from crmcore.events.event import Event
from crmcore.events.recorded import COLUMNS, Recorded
from crmcore.events.sealed import opened

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["LAST", "happened"]

#: The position of the last event there is.
LAST = "select coalesce(max(position), 0) from crm_event"
# Settled or not: nobody but the test is there to be confused by an order that is not final.
_SINCE = f"select {COLUMNS} from crm_event where position > $1 order by era, transaction_id, position"


async def happened(crm: Crm, of: type[Event] | str | None, since: int) -> list[Event]:
    """Return events in the order of the change feed.

    Args:

        crm: where.
        of: a class of events (subclasses count), the key of a type (`"customer.created"`), or None for all.
        since: the position after which they stand.

    Raises:

        LookupError: no plugin declares events of that key.
    """
    if isinstance(of, str) and of not in crm.event_types:
        near = get_close_matches(of, crm.event_types, 3) or sorted(crm.event_types)[:3]
        msg = f"There is no event type {of!r}; there are for example {', '.join(near)}."
        raise LookupError(msg)
    rows = await crm.database.fetch(_SINCE, since)
    stored = [Recorded.of(row, crm.entities, crm.event_types) for row in rows]
    recorded = await opened(crm.database, crm.entities, stored)
    if isinstance(of, str):
        return [one.event() for one in recorded if one.type == of]
    return [event for event in (one.event() for one in recorded) if of is None or isinstance(event, of)]
