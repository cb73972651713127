"""Handlers' jobs are ended as soon as they are taken: who dies before the effect never has it."""

from __future__ import annotations

from typing import Any

from crmcore.jobs import ending
from crmcore.jobs.outcome import Ended, Outcome
from crmcore.jobs.worker import Worker


def plant() -> None:
    """End what was claimed before it runs."""
    claim = Worker._claim

    async def acknowledged(self: Any, most: int) -> Any:
        batch = await claim(self, most)
        told = [Ended(job, Outcome.DONE) for job in batch.jobs if job.event_id is not None]
        if told:
            await ending.end(self._crm.database, self._heart.worker, told)
        return batch

    Worker._claim = acknowledged  # type: ignore[method-assign]
