"""Going on, each minute, with what is to be done to sealed columns."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from crmcore import Run, Schedule, job
from crmcore_compliance.sealing.preparing import seals_in
from crmcore_compliance.sealing.standing import Standing, begin, standings
from crmcore_compliance.sealing.sweeping import sweep
from crmcore_compliance.tables.sealing import ComplianceColumnState, ComplianceWork

__all__ = ["JOBS", "begin_due"]

#: Seconds of one job; the next goes on where it ended.
_SLICE: Final = 50.0

_BUILDING: Final = "select field from compliance_index where state = 'BUILDING'"


@job(retries=3, at_once=1)
async def seal_columns(run: Run) -> None:
    """Go on with what is to be done to sealed columns, for a minute at most."""
    if not seals_in(run.crm):
        return
    await begin_due(run)
    for standing in await standings(run.crm.database):
        if standing.work is not None and not standing.paused:

            async def heard(now: Standing) -> None:
                await run.progress(min(1.0, now.done / max(now.total, 1)), f"{now.field}: {now.done} of {now.total}")

            if (await sweep(run.crm, standing.field, seconds=_SLICE, heard=heard)).work is not None:
                return


async def begin_due(run: Run) -> None:
    """Begin with tokens of indexes that a start has added to columns that were sealed before."""
    building = {field for (field,) in await run.crm.database.fetch(_BUILDING)}
    if not building:
        return
    standing = {each.field: each for each in await standings(run.crm.database)}
    for seal in seals_in(run.crm):
        for column, field in seal.fields.items():
            names = {field.field, *(unique.name for unique in seal.uniques if column in unique.columns)}
            now = standing[field.field]
            if building & names and now.work is None and now.state is ComplianceColumnState.SEALED:
                await begin(run.crm.database, field.field, ComplianceWork.INDEX)
                building -= names


JOBS = (seal_columns, Schedule(seal_columns(), every=timedelta(minutes=1), missed="skip"))
