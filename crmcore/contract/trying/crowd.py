"""Many records like one: what a page of them costs shows only when there are many."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from crmcore.contract.trying.records import Records
from crmcore.database import ids
from crmcore.database.schema import declared_indexes
from crmcore.entities.entity import Entity
from crmcore.entities.kinds import BIGINT, DATE, FLOAT, INSTANT, INT, TEXT
from crmcore.entities.store import Row
from crmcore.entities.work import Work

__all__ = ["Crowd"]


class Crowd:
    """Copies records past all rules, each of the plugin's hanging on a copy of its own of what it hangs on.

    Args:

        records: gives the record of each entity that is copied.
        size: how many copies of each.
    """

    def __init__(self, records: Records, size: int) -> None:
        self._records, self._size = records, size
        self._copies: dict[str, list[UUID]] = {}

    async def gather(self, entities: Iterable[str]) -> None:
        """Make the copies."""
        crm = self._records.crm
        for name in entities:
            await self._records.row(name)

        async def unit(work: Work) -> None:
            for name in entities:
                await self._copy(work, crm.entities[name])
            work.events.clear()

        await crm.run(await crm.actor(None), unit)

    async def _copy(self, work: Work, kind: Entity) -> list[UUID]:
        if kind.name in self._copies:
            return self._copies[kind.name]
        self._copies[kind.name] = []  # links in a circle lead to the first record
        row = await self._records.row(kind.name)
        linked = {
            column: await self._copy(work, work.entities[target])
            for column, target in _links(kind, row)
            if target != kind.name and target in self._records.known
        }
        unique = {c for index in declared_indexes(kind.table) if index.unique for c in index.columns}
        made: list[UUID] = []
        for number in range(self._size):
            changed = {column: there[number] for column, there in linked.items() if there}
            changed |= {c: _other(row[c], kind, c, number) for c in unique if c not in changed and c in row}
            id = ids.new()
            await work.insert(kind.name, {**row, **changed, "id": id})
            made.append(id)
        self._copies[kind.name] = made
        return made


def _links(kind: Entity, row: Row) -> list[tuple[str, str]]:
    found = []
    for column, said in kind.facts.items():
        if said.target is not None and column != "id" and row.get(column) is not None:
            target = row.get(f"{column.removesuffix('_id')}_type") if said.target == "*" else said.target
            found.append((column, str(target)))
    return found


def _other(value: Any, kind: Entity, column: str, number: int) -> Any:
    said = kind.facts[column]
    if said.kind is TEXT and isinstance(value, str) and said.target is None and not column.endswith("_type"):
        return f"{value[:200]}{number}"
    if said.kind in (INT, BIGINT, FLOAT) and value is not None:
        return value + number + 1
    if said.kind in (INSTANT, DATE) and value is not None:
        return value + timedelta(days=number + 1)
    return value
