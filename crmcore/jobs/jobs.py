"""The jobs of one CRM: what their names lead to, who may run them, and running what is due here and now."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from crmcore.jobs.routines import Routine, Routines
from crmcore.jobs.scheduler import Scheduler
from crmcore.jobs.worker import Worker

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["Jobs"]


class Jobs:
    """What `crm.jobs` is.

    Args:

        crm: whose.
        routines: what the names of jobs lead to.

    Attributes:

        routines: by name.
        willing: says of a name whether its jobs are done now; those of others are put aside.
    """

    def __init__(self, crm: Crm, routines: Routines) -> None:
        self._crm, self.routines = crm, routines
        self.willing: Callable[[str], bool] = crm.health.willing

    def routine(self, name: str) -> Routine | None:
        """Return what a name leads to, None if no plugin here knows it or it is switched off."""
        return self.routines.get(name) if self.willing(name) else None

    async def run_due(self) -> int:
        """Do everything that is due now, in this task, one after the other, until nothing is left.

        For tests and for `crm jobs run`; jobs that wait for a later time stay.

        Returns:

            How many attempts were made.
        """
        await self._crm.health.look()
        await Scheduler(self._crm, self._crm.schedules).put_due()
        return len(await Worker(self._crm, concurrency=1).drain())
