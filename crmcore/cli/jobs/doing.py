"""Commands that do something to jobs: run, cancel, retry, replay, pause."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from crmcore.cli.running import operator, with_crm

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from crmcore.app import Crm
    from crmcore.entities.work import Work

__all__ = ["cancel", "pause", "replay", "resume", "retry", "run"]


@click.command()
@with_crm
async def run(crm: Crm) -> None:
    """Do what is due now, here, and end.

    For a machine without a server or worker: crm worker goes on and on.
    """
    done = await crm.jobs.run_due()
    click.echo(f"{done} job{'' if done == 1 else 's'} run.")


@click.command()
@click.argument("jobs", nargs=-1, required=True, metavar="JOB...")
@with_crm
async def cancel(crm: Crm, jobs: tuple[str, ...]) -> None:
    """Cancel jobs.

    JOB is an id (job_…). One that waits ends now, one that runs within seconds.
    """
    from crmcore.jobs.actions import cancel_job

    for job in jobs:
        await crm.run(operator(), _calling(cancel_job, job))
        click.echo(f"{job} is cancelled.")


@click.command()
@click.argument("jobs", nargs=-1, metavar="[JOB]...")
@click.option("--dead", "name", metavar="NAME", help="All dead jobs of this name, as in tasks.remind.")
@with_crm
async def retry(crm: Crm, jobs: tuple[str, ...], name: str | None) -> None:
    """Have jobs done again that have ended.

    JOB is an id (job_…).
    """
    from crmcore.database import ids
    from crmcore.errors import Refusal
    from crmcore.jobs.actions import retry_job
    from crmcore.jobs.known import JobState, find_jobs, states_of

    if not jobs and name is None:
        message = "Say which: ids of jobs, or --dead NAME for all dead ones of a name."
        raise click.UsageError(message)
    for job in jobs:
        await crm.run(operator(), _calling(retry_job, job))
        click.echo(f"{job} waits to be done again.")
    again, before, dead = 0, None, states_of(JobState.DEAD)
    while name is not None and (found := await find_jobs(crm.database, states=dead, name=name, before=before)):
        before = found[-1].id
        for one in found:
            try:
                await crm.run(operator(), _calling(retry_job, ids.encode("job", one.id)))
                again += 1
            except Refusal as refusal:  # another one with its key waits: the others are to go on
                click.echo(f"{ids.encode('job', one.id)}: {refusal.message}", err=True)
    if name is not None:
        click.echo(f"{again} job{'' if again == 1 else 's'} of {name} wait to be done again.")


@click.command()
@click.argument("handler")
@click.option("--since", required=True, metavar="INSTANT", help="Events from then on, as in 2026-05-01T00:00:00Z.")
@click.option("--until", metavar="INSTANT", help="And before then; now if left out.")
@with_crm
async def replay(crm: Crm, handler: str, since: str, until: str | None) -> None:
    """Tell an after-handler again of what happened in a stretch of time.

    HANDLER is its name, as in tasks.greet. It knows by the event's id what it has seen.
    """
    from crmcore.database import ids
    from crmcore.jobs.actions import replay_events

    times = _instant("--since", since), None if until is None else _instant("--until", until)

    async def unit(work: Work) -> Any:
        return await replay_events(work, handler, *times)

    put = await crm.run(operator(), unit)
    click.echo(f"{ids.encode('job', put.id)} will do it; crm jobs show tells how far it is.")


@click.command()
@click.argument("name")
@with_crm
async def pause(crm: Crm, name: str) -> None:
    """Start no more jobs of a name, until crm jobs resume.

    NAME is that of a job or of an after-handler, as in tasks.remind. Workers hear of it within seconds; what runs goes on,
    and nothing that is put meanwhile is lost.
    """
    from crmcore import clock
    from crmcore.errors import NotFound
    from crmcore.jobs.holds import Hold, Why, hold
    from crmcore.settings.reader import closest

    if name not in crm.jobs.routines:
        message = f"There is no job {name}; {closest(name, list(crm.jobs.routines))}"
        raise NotFound(message)
    now = clock.now()
    new = await hold(crm.database, Hold(name, Why.PAUSED, now, None, 0, operator().label))
    click.echo(f"{name} is paused." if new else f"{name} was paused already.")


@click.command()
@click.argument("name")
@with_crm
async def resume(crm: Crm, name: str) -> None:
    """Start jobs of a name again: those that were paused, and those that waited since they failed and failed."""
    from crmcore.errors import NotFound
    from crmcore.jobs.holds import Why, close

    ended = [await close(crm.database, name, why) for why in Why]
    if not any(ended):
        message = f"{name} is not held back; crm jobs status shows what is."
        raise NotFound(message)
    click.echo(f"{name} goes on.")


def _calling(action: Callable[..., Awaitable[Any]], job: str) -> Callable[[Work], Awaitable[Any]]:
    return lambda work: action(work, job)


def _instant(option: str, text: str) -> datetime:
    from crmcore.database import instants

    try:
        return instants.parse(text)
    except ValueError as error:
        message = f"{option} cannot be {text!r}: {error}; write for example 2026-05-01T00:00:00Z."
        raise click.UsageError(message) from None
