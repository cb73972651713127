"""Going through all records of an entity, and then through its past, for one column: in batches, each of them final."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from time import monotonic
from typing import Final
from uuid import UUID

from crmcore import Crm, UniqueViolation, clock, subjects
from crmcore.search import keeping
from crmcore_compliance.sealing.entity_seal import EntitySeal
from crmcore_compliance.sealing.known import FRESH
from crmcore_compliance.sealing.looking import has_values
from crmcore_compliance.sealing.past import turn_past
from crmcore_compliance.sealing.preparing import seals_in
from crmcore_compliance.sealing.replacing import replace_indexes
from crmcore_compliance.sealing.standing import Standing, note, standing_of
from crmcore_compliance.sealing.turning import Batch, turn
from crmcore_compliance.state import compliance_of
from crmcore_compliance.tables.sealing import ComplianceColumnState, ComplianceWork

__all__ = ["BATCH", "SETTLE", "sweep"]

#: Records, or events, of one transaction.
BATCH: Final = 250
#: Seconds after which every process goes by what was noted.
SETTLE = 2 * FRESH

_STATE, _WORK = ComplianceColumnState, ComplianceWork


async def sweep(
    crm: Crm, field: str, *, seconds: float | None = None, heard: Callable[[Standing], Awaitable[None]] | None = None
) -> Standing:
    """Do what is to be done to a column, from where it stands.

    Args:

        crm: whose.
        field: the column, as `standing_of` takes it.
        seconds: for so long; None is to the end.
        heard: is told how it stands after each batch.

    Returns:

        How it stands; `work` is None once all is done.
    """
    standing = await standing_of(crm.database, field)
    seal = next(seal for seal in seals_in(crm) if any(f.field == standing.field for f in seal.fields.values()))
    rate = compliance_of(crm).settings.sealing_rate
    until = None if seconds is None else monotonic() + seconds
    if standing.work is not None and standing.reached is None and not standing.in_feed:
        await _settle(crm)
        total = int(await crm.database.fetch_value(f"select count(*) from {seal.entity.tablename}"))
        standing = replace(standing, total=total)
    while standing.work is not None and not standing.paused and (until is None or monotonic() < until):
        began, done = monotonic(), standing.done
        standing = await _step(crm, seal, standing)
        if heard is not None:
            await heard(standing)
        # What waits for the database, or for this processor, goes first.
        await asyncio.sleep(max(0.0, (standing.done - done) / rate - (monotonic() - began)) if rate else 0.0)
    return standing


async def _step(crm: Crm, seal: EntitySeal, standing: Standing) -> Standing:
    database = crm.database
    if standing.work is _WORK.INDEX and standing.in_feed:
        await replace_indexes(crm, seal, standing.column, lambda: _settle(crm))
        return await note(database, _ended(standing))

    async def unit() -> Standing:
        async with database.transaction():
            # Somebody may have paused it, or turned it back, since.
            now = replace(await standing_of(database, standing.field), total=standing.total)
            if now.work is not standing.work or now.paused:
                return now
            return await note(database, await (_past if now.in_feed else _records)(crm, seal, now))

    try:
        after = await database.retrying(unit)
    except UniqueViolation as taken:
        problem = f"Two live records have the same {', '.join(taken.columns)}; make them differ, then go on."
        return await note(database, replace(standing, paused=True, problem=problem))
    if after.state is not standing.state:
        await _settle(crm)
    if after.work is None and standing.work is _WORK.SEAL:
        # An index and a log keep what was only marked as deleted.
        await subjects.scour(database)
    return after


async def _settle(crm: Crm) -> None:
    await asyncio.sleep(SETTLE)
    compliance_of(crm).knowing.forget()


async def _records(crm: Crm, seal: EntitySeal, now: Standing) -> Standing:
    assert now.work is not None
    rows = await _read(crm, seal, now)
    batch = Batch(rows, await seal.subjects(crm.database, rows))
    await turn(crm.database, seal, now.column, now.work, batch)
    if now.work is _WORK.SEAL and now.column in seal.entity.searched:
        # What the index of search was told while the column was plain, it forgets.
        await keeping.written(crm.database, crm.entities, seal.entity, rows)
    now = replace(now, done=now.done + len(rows), reached=str(rows[-1]["id"]) if rows else now.reached)
    if len(rows) == BATCH:
        return now
    if now.work is _WORK.SEAL and await has_values(crm.database, seal.entity, now.column, sealed=False):
        return replace(now, reached=None)
    if now.work is _WORK.UNSEAL and now.state is _STATE.UNSEALING:
        # From now on plain values are written; what was sealed until all know is opened by another round.
        return replace(now, state=_STATE.PLAIN, reached=None)
    if now.work is _WORK.UNSEAL and await has_values(crm.database, seal.entity, now.column, sealed=True):
        return replace(now, reached=None)
    return replace(now, state=_STATE.SEALED if now.work is _WORK.SEAL else now.state, reached=None, in_feed=True)


async def _past(crm: Crm, seal: EntitySeal, now: Standing) -> Standing:
    assert now.work is not None
    reached = await turn_past(crm.database, seal, now.column, now.work, now.reached, BATCH)
    return _ended(now) if reached is None else replace(now, reached=reached)


def _ended(now: Standing) -> Standing:
    return replace(now, work=None, reached=None, in_feed=False, ended_at=clock.now())


async def _read(crm: Crm, seal: EntitySeal, now: Standing) -> list[dict[str, object]]:
    beside = {c for unique in seal.uniques if now.column in unique.columns for c in unique.decided_by}
    if seal.entity.found_as is not None:
        beside.add(seal.entity.found_as)
    columns = ", ".join(f"t.{c}" for c in ("id", *sorted({now.column, *seal.subject_columns, *beside} - {"id"})))
    where = "" if now.reached is None else "where t.id > $1"
    sql = f"select {columns} from {seal.entity.tablename} t {where} order by t.id limit {BATCH}"
    return await crm.database.fetch_dicts(sql, *(() if now.reached is None else (UUID(now.reached),)))
