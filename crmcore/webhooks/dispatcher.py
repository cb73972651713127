"""From the feed to deliveries: each endpoint has a cursor, and the transaction that moves it puts what lies before it.

So an event is put once for each endpoint, whatever process does it and however often one dies in between, and whoever
changes a record pays nothing for those who listen.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from crmcore.access.actor import Actor
from crmcore.entities import store
from crmcore.entities.work import Work
from crmcore.errors import Refusal, Unavailable
from crmcore.events.cursor import Cursor
from crmcore.events.feed import Page
from crmcore.events.recorded import Recorded
from crmcore.webhooks import cursors, deliveries, log
from crmcore.webhooks.endpoint import Endpoint, wants
from crmcore.webhooks.matching import matching

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["Dispatched", "Dispatcher"]

_log = logging.getLogger("crmcore.webhooks")

#: Events that are looked at, and so deliveries that are put, in one transaction at most.
_PAGE = 500
#: Seconds from one round to the next: under load, while an older transaction holds events back, and without endpoints.
_PAUSE, _NOBODY = 0.02, 2.0
#: Seconds between two moves over what no endpoint asked for: each is a write, and other people's commits are many.
_TIDY = 30.0
_OPEN = (
    "select e.*, c.cursor as crm_cursor from crm_webhook_endpoint e join crm_webhook_cursor c on c.id = e.id "
    "where e.enabled and e.deleted_at is null"
)


@dataclass(frozen=True, slots=True)
class Dispatched:
    """What a round has done.

    Attributes:

        endpoints: how many there are.
        put: deliveries that were put.
        unsettled: whether there are events that cannot be read yet, since an older transaction still runs.
    """

    endpoints: int
    put: int
    unsettled: bool


class Dispatcher:
    """Puts deliveries; many processes may have one.

    Args:

        crm: a CRM that runs.
    """

    def __init__(self, crm: Crm) -> None:
        self._crm = crm
        self._tidied = float("-inf")

    async def run(self) -> None:
        """Put deliveries with every commit, until cancelled."""
        async with self._crm.pulse.listen() as ear:
            wait: float | None = None
            while True:
                await ear.next(wait)
                done = await self.round()
                await asyncio.sleep(_PAUSE if done.endpoints else _NOBODY)
                wait = 0 if done.unsettled else None

    async def round(self) -> Dispatched:
        """Put the deliveries of all that has happened so far."""
        places = await self._places()
        count, put, unsettled = sum(map(len, places.values())), 0, False
        tidy = monotonic() - self._tidied >= _TIDY
        while places:
            # Endpoints that stand at one place, as nearly all do, share a reading.
            cursor = min(places)
            endpoints = places.pop(cursor)
            page = await self._crm.feed.read(cursor, limit=_PAGE, types=self._types(endpoints))
            unsettled = unsettled or page.unsettled
            moved = []
            for endpoint in endpoints:
                if (told := await self._put(endpoint, cursor, page, tidy=tidy)) is not None:
                    put += told
                    moved.append(endpoint)
            if page.more and moved:
                places.setdefault(page.cursor, []).extend(moved)
        if tidy:
            self._tidied = monotonic()
        return Dispatched(count, put, unsettled)

    async def _places(self) -> dict[Cursor, list[Endpoint]]:
        kind, places = self._crm.entities["webhook_endpoint"], dict[Cursor, list[Endpoint]]()
        for row in await self._crm.database.fetch_dicts(_OPEN):
            cursor = Cursor.parse(row.pop("crm_cursor"))
            places.setdefault(cursor, []).append(Endpoint.of(store.read(kind, row)))
        return places

    def _types(self, endpoints: Iterable[Endpoint]) -> list[str] | None:
        patterns = {pattern for endpoint in endpoints for pattern in endpoint.event_types}
        return None if "*" in patterns else [key for key in self._crm.event_types if wants(patterns, key)]

    async def _put(self, endpoint: Endpoint, before: Cursor, page: Page, *, tidy: bool) -> int | None:
        """Put an endpoint's deliveries of a page and move it on; None if it stays, or another process moved it."""
        events = await self._told(endpoint, page.events)
        if events is None or not (events or page.more or (tidy and await self._is_behind(before))):
            return None

        async def unit(work: Work) -> int | None:
            if not await cursors.move(work.database, endpoint.id, before, page.cursor):
                return None
            if events:
                await deliveries.put(work, endpoint, events)
            return len(events)

        return await self._crm.run(Actor.system("webhooks"), unit)

    async def _told(self, endpoint: Endpoint, events: Sequence[Recorded]) -> list[Recorded] | None:
        try:
            return await matching(self._crm, endpoint, events) if events else []
        except Unavailable:
            # The database's refusal, not the filter's.
            raise
        except Refusal as refusal:
            reason = f"Its filter cannot be applied any more: {refusal.message}"
            _log.warning("Webhook endpoint %s is switched off: %s", endpoint.shown_id, reason)
            await self._crm.run(Actor.system("webhooks"), lambda work: log.disable(work, endpoint, reason))
            return None

    async def _is_behind(self, cursor: Cursor) -> bool:
        """Say whether anything happened since: on PostgreSQL the end of the feed goes on with every transaction."""
        return bool((await self._crm.feed.read(cursor, limit=1)).events)
