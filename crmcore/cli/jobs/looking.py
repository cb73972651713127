"""Commands that show jobs, schedules, and what is held back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from crmcore.cli.output import as_json_option, show, show_json
from crmcore.cli.running import with_crm

if TYPE_CHECKING:
    from crmcore.app import Crm
    from crmcore.jobs.known import Job

__all__ = ["dead", "list_", "schedules", "show_one", "status"]

_STATES = ("waiting", "running", "done", "dead", "cancelled")
_limit_option = click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many.")
_name_option = click.option("--name", help="Only jobs of this name, as in tasks.remind.")


@click.command()
@as_json_option
@with_crm
async def status(crm: Crm, as_json: bool) -> None:
    """Show how many jobs of each name there are, and which are held back."""
    from crmcore.jobs.holds import holds
    from crmcore.jobs.states import name_of

    counts: dict[str, dict[str, int]] = {}
    for name, state, count in await crm.database.fetch(
        "select name, state, count(*) from crm_job group by name, state"
    ):
        counted = counts.setdefault(name, dict.fromkeys(_STATES, 0))
        counted[name_of(state)] += count
    held = {one.name: one for one in await holds(crm.database)}
    rows = []
    for name in sorted({*counts, *held}):
        hold = held.get(name)
        known = "" if name in crm.jobs.routines else "no plugin here knows it"
        why = f"{hold.why.value} since {hold.since:%Y-%m-%d %H:%M} UTC: {hold.reason}" if hold else known
        rows.append({"name": name, **counts.get(name, dict.fromkeys(_STATES, 0)), "held": why or None})
    show(rows, as_json, "There are no jobs.")


@click.command("list")
@click.option("--state", type=click.Choice(_STATES), help="Only jobs that stand so.")
@_name_option
@_limit_option
@as_json_option
@with_crm
async def list_(crm: Crm, state: str | None, name: str | None, limit: int, as_json: bool) -> None:
    """List jobs, those first that were put last."""
    await _list(crm, state, name, limit, as_json)


@click.command()
@_name_option
@_limit_option
@as_json_option
@with_crm
async def dead(crm: Crm, name: str | None, limit: int, as_json: bool) -> None:
    """List the jobs that failed for good, with the reason."""
    await _list(crm, "dead", name, limit, as_json)


@click.command("show")
@click.argument("job")
@with_crm
async def show_one(crm: Crm, job: str) -> None:
    """Show everything about a job, as JSON.

    JOB is its id (job_…).
    """
    from crmcore.database import ids
    from crmcore.errors import NotFound
    from crmcore.jobs.known import job_by_id

    found = await job_by_id(crm.database, ids.parse(job, "job"))
    if found is None:
        message = f"There is no job {job}; those that succeeded are gone after a while, after-handlers' at once."
        raise NotFound(message)
    known, stamp = found
    progress = known.progress and {"share": known.progress.share, "text": known.progress.text}
    row = {**_row(known), "error": known.error, "progress": progress, "arguments": known.arguments}
    more = {"lane": known.lane, "priority": known.priority, "requestId": known.request_id}
    event = known.event_id and ids.encode("change", known.event_id)
    show_json({**row, **more, "event": event, "putBy": None if stamp is None else known.put_by})


@click.command()
@as_json_option
@with_crm
async def schedules(crm: Crm, as_json: bool) -> None:
    """List what is done at certain times, and when next."""
    from crmcore.jobs.due import all_due

    known = await all_due(crm.database)
    rows: list[dict[str, Any]] = []
    for key, schedule in sorted(crm.schedules.items()):
        due = known.get(key)
        when = schedule.cron or f"every {schedule.every}"
        zone = (schedule.zone or crm.settings.time_zone) if schedule.cron else None
        last, upcoming = (None, None) if due is None else (due.last_at, due.next_at)
        rows.append(
            {"name": key, "when": when, "zone": zone, "missed": schedule.missed, "last": last, "next": upcoming}
        )
    show(rows, as_json, "There are no schedules.")


async def _list(crm: Crm, state: str | None, name: str | None, limit: int, as_json: bool) -> None:
    from crmcore.jobs.known import JobState, find_jobs, states_of

    states = None if state is None else states_of(JobState[state.upper()])
    found = await find_jobs(crm.database, states=states, name=name, limit=limit)
    show([_row(job) for job in found], as_json, "There are no such jobs.")


def _row(job: Job) -> dict[str, Any]:
    from crmcore.database import ids

    return {
        "id": ids.encode("job", job.id),
        "name": job.name,
        "state": job.state.name.lower(),
        "put": job.created_at,
        "due": job.run_at,
        "ended": job.ended_at,
        "attempts": job.attempts,
        "held": job.held,
        "key": job.key,
        # A traceback ends with what matters.
        "error": job.error and job.error.splitlines()[-1][:200],
    }
