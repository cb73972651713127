"""What `crm doctor` finds of what goes on behind the API: jobs, schedules, the change feed, webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from crmcore import clock
from crmcore.cli.health.finding import Finding, fine, warning
from crmcore.events.standing import feed_standing
from crmcore.jobs.due import all_due
from crmcore.jobs.holds import Why, holds
from crmcore.jobs.standing import Standing, standing
from crmcore.jobs.states import State

if TYPE_CHECKING:
    from crmcore.app import Crm
    from crmcore.database import Database

__all__ = ["examine_background"]

#: Seconds for which nobody need do what could be done, a server restarting for example.
_PATIENCE = 60.0
#: How many names a message has.
_MOST = 5

_SILENT = """
    select url, disabled_reason from crm_webhook_endpoint
    where deleted_at is null and (disabled_reason is not null or failing_since < $1) order by id
"""


async def examine_background(crm: Crm) -> list[Finding]:
    """Look at a database whose migrations are applied."""
    jobs = await _jobs(crm.database)
    return [*jobs, *await _schedules(crm.database), await _feed(crm.database), await _webhooks(crm.database)]


async def _jobs(database: Database) -> list[Finding]:
    now = await standing(database)
    found = []
    if now.waits > _PATIENCE and not now.workers:
        count = sum(due.count for due in now.due.values())
        found.append(
            f"{count} wait since {_ago(now.waits)} and no process does jobs; start crm worker, or crm serve with jobs.in_process on."
        )
    if now.dead:
        found.append(f"Dead are {_named(now.dead)}; crm jobs dead says why, and crm jobs retry tries them again.")
    held_back = await holds(database)
    unknown = {name: count for name, count in now.aside.items() if name not in {held.name for held in held_back}}
    if unknown:
        found.append(
            f"No plugin here does {_named(unknown)}; install and enable theirs, or cancel them with crm jobs cancel."
        )
    for held in held_back:
        if held.why is Why.FAILING:
            found.append(
                f"{held.name} has failed again and again since {held.since:%Y-%m-%d %H:%M} UTC ({held.reason}), so its jobs "
                f"wait and one is tried now and then; once it is mended, crm jobs resume {held.name} lets all go on."
            )
        else:
            found.append(f"{held.name} is paused ({held.reason}); crm jobs resume {held.name} lets its jobs go on.")
    return [warning("jobs", sentence) for sentence in found] or [fine("jobs", _summary(now))]


def _summary(now: Standing) -> str:
    waiting = sum(now.states[state] for state in (State.LATER, State.READY, State.PARKED))
    return f"{waiting} wait, {now.states[State.RUNNING]} run; processes that do jobs: {now.workers}."


async def _schedules(database: Database) -> list[Finding]:
    late = clock.now() - timedelta(seconds=_PATIENCE)
    overdue = [due.name for due in (await all_due(database)).values() if due.next_at is not None and due.next_at < late]
    if overdue:
        names = ", ".join(overdue[:_MOST])
        return [warning("schedules", f"Overdue: {names}. They run as soon as a process does jobs.")]
    return []


async def _feed(database: Database) -> Finding:
    now = await feed_standing(database)
    if now.unsettled > _PATIENCE:
        message = (
            f"All readers of the change feed have waited for {_ago(now.unsettled)} for a transaction that has not ended; "
            "find it in pg_stat_activity (backend_xid is not null, oldest xact_start), end it, and set "
            "idle_in_transaction_session_timeout for whoever opened it."
        )
        return warning("feed", message)
    if now.oldest is None:
        return fine("feed", "The change feed is empty.")
    return fine("feed", f"The change feed keeps about {now.events} events, since {now.oldest:%Y-%m-%d}.")


async def _webhooks(database: Database) -> Finding:
    rows = await database.fetch(_SILENT, clock.now() - timedelta(hours=1))
    if rows:
        shown = "; ".join(f"{url} ({reason or 'nothing but failures for an hour'})" for url, reason in rows[:_MOST])
        return warning("webhooks", f"Not told of what happens: {shown}. crm webhooks deliveries says why.")
    return fine("webhooks", "Every endpoint that is on takes its messages.")


def _named(counts: Mapping[str, int]) -> str:
    names = [f"{count} × {name}" for name, count in sorted(counts.items(), key=lambda one: -one[1])]
    return ", ".join(names[:_MOST]) + (" …" if len(names) > _MOST else "")


def _ago(seconds: float) -> str:
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return f"{int(seconds)} seconds"
