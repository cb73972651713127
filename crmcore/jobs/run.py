"""What a job has in hand while it runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from crmcore.access.actor import EVERYTHING, Actor, ActorType
from crmcore.database import ids
from crmcore.database.connection import Isolation
from crmcore.jobs import ending
from crmcore.jobs.claimed import Claimed

if TYPE_CHECKING:
    from crmcore.app import Crm
    from crmcore.entities.work import Work
    from crmcore.events import Event

__all__ = ["Run"]

T = TypeVar("T")


class Run:
    """One attempt at a job.

    Attributes:

        crm: the CRM whose job it is.
        id: the job's; the same in every attempt, so it is the key by which an effect elsewhere is had once.
        name: `plugin.function`.
        attempt: 1 for the first.
        arguments: by name.
        event: what an after-handler is told of, None for other jobs.
        actor: the job as an actor, with every right.
        request_id: the request that put it, if any.
        finished: whether `finish` has ended it.
    """

    def __init__(
        self, crm: Crm, claimed: Claimed, arguments: Mapping[str, Any], event: Event | None, *, keep: bool
    ) -> None:
        self.crm, self.arguments, self.event = crm, arguments, event
        self.id: UUID = claimed.id
        self.name, self.attempt = claimed.name, claimed.attempts
        self.request_id = claimed.request_id if event is None else event.request_id
        self.finished = False
        self._claimed, self._keep = claimed, keep

    @property
    def actor(self) -> Actor:
        """The job as an actor."""
        return Actor(ActorType.JOB, ids.encode("job", self.id), self.name, access=EVERYTHING)

    async def work(
        self,
        unit: Callable[[Work], Awaitable[T]],
        *,
        idempotency_key: str | None = None,
        isolation: Isolation = "repeatable read",
    ) -> T:
        """Do a unit of work in one transaction, as this job, under the request that caused it; see `Crm.run`."""
        return await self.crm.run(
            self.actor, unit, request_id=self.request_id, idempotency_key=idempotency_key, isolation=isolation
        )

    async def finish(self, unit: Callable[[Work], Awaitable[T]], *, isolation: Isolation = "repeatable read") -> T:
        """Do a unit of work and end this job in the same transaction, so that its effect is had exactly once.

        Raises:

            Lost: the job is another worker's by now, or was cancelled; nothing of the unit was kept.
        """

        async def fenced(work: Work) -> T:
            result = await unit(work)
            await ending.end_inside(work.database, self._claimed, keep=self._keep)
            return result

        result = await self.work(fenced, isolation=isolation)
        self.finished = True
        return result

    async def progress(self, share: float, text: str = "") -> None:
        """Say how far it is, for those who watch; a note that changes nothing for the job.

        Args:

            share: 0 to 1.
            text: what is being done.

        Raises:

            Lost: the job is another worker's by now.
        """
        await ending.note(self.crm.database, self._claimed, share, text)
        self.crm.pulse.beat()
