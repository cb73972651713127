"""One attempt at a job: what is called, within which time, and what its failure means."""

from __future__ import annotations

import asyncio
import logging
import random
import traceback
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import TYPE_CHECKING

from crmcore import clock, tracing
from crmcore.database.failures import Busy, Contention, StatementTimeout
from crmcore.errors import Unavailable
from crmcore.jobs.claimed import Claimed
from crmcore.jobs.moment import micros
from crmcore.jobs.outcome import Dead, Ended, Lost, Outcome, Retry
from crmcore.jobs.routines import Routine
from crmcore.jobs.run import Run

if TYPE_CHECKING:
    from crmcore.app import Crm
    from crmcore.events import Event

__all__ = ["attempt", "pause"]

logger = logging.getLogger("crmcore.jobs")

#: Seconds: the pause before the last of many attempts, and before the first repetition.
_LONGEST, _FIRST = 3600.0, 1.0


async def attempt(crm: Crm, routine: Routine, job: Claimed, event: Event | None) -> Ended:
    """Try a job once and say how it ended; whatever it raises is part of that.

    Args:

        crm: the CRM.
        routine: what the job's name leads to.
        job: it was claimed.
        event: what an after-handler is told of.
    """
    if job.attempts > routine.retries + 1:
        return _dead(job, f"It was begun {routine.retries + 1} times, and each time its process ended before it did.")
    if job.event_id is not None and event is None:
        return _dead(job, f"The event {job.event_id} is not in the change feed any more.")
    try:
        await _wait(job)
        run = Run(crm, job, routine.decode(job.arguments), event, keep=routine.keep)
        with _span(job):
            async with asyncio.timeout(routine.timeout) as limit:
                await routine.call(run)
    except Lost as lost:
        logger.warning("%s", lost)
        return Ended(job, Outcome.LOST)
    except Dead as dead:
        return _dead(job, str(dead) or "The job said that trying again is useless.")
    except Retry as later:
        return _failed(routine, job, str(later), later.seconds)
    except TimeoutError as error:
        limited = f"It took longer than {routine.timeout:g} s and was ended; give it more time or less to do."
        why = limited if limit.expired() else _told(error)
        return _failed(routine, job, why, pause(job.attempts))._replace(raised=True)
    except (Contention, StatementTimeout, Busy) as error:
        return _failed(routine, job, _told(error), pause(job.attempts))._replace(raised=True)
    except Unavailable as error:
        # The database is away, for everybody: no fault of this job, which must not die of it.
        logger.warning("The job %s %s is put off: %s", job.name, job.id, error)
        return Ended(job, Outcome.PUT_OFF, str(error), micros(clock.now() + timedelta(seconds=pause(1))))
    except Exception as error:  # whatever a job raises is its failure and nobody else's; it is kept with the job
        logger.warning("The job %s %s failed (attempt %d).", job.name, job.id, job.attempts, exc_info=True)
        return _failed(routine, job, _told(error), pause(job.attempts))._replace(raised=True)
    return Ended(job, Outcome.FINISHED if run.finished else Outcome.DONE, keep=routine.keep)


def pause(attempts: int) -> float:
    """Return the seconds until the next attempt: twice as many each time, a quarter more or less, an hour at most."""
    return float(min(_LONGEST, _FIRST * 2 ** min(attempts - 1, 20)) * random.uniform(0.75, 1.25))  # noqa: S311 - no secret


def _span(job: Claimed) -> AbstractContextManager[None]:
    told: tracing.Attributes = {
        "crm.job.id": str(job.id),
        "crm.job.attempt": job.attempts,
        "crm.request_id": job.request_id or "",
    }
    return tracing.span(f"job {job.name}", told, kind="consumer", parent=job.trace)


async def _wait(job: Claimed) -> None:
    if job.start_at is not None and (early := job.start_at - micros(clock.now())) > 0:
        await asyncio.sleep(early / 1_000_000)


def _failed(routine: Routine, job: Claimed, why: str, seconds: float) -> Ended:
    if job.attempts > routine.retries:
        return _dead(job, why)
    return Ended(job, Outcome.FAILED, why, micros(clock.now() + timedelta(seconds=seconds)))


def _dead(job: Claimed, why: str) -> Ended:
    logger.error("The job %s %s is dead after %d attempts: %s", job.name, job.id, job.attempts, why.splitlines()[-1])
    return Ended(job, Outcome.DEAD, why)


def _told(error: BaseException) -> str:
    """Return a failure for people: the end of the traceback, with the message last."""
    return "".join(traceback.format_exception(error)[-12:])[-3500:].rstrip()
