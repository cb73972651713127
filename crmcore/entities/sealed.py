"""Rows on their way into sealed columns, and how they are found there; called only for entities that have a seal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from crmcore.database.arrays import members
from crmcore.entities.entity import Entity, camel
from crmcore.entities.sealing import MARK, is_sealed, open_rows, sealed_rows
from crmcore.errors import Invalid

if TYPE_CHECKING:
    from crmcore.database import Database
    from crmcore.entities.sealing import Seal
    from crmcore.entities.store import Row

__all__ = ["among", "found", "heard", "opened", "seal_of", "tell", "to_write"]

#: A row as it was, None if it is new; and the columns that are written.
Changed = tuple["Row | None", Mapping[str, Any]]


def seal_of(entity: Entity) -> Seal:
    """Return what seals an entity of which that is known."""
    assert entity.seal is not None
    return entity.seal


async def to_write(database: Database, entity: Entity, changes: Sequence[Changed]) -> list[Row]:
    """Return what is to be written, sealed; where a row comes to be about another person, with all its sealed columns."""
    seal = seal_of(entity)
    if not entity.sealed:
        return [dict(values) for _, values in changes]
    wholes: list[Row] = []
    for before, values in changes:
        row = {**(before or {}), **values}
        told = entity.sealed if before is not None and _moves(seal, before, row) else entity.sealed & values.keys()
        for column in told:
            _refuse_sealed(column, row.get(column))
        needed = {c: row.get(c) for c in ("id", *seal.subject_columns)}
        wholes.append({**needed, **{c: row[c] for c in told if c in row}})
    sealed = await sealed_rows(database, seal, wholes)
    return [
        {**values, **{c: row[c] for c in entity.sealed & row.keys()}}
        for (_, values), row in zip(changes, sealed, strict=True)
    ]


def _refuse_sealed(column: str, value: Any) -> None:
    # What a client says is sealed must never be stored as if we had sealed it.
    if is_sealed(value):
        message = f"{camel(column)} begins as sealed values do ({MARK}); write it otherwise."
        raise Invalid.at(camel(column), "MALFORMED", message)


def _moves(seal: Seal, before: Row, after: Row) -> bool:
    return any(before[column] != after[column] for column in seal.subject_columns)


async def opened(database: Database, entity: Entity, rows: list[Row]) -> list[Row]:
    """Return rows as they are stored with their sealed columns opened, for the server itself."""
    if entity.sealed and rows:
        await open_rows(database, seal_of(entity), rows)
    return rows


async def tell(database: Database, entity: Entity, changes: Sequence[tuple[Row | None, Row | None]]) -> None:
    """Tell the seal of rows that were written, whole and open, as far as it may concern what it keeps of them.

    Raises:

        UniqueViolation: a unique index that has a sealed column would be violated.
    """
    concerned = [
        (before, after)
        for before, after in changes
        if before is None or after is None or any(before[c] != after[c] for c in heard(entity))
    ]
    if concerned:
        await seal_of(entity).changed(database, concerned)


@lru_cache(1024)
def heard(entity: Entity) -> frozenset[str]:
    """Return the columns whose change the seal is told of."""
    told = {*entity.sealed, *seal_of(entity).subject_columns, "deleted_at"}
    for index in getattr(entity.table, "__indexes__", ()):
        if index.unique and not entity.sealed.isdisjoint(index.columns):
            told |= set(index.columns)
    return frozenset(told & entity.columns.keys())


async def found(database: Database, entity: Entity, column: str, values: Sequence[Any]) -> list[UUID]:
    """Return the records that hold one of some values, none null, in a sealed column.

    Raises:

        Invalid: nothing is kept by which they could be found.
    """
    seal = seal_of(entity)
    if not seal.columns[column].equality:
        message = f"{entity.type_name} cannot be looked up by {camel(column)}, which is sealed without equality; let the seal keep it."
        raise Invalid.at(camel(column), "SEALED", message)
    return await seal.find(database, column, values)


def among(database: Database, place: int) -> str:
    """Return the condition that a row `t` is one of those whose ids are bound at a place."""
    return f"t.id in ({members(database.dialect, f'${place}', 'uuid')})"
