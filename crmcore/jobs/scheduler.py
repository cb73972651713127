"""What puts scheduled jobs when they are due: every process has one, and each due instant is put by one of them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from crmcore import clock
from crmcore.access.actor import Actor
from crmcore.database import instants
from crmcore.errors import Unavailable
from crmcore.jobs import due
from crmcore.jobs.due import Due
from crmcore.jobs.schedule import Schedule
from crmcore.jobs.timetable import latest

if TYPE_CHECKING:
    from crmcore.app import Crm
    from crmcore.entities.work import Work

__all__ = ["LATE", "Scheduler"]

_log = logging.getLogger("crmcore.jobs")

#: How late a due instant may be found before it counts as missed: nothing ran that could have put it.
LATE = timedelta(minutes=1)
#: Seconds between two looks at the table, at most: somebody else may have moved a schedule, or the clock been set.
_LOOK = 30.0


class Scheduler:
    """Puts the jobs of the schedules of one CRM.

    When processes disagree on when something is due, as they do while a new version is rolled out, the one that began last
    is right: each says so once, at its beginning, and leaves alone what another has said since.

    Args:

        crm: a CRM that runs.
        schedules: by key.
    """

    def __init__(self, crm: Crm, schedules: Mapping[str, Schedule]) -> None:
        self._crm, self._schedules = crm, schedules
        self._zone = ZoneInfo(crm.settings.time_zone)
        self._begun = False

    async def run(self) -> None:
        """Put what is due, whenever it is due, until cancelled."""
        while True:
            wait = _LOOK
            try:
                upcoming = await self.put_due()
                if upcoming is not None:
                    wait = min(max((upcoming - clock.now()).total_seconds(), 0.0), _LOOK)
            except Unavailable as error:
                _log.warning("Schedules could not be looked at, and will be again in %.0f s: %s", wait, error)
            await asyncio.sleep(wait)

    async def put_due(self) -> datetime | None:
        """Put what is due now, and return when something is due next."""
        known = await due.all_due(self._crm.database)
        upcoming = [await self._look(name, schedule, known.get(name)) for name, schedule in self._schedules.items()]
        self._begun = True
        return min((at for at in upcoming if at is not None), default=None)

    async def _look(self, name: str, schedule: Schedule, known: Due | None) -> datetime | None:
        definition, timetable = schedule.definition(self._zone), schedule.timetable(self._zone)
        now = clock.now()
        if known is None or (known.definition != definition and not self._begun):
            next_at = timetable.after(now)
            await due.begin(self._crm.database, name, definition, next_at)
            return next_at
        if known.definition != definition:
            return None
        if known.next_at is None or known.next_at > now:
            return known.next_at
        last, next_at = latest(timetable, known.next_at, now), timetable.after(now)
        skipped = schedule.missed == "skip" and now - last > LATE
        if skipped:
            _log.info("Schedule %s leaves out what was due at %s, as it is told to.", name, instants.wire(last))
        await self._put(name, schedule, known, next_at, None if skipped else last)
        return next_at

    async def _put(
        self, name: str, schedule: Schedule, known: Due, next_at: datetime | None, at: datetime | None
    ) -> None:
        async def unit(work: Work) -> None:
            if await due.move(work.database, known, next_at, ran=at) and at is not None:
                await work.put(schedule.call, at=at, key=f"{name} {instants.wire(at)}")

        await self._crm.run(Actor.system(f"schedule {name}"), unit)
