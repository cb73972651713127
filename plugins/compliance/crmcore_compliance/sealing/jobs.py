"""Going on, each minute, with what is to be done to sealed columns."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from crmcore import Run, Schedule, job
from crmcore_compliance.sealing.preparing import seals_in
from crmcore_compliance.sealing.retiring import retire_former_keys
from crmcore_compliance.sealing.standing import Standing, begin, standings
from crmcore_compliance.sealing.sweeping import sweep
from crmcore_compliance.settings import ComplianceSettings
from crmcore_compliance.tables.sealing import ComplianceColumnState, ComplianceWork

__all__ = ["JOBS", "begin_due", "retire_keys"]

_logger = logging.getLogger("crmcore.compliance.keys")

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
                await run.progress(min(1.0, now.done / max(now.total, 1)), f"{now.shown}: {now.done} of {now.total}")

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


@job(at_once=1, timeout=3600)
async def retire_keys(run: Run) -> None:
    """Destroy former keys that seal nothing any more, after the days that the settings give them."""
    days = run.crm.settings[ComplianceSettings].former_keys_days
    if destroyed := (await retire_former_keys(run.crm, timedelta(days=days))).destroyed:
        _logger.warning("%s former keys that sealed nothing any more were destroyed.", destroyed)


JOBS = (
    seal_columns,
    retire_keys,
    Schedule(seal_columns(), every=timedelta(minutes=1), missed="skip"),
    Schedule(retire_keys(), cron="53 3 * * *"),
)
