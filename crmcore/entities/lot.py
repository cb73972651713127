"""What many calls of one transaction write, held back so that it is written together.

Nobody can tell: before a statement that might see what is held back, and before any other that writes, it is written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from crmcore.database.reading import only_reads
from crmcore.entities.entity import Entity
from crmcore.entities.memory import Memory
from crmcore.entities.store import Row
from crmcore.entities.writing import Broken, Held, write
from crmcore.errors import Unavailable

if TYPE_CHECKING:
    from crmcore.entities.work import Work

__all__ = ["Lot", "Mark"]


class Mark(NamedTuple):
    """A point to which a lot can go back as long as nothing was written since."""

    done: int
    writes: int
    events: int
    jobs: int


class Lot(Memory):
    """What is held back.

    Attributes:

        broken: whether the database refused some of it; then nothing of the lot may be kept.
    """

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self.broken = False
        self._done: list[Callable[[], Any]] = []
        self._writes = 0
        self._aside = False
        self._turn = asyncio.Lock()

    # -- what the unit of work does -------------------------------------------------------------------------------

    async def insert(self, entity: Entity, row: Row, *, check: bool = False) -> None:
        """Take a new row; `check` says that the actor's rules have to be asked whether they reach it."""
        self._pending.add(entity, row)
        self._done.append(partial(self._take_back, entity, row["id"], check))
        if entity.found_as:
            self._find_anew(entity, row)
        if check:
            self._held.unchecked.setdefault(entity.name, {})[row["id"]] = None
            if entity.guarded_by or entity.narrow:
                # The rule looks at other rows than this, which may be others in a moment.
                await self.write()

    def update(self, id: UUID, values: Mapping[str, Any]) -> bool:
        """Change a row that is held back; say whether it is."""
        found = self._pending.get(id)
        if found is None:
            return False
        entity, before = found
        row = {**before, **values}
        self._pending.replace(id, row)
        self._done.append(partial(self._pending.replace, id, before))
        if entity.found_as:
            self._find_anew(entity, before)
            self._find_anew(entity, row)
        return True

    def change(self, entity: Entity, id: UUID, values: Mapping[str, Any]) -> bool:
        """Change columns of a row, held back or not, by which nothing is found; say whether that will do."""
        if self.update(id, values):
            return True
        if not set(entity.searched).isdisjoint(values):
            return False
        changes = self._held.changes.setdefault(entity.name, {})
        before = changes.get(id)
        changes[id] = {**(before or {}), **values}
        self._done.append(partial(_restore, changes, id, before))
        return True

    # -- going back -----------------------------------------------------------------------------------------------

    def mark(self) -> Mark:
        """Return where the lot stands."""
        return Mark(len(self._done), self._writes, len(self.work.events), len(self.work.jobs))

    def undo(self, mark: Mark) -> bool:
        """Go back to a mark; say whether that was possible."""
        if mark.writes != self._writes:
            return False
        while len(self._done) > mark.done:
            self._done.pop()()
        del self.work.events[mark.events :], self.work.jobs[mark.jobs :]
        return True

    def holds_since(self, mark: Mark) -> bool:
        """Say whether something has been held back since a mark."""
        return len(self._done) > mark.done

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Have each statement run at once while the block runs; nothing may be held back when it begins."""
        self.work.lot, self._aside = None, True
        try:
            yield
        finally:
            self.work.lot, self._aside = self, False

    # -- what the database asks of it -----------------------------------------------------------------------------

    async def before(self, sql: str) -> None:
        """Write what a statement might see or need; called before every statement of the transaction."""
        if self._writer is not None and self._writer is asyncio.current_task():
            return
        if not only_reads(sql):
            self._remembered.forget(sql, self.work.entities)
            await self.write()
            self._writes += 1
        elif self._turn.locked() or self._holds(sql):
            await self.write()

    def drop(self) -> None:
        """Forget what is held back: a savepoint that it was made in is undone."""
        if self._aside:
            return  # nothing is, and what was read was read before
        self._pending.clear()
        self._remembered.clear()
        self._held, self._done = Held(), []

    async def write(self) -> None:
        """Write all of it.

        Raises:

            Broken: the database refuses a part.
            Unavailable: a passing reason; the whole unit may be done again.
        """
        async with self._turn:
            if not (self._pending or self._held):
                return
            groups, held = self._pending.groups, self._held
            for group in groups:
                for row in group.rows.values():
                    self._remembered.drop(group.entity.name, self._pending.keys(group.entity.name, row))
            self._remembered.drop_all(held.changes)
            self._pending.clear()
            self._held, self._done = Held(), []
            self._writes += 1
            try:
                async with self._unhindered():
                    await write(self.work, groups, held)
            except (Broken, Unavailable):
                self.broken = True
                raise
            except Exception as refused:
                self.broken = True
                raise Broken from refused

    # -- inside ---------------------------------------------------------------------------------------------------

    def _holds(self, sql: str) -> bool:
        return self._pending.named(sql) or any(
            changed and self.work.entities[name].tablename in sql for name, changed in self._held.changes.items()
        )

    def _find_anew(self, entity: Entity, row: Mapping[str, Any]) -> None:
        link = entity.found_as or ""
        id = row[link]
        found = self._held.found.setdefault(entity.facts[link].target or entity.name, {})
        if id is not None and entity.searched and id not in found:
            found[id] = None
            self._done.append(partial(_restore, found, id, None))

    def _take_back(self, entity: Entity, id: UUID, checked: bool) -> None:
        self._pending.remove(id)
        self.work.known.discard((entity.name, id))
        if checked:
            self._held.unchecked[entity.name].pop(id)


def _restore(kept: dict[UUID, Any], id: UUID, before: Any) -> None:
    """Put back what a dict had before; None is nothing."""
    if before is None:
        del kept[id]
    else:
        kept[id] = before
