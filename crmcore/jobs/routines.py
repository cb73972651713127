"""What the names of jobs lead to: the jobs that plugins declare, and the after-handlers of events."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crmcore.events.handlers import Handlers
from crmcore.jobs.job import Job

if TYPE_CHECKING:
    from crmcore.jobs.run import Run

__all__ = ["Routine", "Routines"]


@dataclass(frozen=True, slots=True)
class Routine:
    """What a worker calls for a job of some name.

    Attributes:

        name: `plugin.function`.
        plugin: whose it is.
        retries: how often it is tried again.
        timeout: seconds one attempt may take.
        call: does it.
        decode: from the JSON of arguments to arguments by name.
        keep: whether jobs that succeeded stay in the table for a while.
    """

    name: str
    plugin: str
    retries: int
    timeout: float
    call: Callable[[Run], Awaitable[None]]
    decode: Callable[[str | None], Mapping[str, Any]]
    keep: bool


class Routines(Mapping[str, Routine]):
    """All routines of a CRM, by name.

    Args:

        jobs: as plugins declare them.
        handlers: with the after-handlers.
    """

    def __init__(self, jobs: Iterable[Job[Any]] = (), handlers: Handlers | None = None) -> None:
        declared = tuple(jobs)
        self.jobs: Mapping[str, Job[Any]] = {job.name: job for job in declared}
        self._names = {job.function: job.name for job in declared}
        after = {} if handlers is None else handlers.after
        self._routines = {name: _of_job(job) for name, job in self.jobs.items()}
        self._routines |= {
            name: Routine(name, h.plugin, h.retries, h.timeout, _teller(h.run), _nothing, False)
            for name, h in after.items()
        }

    def __getitem__(self, name: str) -> Routine:
        return self._routines[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._routines)

    def __len__(self) -> int:
        return len(self._routines)

    def name_of(self, job: Job[Any]) -> str:
        """Return a job's name.

        Raises:

            LookupError: no loaded plugin gives it by `crm_jobs`, so no worker would know what to do.
        """
        if (name := self._names.get(job.function)) is None:
            where = f"{job.function.__module__}.{job.function.__qualname__}"
            msg = f"The job {where} is declared by no loaded plugin, so no worker would find it; give it by crm_jobs."
            raise LookupError(msg)
        return name


def _of_job(job: Job[Any]) -> Routine:
    async def call(run: Run) -> None:
        await job.function(run, **run.arguments)

    return Routine(job.name, job.plugin, job.retries, job.timeout, call, job.arguments.decode, True)


def _teller(tell: Callable[..., Awaitable[None]]) -> Callable[[Run], Awaitable[None]]:
    async def call(run: Run) -> None:
        await tell(run.crm, run.event)

    return call


def _nothing(_: str | None) -> Mapping[str, Any]:
    return {}
