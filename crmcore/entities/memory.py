"""What a lot knows without asking the database again: rows that are held back, and rows that were read."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

from crmcore.entities import many
from crmcore.entities.entity import Entity
from crmcore.entities.kinds import ID
from crmcore.entities.pending import Pending
from crmcore.entities.remembered import Remembered
from crmcore.entities.store import Row
from crmcore.entities.writing import Held

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from crmcore.entities.work import Work

__all__ = ["Memory"]


class Memory:
    """Rows by equal columns, as the database would give them if it had everything.

    Attributes:

        work: the unit of work.
    """

    def __init__(self, work: Work) -> None:
        self.work = work
        self._pending, self._remembered, self._held = Pending(), Remembered(), Held()
        self._writer: asyncio.Task[Any] | None = None

    def get(self, entity: Entity, id: UUID) -> Row | None:
        """Return a row that is held back, None if it is not."""
        found = self._pending.get(id)
        return dict(found[1]) if found is not None and found[0] is entity else None

    async def find(self, entity: Entity, equals: Mapping[str, Any], *, deleted: bool = False) -> list[Row] | None:
        """Return the rows with equal columns, as `Work.find` does; None if that cannot be told from memory.

        Args:

            entity: whose rows.
            equals: columns and what they hold.
            deleted: by id alone: whether a deleted record will do.
        """
        columns = tuple(sorted(equals))
        values = tuple([equals[column] for column in columns])
        changes = self._held.changes.get(entity.name)
        if changes and any(column in changed for changed in changes.values() for column in columns):
            return None
        try:
            there = self._remembered.get(entity.name, columns, values)
            held = self._pending.find(entity.name, columns, values)
        except TypeError:  # a JSON value, which has no hash
            return None
        if there is None:
            # To what is not written yet, nothing leads that is written.
            new = any(value in self._pending and entity.facts[c].kind is ID for c, value in equals.items())
            there = [] if new else await self._ask(entity, columns, values)
        found = [{**row, **changes.get(row["id"], {})} if changes else dict(row) for row in there]
        found += [dict(row) for row in held]
        return [row for row in found if deleted or not entity.soft_delete or row["deleted_at"] is None]

    async def foresee(self, entity: Entity, columns: tuple[str, ...], wanted: Iterable[tuple[Any, ...]]) -> list[Row]:
        """Read many rows at once that `find` is going to be asked for one by one.

        Args:

            entity: whose rows.
            columns: in the order of the alphabet.
            wanted: what these hold, none of it null; texts as they are stored.

        Returns:

            what was read now.
        """
        new = [v for v in dict.fromkeys(wanted) if self._remembered.get(entity.name, columns, v) is None]
        found: dict[tuple[Any, ...], list[Row]] = {values: [] for values in new}
        if new:
            async with self._unhindered():
                for row in await many.select_any(self.work.database, entity, columns, new):
                    found[tuple([row[column] for column in columns])].append(row)
        for values, rows in found.items():
            self._remembered.put(entity.name, columns, values, rows)
        return [row for rows in found.values() for row in rows]

    async def least(self, entity: Entity, column: str, link: str, id: UUID) -> Any:
        """Return the least value that live rows hold in a column, among those with a link to a record; None without rows."""
        asked = (column, link, id)
        there = self._remembered.least(entity.name, asked)
        if there is None:
            async with self._unhindered():
                there = (await many.least(self.work.database, entity, column, link, id),)
            self._remembered.put_least(entity.name, asked, *there)
        held = [row[column] for row in self._pending.find(entity.name, (link,), (id,)) if row.get("deleted_at") is None]
        return min((value for value in (*there, *held) if value is not None), default=None)

    @asynccontextmanager
    async def _unhindered(self) -> AsyncIterator[None]:
        before, self._writer = self._writer, asyncio.current_task()
        try:
            yield
        finally:
            self._writer = before

    async def _ask(self, entity: Entity, columns: tuple[str, ...], values: tuple[Any, ...]) -> list[Row]:
        async with self._unhindered():
            rows = await many.select_equal(self.work.database, entity, dict(zip(columns, values, strict=True)))
        self._remembered.put(entity.name, columns, values, rows)
        return rows
