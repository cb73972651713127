"""Records that find whom they are about through another one: when that one changes hands, they are sealed anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from crmcore import Database, Row
from crmcore.database.arrays import members
from crmcore.entities.sealing import ERASED, Cell, is_sealed

if TYPE_CHECKING:
    from crmcore_compliance.sealing.entity_seal import EntitySeal

__all__ = ["Dependant", "reseal_dependants"]


@dataclass(frozen=True, slots=True)
class Dependant:
    """An entity whose records lead to the records of another one.

    Attributes:

        seal: what seals it.
        way: SQL for the id of that other record, of the row `t`.
    """

    seal: EntitySeal
    way: str


async def reseal_dependants(
    database: Database, seal: EntitySeal, changes: Sequence[tuple[Row | None, Row | None]]
) -> None:
    """Seal what depends on some records for whom these are about by now, in the transaction that changed them."""
    moved = [
        after["id"]
        for before, after in changes
        if before is not None
        and after is not None
        and any(before.get(column) != after.get(column, before.get(column)) for column in seal.subject_columns)
    ]
    if moved:
        for dependant in seal.dependants:
            await _reseal(database, dependant, moved)


async def _reseal(database: Database, dependant: Dependant, moved: Sequence[UUID]) -> None:
    seal = dependant.seal
    table, columns = seal.entity.tablename, list(seal.columns)
    among = members(database.dialect, "$1", "uuid")
    subject = seal.subject_sql("t", database.dialect)
    rows = await database.fetch(
        f"select t.id, {subject}, {', '.join(f't.{c}' for c in columns)} from {table} t where {dependant.way} in ({among})",
        list(moved),
    )
    cells = [
        Cell(column, id, whose if whose is None or isinstance(whose, UUID) else UUID(whose), value)
        for id, whose, *values in rows
        for column, value in zip(columns, values, strict=True)
        if is_sealed(value)
    ]
    # Whom they were about until now, their keys say.
    opened = await seal.open(database, cells, past=True) if cells else ()
    anew = [cell._replace(value=value) for cell, value in zip(cells, opened, strict=True) if value is not ERASED]
    for cell, text in zip(anew, await seal.sealed(database, anew) if anew else (), strict=True):
        await database.execute(f"update {table} set {cell.column} = $2 where id = $1", cell.id, text)
    for table_of_tokens in ("compliance_token", "compliance_unique"):
        for id, whose in {cell.id: cell.subject for cell in anew}.items():
            await database.execute(f"update {table_of_tokens} set subject_id = $2 where record_id = $1", id, whose)
