"""The same for what the change feed keeps of a column: the past of records, which was told before it was sealed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from crmcore import Database
from crmcore.database.arrays import members
from crmcore.entities.sealing import ERASED, Cell, is_sealed
from crmcore.events.cursor import Cursor
from crmcore.events.rewriting import Past, rewrite
from crmcore_compliance.audit import retold
from crmcore_compliance.sealing.entity_seal import EntitySeal
from crmcore_compliance.sealing.keyed import openers
from crmcore_compliance.sealing.texts import wire_of
from crmcore_compliance.state import compliance_of
from crmcore_compliance.tables.sealing import ComplianceWork

__all__ = ["turn_past"]

_HEADER: Final = 5


async def turn_past(
    database: Database, seal: EntitySeal, column: str, work: ComplianceWork, reached: str | None, limit: int
) -> str | None:
    """Do to some events what was done to the records, in the transaction that is open; say where to go on, None at the end.

    Args:

        database: where.
        seal: of the entity.
        column: which.
        work: what is to be done.
        reached: where the last call ended.
        limit: how many events at most.
    """
    after = None if reached is None else Cursor(*map(int, reached.split(".")))

    async def make(told: Sequence[Past]) -> Sequence[Any]:
        values = [past.value for past in told]
        if work is ComplianceWork.SEAL:
            places = [n for n, value in enumerate(values) if not is_sealed(value)]
            subjects = await _subjects(database, seal, [told[n] for n in places])
            cells = [
                Cell(column, told[n].record_id, whose, values[n]) for n, whose in zip(places, subjects, strict=True)
            ]
            made: Sequence[Any] = await seal.sealed(database, cells) if cells else ()
        else:
            places = [n for n, value in enumerate(values) if is_sealed(value)]
            made = await _opened(
                database, seal, [Cell(column, told[n].record_id, None, values[n]) for n in places], work
            )
        for n, value in zip(places, made, strict=True):
            values[n] = value
        return values

    until = await rewrite(database, seal.entity, [column], make, after=after, limit=limit)
    await retold(database, seal.entity.name, after=after, until=until)
    return None if until is None else f"{until.era}.{until.transaction}.{until.position}"


async def _subjects(database: Database, seal: EntitySeal, told: Sequence[Past]) -> list[UUID | None]:
    """Return whom events are about: what they tell of it themselves, else what their records say now."""
    whole = [past for past in told if past.row.keys() >= set(seal.subject_columns)]
    said = dict(zip(map(id, whole), await seal.subjects(database, [past.row for past in whole]), strict=True))
    among = members(database.dialect, "$1", "uuid")
    subject = seal.subject_sql("t", database.dialect)
    sql = f"select t.id, {subject} from {seal.entity.tablename} t where t.id in ({among})"
    rest = list({past.record_id for past in told if id(past) not in said})
    now = dict(await database.fetch(sql, rest)) if rest else {}
    found = (said[id(past)] if id(past) in said else now.get(past.record_id) for past in told)
    return [UUID(whose) if isinstance(whose, str) else whose for whose in found]


async def _opened(database: Database, seal: EntitySeal, cells: Sequence[Cell], work: ComplianceWork) -> list[Any]:
    if not cells:
        return []
    values = await seal.open(database, cells, past=True)
    if work is ComplianceWork.UNSEAL:
        erased = seal.columns[cells[0].column].erased
        return [erased if value is ERASED else value for value in values]
    keys = await openers(compliance_of(database).keyring, [wire_of(cell.value) for cell in cells])
    made: list[Any] = [cell.value for cell in cells]
    living = [n for n, value in enumerate(values) if value is not ERASED]
    whose = [keys[wire_of(cells[n].value)[:_HEADER]] for n in living]
    anew = [
        cells[n]._replace(subject=key[2] if key else None, value=values[n])
        for n, key in zip(living, whose, strict=True)
    ]
    for n, text in zip(living, await seal.sealed(database, anew) if anew else (), strict=True):
        made[n] = text
    return made
