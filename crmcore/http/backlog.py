"""How much work waits, as metrics: jobs, the change feed and its readers; asked of the database now and then."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from time import monotonic
from typing import TYPE_CHECKING

from crmcore.errors import Refusal
from crmcore.events.standing import FeedStanding, behind, feed_standing
from crmcore.jobs.standing import Standing, standing
from crmcore.metrics import Family

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["Backlog"]

_log = logging.getLogger("crmcore.http")

#: Seconds for which an answer is shown again: several collectors cost no more than one.
_FRESH = 5.0


class Backlog:
    """What stands in the tables of a CRM."""

    def __init__(self, crm: Crm) -> None:
        self._crm = crm
        self._families: Sequence[Family] = ()
        self._until = 0.0
        self._turn = asyncio.Lock()

    async def families(self) -> Sequence[Family]:
        """Give the metrics, at most five seconds old; none of them while the database does not answer."""
        async with self._turn:
            if monotonic() >= self._until:
                try:
                    self._families = [family async for family in self._look()]
                except Refusal as refusal:  # the other metrics are needed all the more then
                    _log.warning("Metrics lack jobs and feed: %s", refusal.message)
                    self._families = ()
                self._until = monotonic() + _FRESH
        return self._families

    async def _look(self) -> AsyncIterator[Family]:
        crm = self._crm
        for family in _jobs(await standing(crm.database)):
            yield family
        for family in _feed(await feed_standing(crm.database)):
            yield family
        places = [place for hold in crm.feed.holds if (place := await hold()) is not None]
        lag = await behind(crm.feed, min(places)) if places else 0.0
        help = (
            "How long the first event has waited that some webhook, or another reader of the CRM's own, has not seen."
        )
        yield Family("crm_feed_lag_seconds", "gauge", help, [("", {}, lag)])


def _jobs(now: Standing) -> Iterator[Family]:
    states = [("", {"state": state.name.lower()}, count) for state, count in now.states.items()]
    yield Family("crm_jobs", "gauge", "Jobs by state, without those that succeeded or were cancelled.", states)
    due = [("", {"job": name}, due.count) for name, due in now.due.items()]
    yield Family("crm_jobs_due", "gauge", "Jobs that a worker could start now.", due)
    oldest = [("", {"job": name}, due.seconds) for name, due in now.due.items()]
    yield Family(
        "crm_job_oldest_due_seconds", "gauge", "How long the first job has waited that could start now.", oldest
    )
    dead = [("", {"job": name}, count) for name, count in now.dead.items()]
    yield Family("crm_jobs_dead", "gauge", "Jobs that failed for good, by name.", dead)
    yield Family("crm_job_workers", "gauge", "Processes that do jobs.", [("", {}, now.workers)])


def _feed(now: FeedStanding) -> Iterator[Family]:
    yield Family("crm_feed_events", "gauge", "About how many events the change feed keeps.", [("", {}, now.events)])
    help = "How long an event has been kept back from all readers because an older transaction has not ended."
    yield Family("crm_feed_unsettled_seconds", "gauge", help, [("", {}, now.unsettled)])
