"""Emptying what is personal in rows, so that neither table, search nor change feed has it any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from crmcore.database.arrays import members
from crmcore.entities import store
from crmcore.entities.entity import Entity
from crmcore.entities.store import Row
from crmcore.entities.work import Work
from crmcore.events import Updated
from crmcore.events.rewriting import redact
from crmcore.search import keeping
from crmcore.subjects.classified import emptied, personal_columns, told

__all__ = ["blank", "stored"]

_AT_ONCE = 500


async def blank(
    work: Work,
    entity: str,
    ids: Sequence[UUID],
    *,
    columns: Sequence[str] | None = None,
    also: Mapping[str, Any] | None = None,
) -> int:
    """Empty columns of some records, in the table and in all that the feed tells of them; what follows is told as an update.

    The entity's rules are not asked: what a person has a right to is not for them to refuse. Sealed values that cannot be
    empty stay, as ciphertext.

    Args:

        work: the unit of work.
        entity: entity name.
        ids: the records.
        columns: which columns; None is all that hold personal data.
        also: other columns and what they are to hold.

    Returns:

        How many rows were changed.
    """
    kind = work.entities[entity]
    wanted = personal_columns(kind) if columns is None else tuple(columns)
    changed = 0
    for start in range(0, len(ids), _AT_ONCE):
        few = ids[start : start + _AT_ONCE]
        changed += await _blank(work, kind, await stored(work, kind, few), wanted, dict(also or {}))
        await redact(work.database, kind, few, wanted)
    return changed


async def stored(work: Work, kind: Entity, ids: Sequence[UUID]) -> list[Row]:
    """Read rows as they are stored, locked: what is sealed stays so."""
    lock = " for update of t" if work.database.dialect == "postgresql" else ""
    inside = members(work.database.dialect, "$1", "uuid")
    sql = f"select t.* from {kind.tablename} t where t.id in ({inside}) order by t.id{lock}"
    return [store.read(kind, raw) for raw in await work.database.fetch_dicts(sql, list(ids))]


async def _blank(work: Work, kind: Entity, rows: Sequence[Row], columns: tuple[str, ...], also: Row) -> int:
    changes: list[tuple[Row, Row, frozenset[str]]] = []
    for row in rows:
        empty = {**emptied(kind, row, columns), **also}
        different = frozenset(column for column, value in empty.items() if row[column] != value)
        if different:
            after = {**row, **empty, **work.stamps(kind, created=False)}
            if "version" in row:
                after["version"] = row["version"] + 1
            changes.append(({**row, **empty, **{c: row[c] for c in also}}, after, different))
    if not changes:
        return 0
    await _write(work, kind, [after for _, after, _ in changes], (*columns, *also))
    for before, after, different in changes:
        rows_told = {"before": told(kind, before), "after": told(kind, after)}
        await work.emit(work.event(Updated, kind, after["id"], **rows_told, changed=different))
    return len(changes)


async def _write(work: Work, kind: Entity, rows: Sequence[Row], columns: Sequence[str]) -> None:
    stamps = [c for c in ("version", "updated_at", "updated_by") if c in kind.columns]
    written = tuple(dict.fromkeys((*columns, *stamps)))
    sets = ", ".join(f"{column} = ${place}" for place, column in enumerate(written, 2))
    sql = f"update {kind.tablename} set {sets} where id = $1"
    await work.database.execute_many(sql, [(row["id"], *store.bound(kind, written, row)) for row in rows])
    if kind.searched:
        await keeping.written(work.database, work.entities, kind, rows)
