"""Sellers' histories show every week how often their property was looked at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from crmcore import Run, Schedule, Work, actions, clock, ids, job

from crmcore_estates.tables import EstateStatus, EstateViewingStatus

__all__ = ["WEEKLY", "end_of_week", "report"]

#: Written unless the week's report is there already, which makes a second attempt harmless.
_NOTE = "insert into estate_report (id, estate_id, week) values ($1, $2, $3) on conflict do nothing returning id"


@job(retries=5, at_once=1)
async def report(run: Run) -> None:
    """Report to the sellers of all properties on offer how often these were looked at in the week that has ended."""
    until = end_of_week(clock.now())
    offered = await run.work(lambda work: work.find("estate", status=EstateStatus.OFFERED.name))
    for estate in offered:
        await run.work(lambda work, estate=estate: _report(work, estate, until))  # type: ignore[misc]


#: Monday morning.
WEEKLY = Schedule(report(), cron="0 7 * * MON")


def end_of_week(moment: datetime) -> datetime:
    """Return when the last whole week ended: the first instant of the Monday before, UTC."""
    midnight = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=midnight.weekday())


async def _report(work: Work, estate: dict[str, Any], until: datetime) -> None:
    year, number, _ = (until - timedelta(days=1)).isocalendar()
    week = f"{year}-W{number:02}"
    if not await work.rows(_NOTE, ids.new(), estate["id"], week):
        return
    held = await work.find("estate_viewing", estate_id=estate["id"], status=EstateViewingStatus.HELD.name)
    count = sum(until - timedelta(days=7) <= viewing["starts_at"] < until for viewing in held)
    values: dict[str, Any] = {"kind": "ESTATE_REPORT", "subject": f"{week}: {count} viewings of {estate['title']}"}
    values |= {"customer_id": estate["seller_id"], "direction": "OUTBOUND", "status": "COMPLETED", "occurred_at": until}
    await actions.create(work, "interaction", values)
