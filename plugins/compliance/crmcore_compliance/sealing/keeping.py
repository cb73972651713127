"""Keeping blind tokens in step with the values: what a change of rows means for them, written in its transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from crmcore import Database, Row, UniqueViolation, ids
from crmcore_compliance.sealing.canonical import Canonical
from crmcore_compliance.sealing.declared import SealedField
from crmcore_compliance.sealing.known import Known
from crmcore_compliance.sealing.unique import UniqueKey
from crmcore_compliance.tables.sealing import ComplianceColumnState

__all__ = ["Keeping", "forget"]

_STATE: Final = ComplianceColumnState
#: While tokens are kept.
_KEPT: Final = frozenset({_STATE.SEALING, _STATE.SEALED, _STATE.UNSEALING})

_DROP: Final = "delete from {table} where record_id = $1 and number = $2"
_DROP_ALL: Final = "delete from {table} where record_id = $1"
_MOVE: Final = "update {table} set subject_id = $2 where record_id = $1"
_PUT: Final = "insert into {table} (id, number, token, record_id, subject_id) values ($1, $2, $3, $4, $5)"
_TABLES: Final = ("compliance_token", "compliance_unique")

#: A change of one row: before and after, None for none, and whom it is about now.
Told = tuple[Row | None, Row | None, UUID | None]


class Keeping:
    """Keeps the tokens of one entity.

    Args:

        fields: its sealed fields.
        uniques: its unique keys with sealed columns.
        kinds: how values of its sealed columns become texts.
        owners: columns that decide whom a row is about.
    """

    def __init__(
        self,
        fields: Sequence[SealedField],
        uniques: Sequence[UniqueKey],
        kinds: Mapping[str, Canonical],
        owners: Sequence[str],
    ) -> None:
        self._fields, self._uniques, self._kinds, self._owners = fields, uniques, kinds, owners
        self._searched = [field for field in fields if field.normaliser is not None]
        self._field_of = {field.column: field.field for field in fields}

    async def keep(
        self, database: Database, now: Known, told: Sequence[Told], *, anew: bool = False, put: bool = True
    ) -> None:
        """Write what follows from changes.

        Args:

            database: in the transaction that changes the rows.
            now: what is known of the columns.
            told: the changes.
            anew: whether all tokens are made again, changed or not.
            put: whether there are to be tokens at all.

        Raises:

            UniqueViolation: a unique key with a sealed column is taken; it names the entity's index and columns.
        """
        gone = [before["id"] for before, after, _ in told if before is not None and after is None]
        stay = [(before, after, whose) for before, after, whose in told if after is not None]
        for table in _TABLES:
            await _many(database, _DROP_ALL.format(table=table), [(id,) for id in gone])
        await self._tokens(database, now, stay, anew, put)
        for unique in self._uniques:
            await self._unique(database, now, unique, stay, anew, put)
        moved = [
            (after["id"], whose)
            for before, after, whose in stay
            if before is not None and any(before.get(c) != after.get(c, before.get(c)) for c in self._owners)
        ]
        for table in _TABLES:
            await _many(database, _MOVE.format(table=table), moved)

    async def _tokens(self, database: Database, now: Known, told: Iterable[Told], anew: bool, put: bool) -> None:
        drop: list[tuple[UUID, int]] = []
        new: list[tuple[UUID, int, int, UUID, UUID | None]] = []
        for field in self._searched:
            indexes = now.indexes.get(field.field, ())
            kept = put and now.state(field.field) in _KEPT
            column, text = field.column, self._kinds[field.column].text
            for before, after, whose in told:
                if after is None or column not in after:
                    continue
                value, was = after[column], None if before is None else before.get(column, ...)
                if before is not None and value == was and not anew:
                    continue
                if was is not None or anew:
                    drop += [(after["id"], index.number) for index in indexes]
                if value is not None and kept:
                    new += [
                        (ids.new(), index.number, token, after["id"], whose)
                        for index in indexes
                        for token in index.tokens(text(value))
                    ]
        await _many(database, _DROP.format(table=_TABLES[0]), drop)
        await _many(database, _PUT.format(table=_TABLES[0]), new)

    async def _unique(
        self, database: Database, now: Known, unique: UniqueKey, told: Iterable[Told], anew: bool, put: bool
    ) -> None:
        sealed = [self._field_of[column] for column in unique.columns if column in self._field_of]
        kept = put and all(now.state(field) in _KEPT for field in sealed)
        drop: list[tuple[UUID, int]] = []
        new: list[tuple[UUID, int, str, UUID, UUID | None]] = []
        for index in now.indexes.get(unique.name, ()):
            for before, after, whose in told:
                if after is None:
                    continue
                row = after if before is None else {**before, **after}
                parts = unique.parts(row)
                was = None if before is None else unique.parts(before)
                if before is not None and parts == was and not anew:
                    continue
                if was is not None or anew:
                    drop.append((after["id"], index.number))
                if parts is not None and kept:
                    new.append((ids.new(), index.number, index.unique(parts), after["id"], whose))
        await _many(database, _DROP.format(table=_TABLES[1]), drop)
        try:
            await _many(database, _PUT.format(table=_TABLES[1]), new)
        except UniqueViolation as taken:
            raise UniqueViolation(unique.name, unique.entity.tablename, unique.columns) from taken


async def forget(database: Database, subjects: Sequence[UUID], records: Sequence[UUID]) -> None:
    """Delete the tokens of what is about some subjects, and of some records, in the transaction that erases them."""
    for table in _TABLES:
        await _many(database, f"delete from {table} where subject_id = $1", [(id,) for id in subjects])
        await _many(database, _DROP_ALL.format(table=table), [(id,) for id in records])


async def _many(database: Database, sql: str, rows: Sequence[Sequence[object]]) -> None:
    if len(rows) == 1:
        await database.execute(sql, *rows[0])
    elif rows:
        await database.execute_many(sql, rows)
