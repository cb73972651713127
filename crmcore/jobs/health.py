"""Which jobs this process may start now: not those that are paused, nor those of a handler that fails and fails."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

from crmcore import clock
from crmcore.database import Database
from crmcore.errors import Unavailable
from crmcore.jobs import aside, days, holds
from crmcore.jobs.breaker import Breaker, pause
from crmcore.jobs.figures import Figures
from crmcore.jobs.holds import Hold, Why
from crmcore.jobs.outcome import Ended, Outcome
from crmcore.metrics import Family

__all__ = ["Health"]

_log = logging.getLogger("crmcore.jobs")

#: Seconds between two looks: so long may another process's jobs go on that were paused here.
_LOOK = 5.0
#: Seconds after which figures are written down.
_WRITE = 30.0
#: Jobs that come back in one transaction.
_BATCH = 1000
_LONGEST_REASON = 200
#: Ends without a run of the job's own function, and ends of one that did what it should.
_NO_RUN = (Outcome.ASIDE, Outcome.BACK, Outcome.LOST, Outcome.PUT_OFF)
_SUCCEEDED = (Outcome.DONE, Outcome.FINISHED)


class Health:
    """What one process knows of the health of its jobs, and of what all processes hold back.

    Workers ask and tell here without a statement; `look` exchanges that with the database, every few seconds.

    Args:

        database: where all processes write down what is held back.
        failures: in a row, after which a handler is left alone; 0 is never.
        rest: seconds for which it is left alone at first.
        figures: of handlers and jobs.
        known: names of the jobs that this process can do.

    Attributes:

        figures: of handlers and jobs of this process.
        held: names of jobs that are not to be started.
        trials: held names of which this process may start one job each, to see whether they work again.
    """

    def __init__(
        self, database: Database, failures: int, rest: float, figures: Figures, known: Collection[str] = ()
    ) -> None:
        self.figures = figures
        self.held: frozenset[str] = frozenset()
        self.trials: frozenset[str] = frozenset()
        self._database, self._failures, self._rest = database, failures, rest
        self._known = frozenset(known)
        self._breakers: dict[str, Breaker] = {}
        self._holds: dict[tuple[str, Why], Hold] = {}
        self._opened: dict[str, Hold] = {}
        self._closed: set[str] = set()

    @property
    def failing(self) -> list[Hold]:
        """Names whose breaker is open, as far as this process has heard."""
        return [held for held in self._holds.values() if held.why is Why.FAILING]

    def ended(
        self, name: str, job: UUID, *, plugin: str, seconds: float, failed: str | None, neutral: bool = False
    ) -> bool:
        """Note how a run of a job ended.

        Args:

            name: of the job.
            job: which.
            plugin: who gives it.
            seconds: how long it ran.
            failed: the exception that it failed with, or that its time was out; None otherwise.
            neutral: neither failed nor succeeded: it asked for another attempt, gave itself up, or was cancelled.

        Returns:

            Whether a failure counts as one of the job's attempts. While the breaker is open it does not, so that no job
            dies of a handler that nobody's job can get through.
        """
        self.figures.of("job", plugin, name).add(seconds, failed)
        if neutral or not self._failures:
            return True
        resting = self._holds.get((name, Why.FAILING))
        if failed is None:
            self._succeeded(name, resting)
            return True
        if resting is not None:
            _log.warning("Job %s of plugin %r still fails: %s.", name, plugin, failed)
            return False
        breaker = self._breakers.get(name) or self._breakers.setdefault(name, Breaker(self._failures))
        if breaker.ended(job, failed=True):
            self._open(name, plugin, failed)
        return True

    def families(self) -> Iterator[Family]:
        """Give what was counted, for Prometheus."""
        labelled = [({"kind": f.kind, "plugin": f.plugin, "name": f.name}, f) for f in self.figures]
        yield Family(
            "crm_handler_seconds",
            "histogram",
            "How long inside-handlers and jobs took in this process; after-handlers are jobs.",
            [sample for labels, figure in labelled for sample in figure.times.samples(labels)],
        )
        yield Family(
            "crm_handler_failures_total",
            "counter",
            "Runs of handlers and jobs that ended with an exception, or were out of time.",
            [("", labels, figure.failures) for labels, figure in labelled],
        )
        yield Family(
            "crm_handler_held",
            "gauge",
            "Handlers and jobs that are not started: paused by somebody, or failing.",
            [("", {"name": name, "why": why.value}, 1) for name, why in sorted(self._holds)],
        )

    def willing(self, name: str) -> bool:
        """Say whether a job of a name may be started now; asking takes the trial there may be."""
        if name not in self.held:
            return True
        if name in self.trials:
            self.trials -= {name}
            return True
        return False

    def judge(self, plugin: str, ended: Ended, seconds: float) -> Ended:
        """Note how an attempt ended, and return how it is to be written.

        A failure while the breaker is open costs no attempt and kills no job: it is put aside until one gets through.

        Args:

            plugin: whose job it is.
            ended: how the attempt ended.
            seconds: how long it ran.
        """
        if ended.outcome in _NO_RUN:
            if ended.outcome is not Outcome.ASIDE and (ended.job.name, Why.FAILING) in self._holds:
                # If it was the one that was to be tried, that is to be made up for.
                self.trials |= {ended.job.name}
            return ended
        why = (ended.error or "").strip().splitlines()[-1:] if ended.raised else []
        failed = why[0][:_LONGEST_REASON] if why else None
        neutral = not ended.raised and ended.outcome not in _SUCCEEDED
        counts = self.ended(
            ended.job.name, ended.job.id, plugin=plugin, seconds=seconds, failed=failed, neutral=neutral
        )
        return ended if counts else ended._replace(outcome=Outcome.ASIDE, run_at=None)

    async def run(self) -> None:
        """Look again and again, and now and then write figures down, until cancelled."""
        written = monotonic()
        while True:
            try:
                await self.look()
                if monotonic() - written > _WRITE:
                    await self.write_down()
                    written = monotonic()
            except Unavailable as error:
                _log.warning("What is held back could not be looked at: %s", error)
            await asyncio.sleep(_LOOK)

    async def write_down(self) -> None:
        """Add the figures of this process to those of the day, and say what opened and closed here."""
        await self._write()
        async with self.figures.news() as news:
            await days.add(self._database, clock.now().date(), news)

    async def look(self) -> None:
        """Write down what opened and closed here, read what others did, and ask for trials that are due."""
        await self._write()
        self._holds = {(held.name, held.why): held for held in await holds.holds(self._database)}
        # While the database answered, more may have happened here.
        self._holds |= {(name, Why.FAILING): held for name, held in self._opened.items()}
        for name in self._closed:
            self._holds.pop((name, Why.FAILING), None)
        self.held = frozenset(name for name, _ in self._holds)
        paused = {name for name, why in self._holds if why is Why.PAUSED}
        self.trials &= {held.name for held in self.failing} - paused
        for held in self.failing:
            if held.name not in paused and held.until is not None and held.until <= clock.now():
                await self._ask(held)
        await self._bring_back()

    async def _write(self) -> None:
        while self._opened:
            name = next(iter(self._opened))
            await holds.hold(self._database, self._opened[name])
            self._opened.pop(name, None)
        while self._closed:
            name = next(iter(self._closed))
            await holds.close(self._database, name, Why.FAILING)
            self._closed.discard(name)

    async def _ask(self, held: Hold) -> None:
        until = self._until(clock.now(), held.trials + 1)
        if await holds.extend(self._database, held, until):
            self.trials |= {held.name}
            await aside.bring_back(self._database, [held.name], 1)

    async def _bring_back(self) -> None:
        wanted = (await aside.names_aside(self._database) & self._known) - self.held
        while wanted and await aside.bring_back(self._database, wanted, _BATCH):
            wanted -= self.held

    def _until(self, now: datetime, trials: int) -> datetime:
        return now + timedelta(seconds=pause(self._rest, trials))

    def _open(self, name: str, plugin: str, failed: str) -> None:
        now = clock.now()
        held = Hold(name, Why.FAILING, now, self._until(now, 0), 0, failed)
        self._holds[name, Why.FAILING] = self._opened[name] = held
        self._closed.discard(name)
        self._breakers.pop(name, None)
        self.held |= {name}
        _log.error(
            "Job %s of plugin %r failed again and again, so its jobs wait; one is tried in %.0f s. The last failure: %s.",
            name,
            plugin,
            pause(self._rest, 0),
            failed,
        )

    def _succeeded(self, name: str, resting: Hold | None) -> None:
        if resting is None:
            if (breaker := self._breakers.get(name)) is not None:
                breaker.ended(UUID(int=0), failed=False)
            return
        del self._holds[name, Why.FAILING]
        self._opened.pop(name, None)
        self._closed.add(name)
        self.trials -= {name}
        if (name, Why.PAUSED) not in self._holds:
            self.held -= {name}
        _log.info("Job %s works again; those that waited go on.", name)
