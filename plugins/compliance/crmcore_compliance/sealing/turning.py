"""What is done to one batch of records while a column is sealed, opened for good, sealed anew, or indexed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from crmcore import Database, Row, kinds
from crmcore.entities.sealing import ERASED, Cell, is_sealed
from crmcore_compliance.sealing.entity_seal import EntitySeal
from crmcore_compliance.sealing.keyed import openers, sealers
from crmcore_compliance.sealing.known import known
from crmcore_compliance.sealing.texts import wire_of
from crmcore_compliance.state import compliance_of
from crmcore_compliance.tables.sealing import ComplianceWork

__all__ = ["Batch", "as_given", "turn"]

_SEAL, _UNSEAL, _RESEAL = ComplianceWork.SEAL, ComplianceWork.UNSEAL, ComplianceWork.RESEAL
_HEADER: Final = 5


@dataclass(frozen=True, slots=True)
class Batch:
    """Some records as they are stored.

    Attributes:

        rows: with the columns that decide whom they are about, and their unique keys.
        subjects: whom each is about.
    """

    rows: Sequence[Row]
    subjects: Sequence[UUID | None]


async def turn(database: Database, seal: EntitySeal, column: str, work: ComplianceWork, batch: Batch) -> int:
    """Do what is to be done to a batch, in the transaction that is open; say how many values were written.

    A value that somebody else has written meanwhile is left as it is: theirs is newer, and in the form wanted.
    """
    there = [(row, whose) for row, whose in zip(batch.rows, batch.subjects, strict=True) if row[column] is not None]
    cells = [Cell(column, row["id"], whose, as_given(row[column])) for row, whose in there]
    chosen = [n for n, cell in enumerate(cells) if is_sealed(cell.value) is not (work is _SEAL)]
    if work is _RESEAL:
        chosen = await _old(database, cells, chosen)
    if not chosen:
        return 0
    plain = await _plain(database, seal, [cells[n] for n in chosen], work)
    written = 0
    if work is not ComplianceWork.INDEX:
        texts = await _texts(database, seal, column, plain, work)
        for n, text in zip(chosen, texts, strict=True):
            written += await _swap(database, seal, column, cells[n].id, there[n][0][column], text)
    if work is not _RESEAL:
        values = dict(zip(chosen, plain, strict=True))
        told = [(await _row(database, seal, there[n][0], column, cell), there[n][1]) for n, cell in values.items()]
        kept = [(row, row, whose) for row, whose in told if row[column] is not ERASED]
        await seal.keeping.keep(database, await known(database), kept, anew=True, put=work is not _UNSEAL)
    return written


def as_given(raw: Any) -> Any:
    """Return a value as a driver gives it, a sealed one as the text it is."""
    # A JSON column gives the text of a JSON string.
    return raw[1:-1] if isinstance(raw, str) and raw.startswith('"crm1:') else raw


async def _old(database: Database, cells: Sequence[Cell], chosen: Sequence[int]) -> list[int]:
    erased = await _erased(database, [cells[n] for n in chosen])
    living = [n for n in chosen if cells[n].id not in erased]
    current = await sealers(database, [cells[n].subject for n in living], counted=False)
    return [n for n in living if wire_of(cells[n].value)[:_HEADER] != current[cells[n].subject].header]


async def _erased(database: Database, cells: Sequence[Cell]) -> set[UUID]:
    wires = [wire_of(cell.value) for cell in cells]
    keys = await openers(compliance_of(database).keyring, wires)
    return {cell.id for cell, wire in zip(cells, wires, strict=True) if keys.get(wire[:_HEADER], ...) is None}


async def _plain(database: Database, seal: EntitySeal, cells: Sequence[Cell], work: ComplianceWork) -> list[Cell]:
    if work is _SEAL:
        kind = seal.entity.facts[cells[0].column].kind
        # Drivers give JSON as its text.
        decode = json.loads if kind is kinds.JSON else lambda raw: seal.plain(cells[0].column, raw)
        return [cell._replace(value=decode(cell.value)) for cell in cells]
    values = await seal.open(database, cells)
    return [cell._replace(value=value) for cell, value in zip(cells, values, strict=True)]


async def _texts(
    database: Database, seal: EntitySeal, column: str, cells: Sequence[Cell], work: ComplianceWork
) -> list[str | None]:
    said = seal.entity.facts[column]
    if work is _UNSEAL:
        # Of what was erased a text stays that says so, or nothing.
        gone = None if said.null and said.kind is not kinds.TEXT else ERASED.value
        text = seal.text_of(column)
        return [gone if cell.value is ERASED else text(cell.value) for cell in cells]
    texts = await seal.sealed(database, cells)
    return [json.dumps(text) for text in texts] if said.kind is kinds.JSON else list(texts)


async def _swap(database: Database, seal: EntitySeal, column: str, id: UUID, old: Any, new: str | None) -> int:
    json_there = seal.entity.facts[column].kind is kinds.JSON and database.dialect == "postgresql"
    same = f"{column}::text = $3" if json_there else f"{column} = $3"
    sql = f"update {seal.entity.tablename} set {column} = $2 where id = $1 and {same}"
    return await database.execute(sql, id, new, old)


async def _row(database: Database, seal: EntitySeal, row: Row, column: str, cell: Cell) -> Row:
    """Return a row with open values, as far as look-ups need them: the column's own, and those of its unique keys."""
    others = [c for c in seal.fields if c != column and is_sealed(row.get(c))]
    known_values: Mapping[str, Any] = {column: cell.value}
    if others:
        opened = await seal.open(database, [Cell(c, cell.id, cell.subject, row[c]) for c in others])
        known_values = {column: cell.value, **dict(zip(others, opened, strict=True))}
    return {**row, **known_values}
